package analyze

import (
	"slices"
	"sort"

	"github.com/seed-ab8b6914/spof/sim/trace"
)

// flow is the answers of a service against the requests that were due: the rate-derived view of RFC 6412. A request that waits
// for a mechanism and is then answered looks like a success in time; the answers show that for a while there were none.
type flow struct {
	begin    int64
	end      int64
	due      []int64 // when requests were due, rising
	answers  []int64 // when successful answers came, rising
	theta    float64
	window   int64
	least    int       // requests in the shortest prefix of a window that is judged
	jitter   float64   // how many answers may be missing for reasons that the baseline shows too
	keepsUp  []bool    // by answer: from it on, answers keep up with the requests
	shortage float64   // the most answers that were missing in any window
	short    []float64 // theta x due - answers, when so many requests had become due
}

// newFlow reads the answers among the samples that came in [from, to).
func newFlow(samples []trace.Sample, st standard, from, to int64, jitter float64) *flow {
	f := &flow{begin: from, end: to, theta: st.theta, window: st.window, least: st.least, jitter: max(jitter, 1)}
	for _, s := range samples {
		if s.Scheduled >= from && s.Scheduled < to {
			f.due = append(f.due, s.Scheduled)
		}
		if at := answered(s); !failed(s) && at >= from && at < to {
			f.answers = append(f.answers, at)
		}
	}
	slices.Sort(f.answers)
	f.measure(to)
	return f
}

// measure finds the answers from which on answers keep up: in every prefix, of the least requests due or more, of the window that
// begins with the answer, there are at least theta answers a request due, less the jitter. The window must lie before until.
func (f *flow) measure(until int64) {
	f.keepsUp = make([]bool, len(f.answers))
	short := slidingMax{v: make([]float64, len(f.due)+1)} // theta x due - answers, when request i-1 has become due
	for i, at := range f.due {
		before := sort.Search(len(f.answers), func(k int) bool { return f.answers[k] > at })
		short.v[i+1] = f.theta*float64(i+1) - float64(before)
	}
	f.short = short.v
	end := 0
	for k, at := range f.answers {
		if at+f.window > until {
			break
		}
		first := sort.Search(len(f.due), func(i int) bool { return f.due[i] > at })
		if first+f.least > len(f.due) {
			break
		}
		for end < len(f.due) && (end < first+f.least || f.due[end] <= at+f.window) {
			end++
			short.push(end)
		}
		missing := short.from(first+f.least) - (f.theta*float64(first) - float64(k))
		f.shortage = max(f.shortage, missing)
		f.keepsUp[k] = missing <= f.jitter+rounding
	}
}

// from gives the first answer at or after an instant from which on answers keep up; ok is false without one.
func (f *flow) from(at int64) (k int, ok bool) {
	k = sort.Search(len(f.answers), func(k int) bool { return f.answers[k] >= at })
	for ; k < len(f.answers); k++ {
		if f.keepsUp[k] {
			return k, true
		}
	}
	return 0, false
}

// settled is the instant from which answers keep up in the shortest prefix, too, that begins with answer k. Until then some users may
// be without service still: their answers come at once when it is back, and make up for those that are missing now.
func (f *flow) settled(k int) int64 {
	first := sort.Search(len(f.due), func(i int) bool { return f.due[i] > f.answers[k] })
	for i := min(first+leastJudged, len(f.due)) - 1; i > first; i-- {
		if f.short[i]-(f.theta*float64(first)-float64(k)) > f.jitter+rounding {
			return f.due[i]
		}
	}
	return f.answers[k]
}

// silence is the time without answers before answer k; after the last there is one to the end.
func (f *flow) silence(k int) (from, to int64) {
	from, to = f.begin, f.end
	if k > 0 {
		from = f.answers[k-1]
	}
	if k < len(f.answers) {
		to = f.answers[k]
	}
	return from, to
}
