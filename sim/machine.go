package sim

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// meterWithin bounds the reading of a meter, which takes 1 ms on an idle machine.
const meterWithin = 5 * time.Second

// meter reads the number of bytes that each WAN link has carried, and in a trial without faults the processor time of each service. If a
// meter cannot be read, the trace has no reading of it, and the trial goes on.
func (x *execution) meter(ctx context.Context) {
	ctx, cancel := x.lab.Within(ctx, meterWithin, nil)
	defer cancel()
	var all sync.WaitGroup
	for _, name := range x.metered() {
		all.Go(func() {
			if err := x.lab.Node(name).Meter(ctx); err != nil {
				x.o.Observer.Note(fmt.Sprintf("the meter of %s: %v", name, err))
			}
		})
	}
	all.Wait()
}

// metered lists the nodes whose meters are read.
func (x *execution) metered() (names []string) {
	for _, link := range x.plan.Topology.WAN {
		names = append(names, link.Name)
	}
	if len(x.plan.Faults) > 0 {
		return names // the processor time of a service is read only where load is all that acts on it
	}
	for _, n := range x.plan.Topology.Nodes {
		names = append(names, n.Name)
	}
	return names
}

// watchWithin bounds how long an agent takes to begin or to end its watch of the machine: 0.1 s on an idle machine.
const watchWithin = 5 * time.Second

// watchMachine makes the measuring nodes watch the machines that they run on. It returns at once. leave ends the watch, and
// returns when all readings are in the trace. If a machine cannot be watched, the trace has no readings of it and the trial
// goes on.
func (x *execution) watchMachine(ctx context.Context) (leave func()) {
	var begun sync.WaitGroup
	nodes := x.measuring()
	watched := make([]bool, len(nodes))
	each := func(all *sync.WaitGroup, what string, do func(context.Context, int) error) {
		for i, name := range nodes {
			all.Go(func() {
				ctx, cancel := x.lab.Within(ctx, watchWithin, nil)
				defer cancel()
				if err := do(ctx, i); err != nil {
					x.o.Observer.Note(fmt.Sprintf("%s the machine of %s: %v", what, name, err))
				}
			})
		}
	}
	each(&begun, "watching", func(ctx context.Context, i int) error {
		err := x.lab.Node(nodes[i]).WatchMachine(ctx, x.lab.watch.Reading)
		watched[i] = err == nil
		return err
	})
	return func() {
		begun.Wait()
		if ctx.Err() != nil {
			return // the lab is closed next
		}
		var ended sync.WaitGroup
		each(&ended, "leaving", func(ctx context.Context, i int) error {
			if !watched[i] {
				return nil
			}
			return x.lab.Node(nodes[i]).LeaveMachine(ctx)
		})
		ended.Wait()
	}
}

// measuring lists the nodes whose own speed affects what is measured: those of the users and of the WAN links.
func (x *execution) measuring() (names []string) {
	for _, g := range x.plan.Topology.Users {
		names = append(names, g.Name)
	}
	for _, link := range x.plan.Topology.WAN {
		names = append(names, link.Name)
	}
	return names
}
