package main

import (
	"cmp"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim"
)

// What a lab and a trial take beside the load, as seen on a quiet machine with two processors.
const (
	perNode  = 250 * time.Millisecond  // to bring it up
	perEnd   = 150 * time.Millisecond  // to take another's away
	perStart = 5 * time.Second         // until the mechanisms are steady
	perLink  = 600 * time.Millisecond  // to calibrate it
	perTrial = 1500 * time.Millisecond // the steady state again, the targets, late answers
)

// step is a part of what a lab does: for how long, and how much of the room it takes meanwhile.
type step struct {
	length time.Duration
	share  int64 // 0: it may go on beside everything
}

// stepsOf lists what a lab does for its plans. Without room nothing has a share.
func stepsOf(plans []plan.Plan, group []int, room *sim.Room) []step {
	t := plans[group[0]].Topology
	nodes := time.Duration(len(t.Nodes) + len(t.WAN) + len(t.Origins) + len(t.Users))
	steps := []step{{nodes * (perNode + perEnd), room.Size()}, {perStart + time.Duration(len(t.WAN))*perLink, 0}}
	for _, i := range group {
		for _, t := range plans[i].Trials {
			steps = append(steps, step{lengthOfTrial(plans[i], t) - perTrial, room.Share(plans[i])}, step{perTrial, 0})
		}
	}
	return steps
}

// lengthOfTrial is how long a trial of a plan takes, with what comes before and after its load.
func lengthOfTrial(p plan.Plan, t plan.Trial) time.Duration {
	return p.End + t.Phase + perTrial
}

// lengthOf is how long a lab takes for its plans when no other is beside it.
func lengthOf(plans []plan.Plan, group []int) time.Duration {
	var length time.Duration
	for _, s := range stepsOf(plans, group, nil) {
		length += s.length
	}
	return length
}

// schedule puts the labs in the order in which they start and says how long all of them take, jobs side by side, if no
// trial is run again. In a lab
// the plans that take most of the room come first, and labs with such plans: they wait for each other then, and not for
// what is small. Else the longest start first, so that none is left alone at the end.
func schedule(plans []plan.Plan, jobs int, room *sim.Room) (groups [][]int, length time.Duration) {
	groups = labs(plans)
	share := func(i int) int64 { return room.Share(plans[i]) }
	for _, g := range groups {
		slices.SortStableFunc(g, func(i, j int) int { return cmp.Compare(share(j), share(i)) })
	}
	if jobs > 1 {
		slices.SortStableFunc(groups, func(a, b []int) int {
			return cmp.Or(cmp.Compare(share(b[0]), share(a[0])), cmp.Compare(lengthOf(plans, b), lengthOf(plans, a)))
		})
	}
	var todo [][]step
	for _, g := range groups {
		todo = append(todo, stepsOf(plans, g, room))
	}
	return groups, play(todo, jobs, room.Size())
}

// play goes through the steps of labs, jobs side by side, as sim.Room lets them: first in, first out, so that large
// requests are not starved by small ones.
func play(todo [][]step, jobs int, size int64) (now time.Duration) {
	type place struct {
		left []step // of its lab, the one under way first
		ends time.Duration
		runs bool
	}
	places := make([]*place, 0, jobs)
	var queue []*place // who waits for room
	free := size
	for {
		for len(places) < jobs && len(todo) > 0 {
			p := &place{left: todo[0]}
			todo, places, queue = todo[1:], append(places, p), append(queue, p)
		}
		for len(queue) > 0 && queue[0].left[0].share <= free {
			p := queue[0]
			queue, free = queue[1:], free-p.left[0].share
			p.ends, p.runs = now+p.left[0].length, true
		}
		var next *place
		for _, p := range places {
			if p.runs && (next == nil || p.ends < next.ends) {
				next = p
			}
		}
		if next == nil {
			return now
		}
		now, next.runs, free = next.ends, false, free+next.left[0].share
		if next.left = next.left[1:]; len(next.left) == 0 {
			places = slices.DeleteFunc(places, func(p *place) bool { return p == next })
			continue
		}
		if next.left[0].share == 0 { // waits for nobody
			next.ends, next.runs = now+next.left[0].length, true
			continue
		}
		queue = append(queue, next)
	}
}
