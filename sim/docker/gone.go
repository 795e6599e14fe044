package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/client"
)

// tellWithin bounds how long the engine is asked why a container has ended; it answers in milliseconds.
const tellWithin = 2 * time.Second

// whyGone asks the engine why a container has ended that nobody of this lab ended. io.EOF: the engine does not tell, or is gone itself.
func (e *engine) whyGone(id string) error {
	ctx, cancel := context.WithTimeout(context.Background(), tellWithin)
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

// causeOf says what an event of a container tells of its end; nil: nothing.
func causeOf(m events.Message) error {
	switch m.Action {
	case events.ActionOOM:
		return fmt.Errorf("the kernel killed a process of its container, which has used all of its %d MiB of memory", nodeMemory>>20)
	case events.ActionKill:
		return errors.New("the engine was told to kill its container, as `spof clean --lab` or `docker rm -f` do")
	case events.ActionDie:
		return fmt.Errorf("its container ended with exit code %s", m.Actor.Attributes["exitCode"])
	}
	return nil
}
