package docker

import (
	"context"
	"io"
	"time"

	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/client"

	"github.com/seed-ab8b6914/spof/reason"
)

// answerWithin bounds the question why a container ended. The engine answers in milliseconds.
const answerWithin = 2 * time.Second

// whyGone asks the engine why a container ended. io.EOF: the engine does not know, or does not answer.
func (e *engine) whyGone(id string) error {
	ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
	defer cancel()
	told := e.api.Events(ctx, client.EventsListOptions{
		Since: "1", Filters: client.Filters{}.Add("type", string(events.ContainerEventType)).Add("container", id),
	})
	var cause error
	for {
		select {
		case m := <-told.Messages:
			if next := causeOf(m); next != nil && cause == nil {
				cause = next
			}
			if m.Action == events.ActionDie && cause != nil {
				return cause
			}
		case <-told.Err:
			if cause == nil {
				cause = io.EOF
			}
			return cause
		}
	}
}

// causeOf is the cause of a container's end that an event shows; nil if it shows none.
func causeOf(m events.Message) error {
	switch m.Action {
	case events.ActionOOM:
		return reason.Errorf("node-out-of-memory", "the kernel killed a process of its container, which used all of its %d MiB of memory", nodeMemory>>20)
	case events.ActionKill:
		return reason.Errorf("node-killed", "the engine was told to kill its container, as `spof clean --lab` and `docker rm -f` do")
	case events.ActionDie:
		return reason.Errorf("node-ended", "its container ended with exit code %s", m.Actor.Attributes["exitCode"])
	}
	return nil
}
