package analyze

import (
	"cmp"
	"slices"

	"github.com/seed-ab8b6914/spof/sim/trace"
)

// Again says why a trial is worth another attempt: it proved nothing, for a reason that may be gone by then. Empty: it has a
// verdict, which another attempt must not change, or every attempt would end like this one: its plan can prove nothing, or
// expects what is not measured.
func (t *Trial) Again() string {
	if t.Verdict != Inconclusive || len(t.reasons) == 0 || t.hopeless {
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

// unlike says why the attempts are no complete set of trials of one plan.
func (a *Attempts) unlike() []reason {
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

// standing tells the attempts that count, one of each trial, from those that another one replaces. Of the attempts of a
// trial the first with a verdict counts, whatever was run after it; where none has one, the first that shows something, or
// else the first.
func standing(attempts []attempt) (counts, repeated []Trial) {
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

// rank is what an attempt says: 2 a verdict, 1 something, 0 nothing.
func (t *Trial) rank() int {
	switch {
	case t.Verdict != Inconclusive:
		return 2
	case !t.void:
		return 1
	}
	return 0
}
