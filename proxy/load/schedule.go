package load

import (
	"math"
	"math/rand/v2"
	"time"
)

// request is one request of the schedule.
type request struct {
	index  int
	due    time.Duration // from Spec.Start
	user   int
	origin int
	tunnel bool // HTTPS through CONNECT
	fresh  bool // on a connection of its own
	again  bool // sent a second time
	rank   int  // of the object that it asks for in the catalogue, from 1; 0: an object of its own
	tcp    resends
}

// schedule says what is due when. It is a pure function of the spec and the request's index: nothing that happens
// during the run changes it.
type schedule struct {
	count    int
	parts    []stretch // in the order of time
	turns    []int     // the users in the order of their turns
	origins  uint64
	tlsShare float64
	newShare float64
	seed     uint64
	objects  *popularity // nil: every request has an object of its own
}

// newSchedule shuffles the users once and lets them take turns in that order: each user sends the same number of
// requests (+-1), evenly spaced, so that the outage of one user has a known resolution of Users/Rate.
func newSchedule(s Spec) schedule {
	parts := stretches(float64(time.Second)/s.Rate, s.Surges)
	return schedule{
		count:    before(parts, s.Duration),
		parts:    parts,
		turns:    rand.New(rand.NewPCG(s.Seed, math.MaxUint64)).Perm(s.Users),
		origins:  uint64(len(s.Origins)),
		tlsShare: s.TLSShare,
		newShare: s.NewShare,
		seed:     s.Seed,
		objects:  newPopularity(s.Objects),
	}
}

// at gives request i. The index seeds its own random stream, so the draws need no state.
func (s *schedule) at(i int) request {
	var draw rand.PCG
	draw.Seed(s.seed, uint64(i))
	r := request{
		index:  i,
		due:    time.Duration(math.Round(s.due(i))),
		user:   s.turns[i%len(s.turns)],
		tunnel: unit(draw.Uint64()) < s.tlsShare,
		fresh:  unit(draw.Uint64()) < s.newShare,
		origin: int(draw.Uint64() % s.origins),
	}
	if s.objects != nil {
		r.rank = s.objects.draw(unit(draw.Uint64()), unit(draw.Uint64()))
	}
	return r
}

// unit maps random bits to [0, 1).
func unit(bits uint64) float64 { return float64(bits>>11) / (1 << 53) }
