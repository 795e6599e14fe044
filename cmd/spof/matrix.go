package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios/campaign"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/topology"
)

// narrow leaves out the plans that the runtime does not support. Then it leaves out a plan if the scenario gives the same result on a simpler
// design that is kept. left has the reason for each.
func narrow(rt sim.Runtime, plans []plan.Plan) (kept []plan.Plan, left []analyze.Skipped) {
	leave := func(p plan.Plan, code, why string) {
		left = append(left, analyze.Skipped{Topology: p.Topology.Name, Scenario: p.Scenario.Name, Reason: why, Code: code})
	}
	designs := map[string][]*topology.Topology{} // that the runtime supports, by scenario
	var can []plan.Plan
	for _, p := range plans {
		if err := sim.Supports(rt, p); err != nil {
			leave(p, firstCode(err), err.Error())
			continue
		}
		can = append(can, p)
		designs[p.Scenario.Name] = append(designs[p.Scenario.Name], &p.Topology)
	}
	for _, p := range can {
		if why := campaign.StandsFor(&p.Scenario, designs[p.Scenario.Name])[p.Topology.Name]; why.Code != "" {
			leave(p, why.Code, why.Text)
			continue
		}
		kept = append(kept, p)
	}
	return kept, left
}

// labs groups plans by their topology, as indices. One lab runs the plans of a group, one after another.
func labs(plans []plan.Plan) [][]int {
	var groups [][]int
	at := map[string]int{}
	for i, p := range plans {
		g, ok := at[p.Topology.Name]
		if !ok {
			g = len(groups)
			at[p.Topology.Name] = g
			groups = append(groups, nil)
		}
		groups[g] = append(groups[g], i)
	}
	return groups
}

// labRun runs the plans of one lab.
type labRun func(context.Context, []plan.Plan) error

// runLabs runs the groups of plans, at most jobs labs side by side. broke has the error of the lab for each plan. A lab that fails cancels the
// others, unless onward is set. err is the cause of the cancellation, or else joins the errors of the labs.
func runLabs(ctx context.Context, plans []plan.Plan, groups [][]int, jobs int, onward bool, run labRun) (broke []error, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	broke = make([]error, len(plans))
	errs := make([]error, len(groups))
	slots := make(chan struct{}, jobs)
	var all sync.WaitGroup
	for n, group := range groups {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			mine := make([]plan.Plan, len(group))
			for k, i := range group {
				mine[k] = plans[i]
			}
			if errs[n] = context.Cause(ctx); errs[n] == nil {
				errs[n] = run(ctx, mine)
			}
			for _, i := range group {
				broke[i] = errs[n]
			}
			if errs[n] != nil && !onward {
				cancel(errs[n])
			}
		})
	}
	all.Wait()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return broke, cause
	}
	return broke, errors.Join(errs...)
}

// pace measures the progress of a run and estimates the remaining time.
type pace struct {
	w       io.Writer
	started time.Time
	total   time.Duration // of all trials, one after another
	cells   int

	mu    sync.Mutex
	done  int           // cells
	spent time.Duration // of total
}

func newPace(w io.Writer, plans []plan.Plan) *pace {
	p := &pace{w: w, started: time.Now(), cells: len(plans)}
	for _, plan := range plans {
		for i := range plan.Trials {
			p.total += lengthOfTrial(plan, plan.Trials[i])
		}
	}
	return p
}

// ended counts a trial, and its cell with its last trial. A repeated trial adds to the total.
func (p *pace) ended(plan plan.Plan, t plan.Trial) {
	p.mu.Lock()
	defer p.mu.Unlock()
	length := lengthOfTrial(plan, t)
	p.spent += length
	switch {
	case t.Attempt > 0:
		p.total += length
	case t.Index == len(plan.Trials)-1:
		p.done++
	}
}

// tell prints the progress and the remaining time.
func (p *pace) tell(say func(string, ...any)) {
	p.mu.Lock()
	done, share := p.done, float64(p.spent)/float64(p.total)
	p.mu.Unlock()
	if done < p.cells && share > 0 {
		left := time.Duration(float64(time.Since(p.started)) * max(0, 1/share-1))
		say("%d of %d cells done, about %s left", done, p.cells, roughly(left))
	}
}

// closing compares the estimate with the real time.
func (p *pace) closing(estimate time.Duration) {
	fmt.Fprintf(p.w, "took %s; the estimate was %s\n", roughly(time.Since(p.started)), roughly(estimate))
}

// roughly rounds a duration for people: 45 s, 21 min.
func roughly(d time.Duration) string {
	if d < 2*time.Minute {
		return fmt.Sprintf("%d s", int(d.Round(time.Second)/time.Second))
	}
	return fmt.Sprintf("%d min", int(d.Round(time.Minute)/time.Minute))
}
