package analyze

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// What a trial needs to prove anything.
const (
	leastBaseline     = scenarios.LeastBaseline
	missingSamplesCap = 0.001 // largest share of the due requests that may have no sample: rounding per user group explains it
)

// reason is why a trial does not pass. A cell lists reasons with the same code and the same about only once.
type reason struct {
	code  string // names the kind of reason, see package reason
	about string // the fault, node or bound that the reason is about; empty: a trial has at most one reason of this code
	text  string
}

func because(code, about, format string, args ...any) reason {
	return reason{code, about, fmt.Sprintf(format, args...)}
}

// of gives a doubt the code of the range that causes it, if that has one.
func (why reason) of(g Range) reason {
	why.code = cmp.Or(g.code, why.code)
	return why
}

// void returns the reasons why a trial shows nothing: required data is missing, or the trial did not follow its plan. A void trial is
// inconclusive, whatever it measured.
func (r *run) void() []reason {
	var why []reason
	add := func(code, about, format string, args ...any) {
		why = append(why, because(code, about, format, args...))
	}
	if r.broken != "" {
		add("trial-broken-off", "", "the trial was not finished: %s", r.broken)
	}
	if r.idle {
		add("no-load", "", "the plan has no load")
	}
	for _, f := range r.faults {
		switch {
		case f.effect == nil:
			add("no-effect", f.ID, "the effect of fault %s (%s%s) was not proven", f.ID, f.Kind, f.on())
		case f.recoverEffect == nil:
			add("no-repair-effect", f.ID, "the repair of fault %s (%s%s) was not proven", f.ID, f.Kind, f.on())
		}
	}
	for _, e := range r.events {
		if e.Kind == proxy.EventFailed && e.At < r.end {
			add("chassis-failed", e.Node, "the chassis of %s failed at %.2f s: %s", e.Node, float64(e.At)/1e9, e.Text)
		}
	}
	due := int(r.due(0, clamp(int64(r.plan.End+r.phase))))
	if missing := due - len(r.samples); float64(missing) > max(float64(len(r.plan.Topology.Users)), missingSamplesCap*float64(due)) {
		add("samples-missing", "", "%d of %d requests have no sample", missing, due)
	}
	if n := count(r.afterWarmUp(), func(s trace.Sample) bool { return s.Outcome == load.NotSent }); n > 0 {
		add("requests-not-sent", "", "the load generator could not send %d requests", n)
	}
	if len(r.faults) == 0 {
		if n := len(r.window()); n < leastBaseline {
			add("few-requests", "", "only %d requests were measured; a verdict needs at least %d", n, leastBaseline)
		}
		return why
	}
	return append(why, r.weakBaseline()...)
}

// on returns " on " and the place of a fault; empty if the trace has no event of the fault.
func (f *injection) on() string {
	if f.node == "" {
		return ""
	}
	return " on " + f.place()
}

// weakBaseline returns the reasons why the fault cannot be compared with the baseline: too few requests or too many losses before the fault,
// or a fault that was too short.
func (r *run) weakBaseline() []reason {
	var why []reason
	if n := len(r.baseline); n < leastBaseline {
		why = append(why, because("few-baseline-requests", "", "only %d requests before the fault; the baseline needs at least %d", n, leastBaseline))
	} else if ok := 1 - ratio(count(r.baseline, r.standard.lost), n); ok < r.standard.theta {
		why = append(why, because("dirty-baseline", "", "only %s of the requests succeeded in time before any fault", percent(ok)))
	}
	lasted := r.repair - r.effect
	if n := len(r.between(r.effect, r.repair)); r.proven && (lasted < r.standard.window || n < leastJudged) {
		why = append(why, because("short-fault", "", "the fault lasted %s and had %d requests; the least for a verdict is %s and %d requests",
			duration(ms(lasted)), n, duration(ms(r.standard.window)), leastJudged))
	}
	return why
}

// doubts returns what did not follow the plan in a trial that is not void. A trial with a doubt cannot pass, but it can fail.
func (r *run) doubts(crossCheck string) []reason {
	var why []reason
	if crossCheck != "" {
		why = append(why, because("uneven-load", "", "the load was uneven: %s", crossCheck))
	}
	for _, e := range r.events {
		if e.Kind == proxy.EventServiceExit && e.At >= 0 && e.At < r.end && !r.explained(e) {
			why = append(why, because("service-ended", e.Node+"/"+e.Service, "%s on %s ended by itself at %.2f s, and no fault of the plan explains it (%s)",
				e.Service, e.Node, float64(e.At)/1e9, e.Text))
		}
	}
	return why
}

// explained reports whether a fault of the plan explains why a service ended by itself (fault.Kind.Ends). Then the end is a result, not a
// doubt.
func (r *run) explained(exit trace.Event) bool {
	return slices.ContainsFunc(r.faults, func(f injection) bool {
		kind, _ := fault.Of(f.Kind)
		return kind.Ends && f.node == exit.Node && f.service == exit.Service &&
			f.asked != nil && f.asked.At <= exit.At && (f.recoverEffect == nil || exit.At <= f.recoverEffect.At)
	})
}
