package sim

import (
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// asideAgain is how often the steady state is looked at where no event tells of it.
const asideAgain = 100 * time.Millisecond

// setAside takes in that a balancer does without a server for a time. The caller holds the lock.
func (w *watch) setAside(e proxy.Event) {
	if w.aside[e.Node] == nil {
		w.aside[e.Node] = map[string]int64{}
	}
	w.aside[e.Node][e.Subject] = w.clock.Now() + int64(e.For)
}

// setAsideNow says which servers are out of service for a time. The caller holds the lock.
func (w *watch) setAsideNow() []string {
	var why []string
	now := w.clock.Now()
	for balancer, servers := range w.aside {
		for server, until := range servers {
			if until > now {
				why = append(why, fmt.Sprintf("%s has %s set aside for another %s", balancer, server, time.Duration(until-now).Round(time.Millisecond)))
			}
		}
	}
	return why
}
