package analyze

import (
	"cmp"
	"slices"

	"github.com/seed-ab8b6914/spof/sim/trace"
)

// Again says why a trial should be run again: it is inconclusive for a reason that another attempt may not have. It is empty for a trial
// that passed or failed, and for one that no attempt can decide: by its plan, or because it expects a measure that it does not have.
func (t *Trial) Again() string {
	if t.Verdict != Inconclusive || len(t.reasons) == 0 || t.unprovable {
		return ""
	}
	if slices.ContainsFunc(t.reasons, func(r reason) bool { return r.code == notMeasured }) {
		return ""
	}
	return string(t.Verdict) + ": " + t.reasons[0].text
}

// Attempts are the trials of one cell, each measured as its trace comes: no trace is kept, which may take a GiB.
type Attempts struct {
	first trace.Header // of the trial and attempt with the least numbers
	all   []attempt    // by trial and attempt
}

type attempt struct {
	Trial
	planHash, runtime string
}

func (a *attempt) compare(b *attempt) int {
	return cmp.Or(cmp.Compare(a.Trial.Trial, b.Trial.Trial), cmp.Compare(a.Attempt, b.Attempt))
}

// Add measures a trace, of whichever trial and attempt.
func (a *Attempts) Add(t *trace.Trace) Trial {
	one := attempt{TrialOf(t), t.Header.PlanHash, t.Header.Runtime}
	at := len(a.all)
	for at > 0 && a.all[at-1].compare(&one) > 0 {
		at--
	}
	a.all = slices.Insert(a.all, at, one)
	if at == 0 {
		a.first = t.Header
	}
	return one.Trial
}

// Trials counts the trials that were added, each with all its attempts as one.
func (a *Attempts) Trials() int {
	seen := map[int]bool{}
	for i := range a.all {
		seen[a.all[i].Trial.Trial] = true
	}
	return len(seen)
}

// problems says why the attempts are not a complete set of trials of one plan.
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

// selectAttempts separates the attempts that count, one per trial, from the repeated ones. Of the attempts of a
// trial the first with a verdict counts, whatever was run after it; where none has one, the first that shows something, or
// else the first.
func selectAttempts(attempts []attempt) (counts, repeated []Trial) {
	for len(attempts) > 0 {
		n := slices.IndexFunc(attempts, func(t attempt) bool { return t.Trial.Trial != attempts[0].Trial.Trial })
		if n < 0 {
			n = len(attempts)
		}
		best := 0
		for i, t := range attempts[:n] {
			if t.rank() > attempts[best].rank() {
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
