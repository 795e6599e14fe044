package plan

import (
	"math/rand/v2"
	"sort"
	"time"
)

// MaxRetries bounds the further attempts of a trial.
const MaxRetries = 10

// Again gives the next attempt of a trial: another phase of the same stratum, and another seed. Both follow from the trial's seed, so
// a plan always has the same attempts. The plan and its hash do not change.
func (p *Plan) Again(t Trial) Trial {
	rng := rand.New(rand.NewPCG(t.Seed, streamAgain))
	lo, hi := p.stratumOf(t.Phase)
	t.Attempt++
	if len(p.Faults) > 0 {
		t.Phase = lo + time.Duration(rng.Int64N(max(1, int64(hi-lo))))
	}
	t.Seed = rng.Uint64()
	return t
}

// WithTrials gives the plan that Compile makes for another number of trials, from 1 to MaxTrials.
func (p *Plan) WithTrials(n int) Plan {
	other := *p
	other.draw(n, rand.New(rand.NewPCG(p.Seed, streamTrials)))
	return other
}

// Draws reports whether a trial is one of the plan's, or one of its first MaxRetries further attempts.
func (p *Plan) Draws(t Trial) bool {
	if t.Index < 0 || t.Index >= len(p.Trials) || t.Attempt > MaxRetries {
		return false
	}
	drawn := p.Trials[t.Index]
	for range t.Attempt {
		drawn = p.Again(drawn)
	}
	return drawn == t
}

// stratumOf is the stratum [lo, hi) of a phase.
func (p *Plan) stratumOf(phase time.Duration) (lo, hi time.Duration) {
	n := len(p.Trials)
	i := sort.Search(n, func(i int) bool { return p.stratum(i+1, n) > phase })
	return p.stratum(i, n), p.stratum(i+1, n)
}
