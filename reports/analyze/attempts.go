package analyze

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/sim/trace"
)

// Again says why a trial is worth another attempt: it proved nothing, for a reason that may be gone by then. Empty: it has a
// verdict, which another attempt must not change, or every attempt would end like this one: its plan can prove nothing, or
// expects what is not measured.
func (t *Trial) Again() string {
	if t.Verdict != Inconclusive || len(t.reasons) == 0 || t.hopeless {
		return ""
	}
	for _, r := range t.reasons {
		if strings.HasPrefix(r.key, unmeasured) {
			return ""
		}
	}
	return string(t.Verdict) + ": " + t.reasons[0].text
}

// InAttempts gives traces in the order of their trials, and those of one trial by their attempts.
func InAttempts(traces []*trace.Trace) []*trace.Trace {
	return slices.SortedStableFunc(slices.Values(traces), func(a, b *trace.Trace) int {
		return cmp.Or(cmp.Compare(a.Header.Trial, b.Header.Trial), cmp.Compare(a.Header.Drawn().Attempt, b.Header.Drawn().Attempt))
	})
}

// standing tells the attempts that count, one of each trial, from those that another one replaces. Of the attempts of a
// trial the first with a verdict counts, whatever was run after it; where none has one, the first that shows something, or
// else the first.
func standing(attempts []Trial) (counts, repeated []Trial) {
	for len(attempts) > 0 {
		n := slices.IndexFunc(attempts, func(t Trial) bool { return t.Trial != attempts[0].Trial })
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
				counts = append(counts, t)
			} else {
				repeated = append(repeated, t)
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
