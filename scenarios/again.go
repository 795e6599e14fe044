package scenarios

import (
	"math/rand/v2"
	"sort"
	"time"
)

// Again gives the next attempt of a trial: another phase of the same stratum, and a seed of its own. Both follow from the
// trial's seed, so that the same plan has the same attempts. The plan itself, and its hash, stay as they are.
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

// stratumOf is the stratum [lo, hi) that a phase lies in.
func (p *Plan) stratumOf(phase time.Duration) (lo, hi time.Duration) {
	n := len(p.Trials)
	i := sort.Search(n, func(i int) bool { return p.stratum(i+1, n) > phase })
	return p.stratum(i, n), p.stratum(i+1, n)
}
