package analyze

import (
	"slices"
	"sort"

	"github.com/seed-ab8b6914/spof/sim/trace"
)

// flow compares the answers of a service with the requests that were due: the rate-derived method of RFC 6412. A request that waits for
// a mechanism and is then answered may count as a success in time. The gap between the answers still shows the outage.
type flow struct {
	begin    int64
	end      int64
	due      []int64 // when requests were due, rising
	answers  []int64 // when successful answers came, rising
	theta    float64
	window   int64
	least    int       // requests in the shortest prefix of a window that is judged
	jitter   float64   // answers that may be missing, as in the baseline; at least 1
	keepsUp  []bool    // by answer: answers keep up with the requests from this answer on
	shortage float64   // the largest number of missing answers in any window
	short    []float64 // by number of requests due: theta x due - answers
}

// newFlow takes the requests due in [from, to) and the successful answers in [from, to).
func newFlow(samples []trace.Sample, st standard, from, to int64, jitter float64) *flow {
	f := &flow{begin: from, end: to, theta: st.theta, window: st.window, least: st.least, jitter: max(jitter, 1)}
	f.due, f.answers = make([]int64, 0, len(samples)), make([]int64, 0, len(samples))
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

// measure finds the answers from which answers keep up. Its window begins with the answer and must lie before until. In every prefix of
// the window with at least f.least requests due, answers >= theta x requests due - jitter.
func (f *flow) measure(until int64) {
	f.keepsUp = make([]bool, len(f.answers))
	short := slidingMax{v: make([]float64, len(f.due)+1)} // by i: theta x due - answers, at the instant at which request i-1 is due
	before := 0
	for i, at := range f.due {
		for before < len(f.answers) && f.answers[before] <= at {
			before++
		}
		short.v[i+1] = f.theta*float64(i+1) - float64(before)
	}
	f.short = short.v
	end, first := 0, 0
	for k, at := range f.answers {
		if at+f.window > until {
			break
		}
		for first < len(f.due) && f.due[first] <= at {
			first++
		}
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

// from returns the first answer at or after an instant from which answers keep up; ok is false if there is none.
func (f *flow) from(at int64) (k int, ok bool) {
	k = sort.Search(len(f.answers), func(k int) bool { return f.answers[k] >= at })
	for ; k < len(f.answers); k++ {
		if f.keepsUp[k] {
			return k, true
		}
	}
	return 0, false
}

// settled is the instant from which answers also keep up within the first leastJudged requests after answer k. Before it some users may
// still be without service. Their answers arrive together when service is back, and fill the gap in longer prefixes.
func (f *flow) settled(k int) int64 {
	first := sort.Search(len(f.due), func(i int) bool { return f.due[i] > f.answers[k] })
	for i := min(first+leastJudged, len(f.due)) - 1; i > first; i-- {
		if f.short[i]-(f.theta*float64(first)-float64(k)) > f.jitter+rounding {
			return f.due[i]
		}
	}
	return f.answers[k]
}

// silence is the interval without answers before answer k. k = len(answers) means the interval from the last answer to the end.
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
