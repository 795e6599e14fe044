package analyze

import (
	"cmp"
	"slices"

	"github.com/seed-ab8b6914/spof/sim/trace"
)

// Again returns why a trial should be run again: the trial is inconclusive, and another attempt may not be. It is empty for a trial that
// passed or failed, and for a trial that no attempt can decide: its plan does not allow it, or an expected measure has no value.
func (t *Trial) Again() string {
	if t.Verdict != Inconclusive || len(t.reasons) == 0 || t.unprovable {
		return ""
	}
	if slices.ContainsFunc(t.reasons, func(r reason) bool { return r.code == notMeasured }) {
		return ""
	}
	return string(t.Verdict) + ": " + t.reasons[0].text
}

// Attempts collects the attempts at the trials of one cell. It measures each trace at once and does not keep it, because a trace may have
// a GiB.
type Attempts struct {
	first trace.Header // of the first attempt at the first trial
	all   []attempt    // sorted by trial, then by attempt
}

type attempt struct {
	Trial
	planHash, runtime string
}

func (a *attempt) compare(b *attempt) int {
	return cmp.Or(cmp.Compare(a.Trial.Trial, b.Trial.Trial), cmp.Compare(a.Attempt, b.Attempt))
}

// Judged is an attempt that was measured and judged, with its chart.
type Judged struct {
	Trial    Trial
	Timeline Timeline
	header   trace.Header
}

// Judge measures and judges the trace of one attempt, and gives the data of its chart. It sorts the samples of the trace, see TrialOf.
func Judge(t *trace.Trace) Judged {
	r := newRun(t)
	return Judged{r.trial(), r.timeline(t), t.Header}
}

// Add measures the trace of one attempt. Traces may come in any order.
func (a *Attempts) Add(t *trace.Trace) Trial {
	m := Judged{Trial: TrialOf(t), header: t.Header}
	a.Keep(m)
	return m.Trial
}

// Keep adds an attempt. Attempts may come in any order.
func (a *Attempts) Keep(m Judged) {
	one := attempt{m.Trial, m.header.PlanHash, m.header.Runtime}
	at := len(a.all)
	for at > 0 && a.all[at-1].compare(&one) > 0 {
		at--
	}
	a.all = slices.Insert(a.all, at, one)
	if at == 0 {
		a.first = m.header
	}
}

// Trials counts the trials that were added. All attempts at a trial count as one.
func (a *Attempts) Trials() int {
	seen := map[int]bool{}
	for i := range a.all {
		seen[a.all[i].Trial.Trial] = true
	}
	return len(seen)
}

// problems returns the reasons why the attempts are not a complete set of trials of one plan.
func (a *Attempts) problems() []reason {
	var why []reason
	if slices.ContainsFunc(a.all, func(one attempt) bool { return one.planHash != a.first.PlanHash || one.runtime != a.first.Runtime }) {
		why = append(why, because("mixed-plans", "", "the trials are not all of the same plan and runtime"))
	}
	for i := range len(a.all) - 1 {
		if a.all[i].compare(&a.all[i+1]) == 0 {
			why = append(why, because("repeated-trial", "", "a trial was recorded more than once"))
			break
		}
	}
	if seen, planned := a.Trials(), len(a.first.Plan.Trials); seen < planned {
		why = append(why, because("missing-trials", "", "only %d of %d trials were recorded", seen, planned))
	}
	return why
}

// selectAttempts separates the attempts that count, one per trial, from the repeated ones. The first attempt that passed or failed counts,
// whatever a later attempt gave. If there is none, the first attempt that is not void counts, or else the first.
func selectAttempts(attempts []attempt) (counts, repeated []Trial) {
	for len(attempts) > 0 {
		n := slices.IndexFunc(attempts, func(t attempt) bool { return t.Trial.Trial != attempts[0].Trial.Trial })
		if n < 0 {
			n = len(attempts)
		}
		best := 0
		for i, t := range attempts[:n] {
			if t.Supersedes(&attempts[best].Trial) {
				best = i
			}
		}
		for i, t := range attempts[:n] {
			if i == best {
				counts = append(counts, t.Trial)
			} else {
				repeated = append(repeated, t.Trial)
			}
		}
		attempts = attempts[n:]
	}
	return counts, repeated
}

// Supersedes reports whether a later attempt at a trial counts in place of an earlier one, see selectAttempts.
func (t *Trial) Supersedes(earlier *Trial) bool { return t.rank() > earlier.rank() }

// rank orders attempts: 2 passed or failed, 1 inconclusive with measures, 0 void.
func (t *Trial) rank() int {
	switch {
	case t.Verdict != Inconclusive:
		return 2
	case !t.Void:
		return 1
	}
	return 0
}
