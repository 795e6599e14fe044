package load

import (
	"math"
	"math/rand/v2"
	"time"
)

// request is one request of the schedule.
type request struct {
	index   int
	due     time.Duration // from Spec.Start
	user    int
	origin  int
	tunnel  bool // HTTPS through CONNECT
	fresh   bool // on a connection of its own
	retried bool // sent a second time
	rank    int  // of its object in the catalogue, from 1; 0: an object of its own
	tcp     resends
}

// schedule gives the requests. It is a pure function of the spec and the request's index. Nothing that happens during the run
// changes it.
type schedule struct {
	count    int
	segments []segment // in the order of their start
	order    []int     // the users in the order in which they send
	origins  uint64
	tlsShare float64
	newShare float64
	seed     uint64
	objects  *popularity // nil: every request has an object of its own
}

// newSchedule shuffles the users once. They send in that order, over and over. Each user sends the same number of requests
// (+-1), evenly spaced, so the outage of one user has the resolution Users/Rate.
func newSchedule(s Spec) schedule {
	list := segments(float64(time.Second)/s.Rate, s.Surges)
	return schedule{
		count:    before(list, s.Duration),
		segments: list,
		order:    rand.New(rand.NewPCG(s.Seed, math.MaxUint64)).Perm(s.Users),
		origins:  uint64(len(s.Origins)),
		tlsShare: s.TLSShare,
		newShare: s.NewShare,
		seed:     s.Seed,
		objects:  newPopularity(s.Objects),
	}
}

// at gives request i. The index seeds a random stream, so that the draws need no state.
func (s *schedule) at(i int) request {
	var draw rand.PCG
	draw.Seed(s.seed, uint64(i))
	r := request{
		index:  i,
		due:    time.Duration(math.Round(s.due(i))),
		user:   s.order[i%len(s.order)],
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
