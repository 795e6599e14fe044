package analyze

import (
	"fmt"
	"math"
	"time"

	"github.com/seed-ab8b6914/spof/sim/trace"
)

// mostBins is the largest number of bins of a trial.
const mostBins = 100_000

// binWidth is the width of Q's bins in ns: 10 ms, and at least 20 requests.
func (r *run) binWidth(from, to int64) int64 {
	width := max(10*time.Millisecond, time.Duration(leastJudged/r.rate*1e9))
	return max(int64(width), (to-from)/mostBins+1)
}

// bins counts the requests due in [from, to), by bins of a width in ns. The last bin may be shorter.
func (r *run) bins(from, to, width int64) []Bin {
	bins := make([]Bin, 0, (to-from)/width+1)
	for at := from; at < to; at += width {
		bins = append(bins, Bin{AtMS: ms(at)})
	}
	for _, s := range r.between(from, to) {
		b := &bins[(s.Scheduled-from)/width]
		b.Offered++
		if failed(s) {
			b.Failed++
		}
		if !r.standard.lost(s) {
			b.Good++
		}
	}
	return bins
}

// degradation summarizes Q(t) over the window. Q is requests served within the patience / requests due.
type degradation struct {
	min    float64 // the least Q of a whole bin
	steady float64 // Q in the steady degraded state: see steadyQ
	loss   float64 // integral of 1-Q in s: seconds of full outage
	doubt  string  // why the loss contradicts the count of lost requests; empty: it does not
}

func (r *run) degradation() degradation {
	width := r.binWidth(r.effect, r.until)
	d := degradation{min: 1, steady: r.steadyQ()}
	partial := 0
	for i, b := range r.bins(r.effect, r.until, width) {
		if b.Offered == 0 {
			continue
		}
		q := float64(b.Good) / float64(b.Offered)
		long := min(width, r.until-r.effect-int64(i)*width)
		d.loss += (1 - q) * float64(long) / 1e9
		if long == width { // a shorter bin has too few requests
			d.min = min(d.min, q)
		}
		if q > 0 && q < 1 {
			partial++
		}
	}
	d.doubt = r.crossCheck(d.loss, float64(1+partial)*float64(width)/1e9)
	return d
}

// steadyQ is Q in the steady degraded state: see steady; 1: no request was due.
func (r *run) steadyQ() float64 {
	reqs := r.steady()
	if len(reqs) == 0 {
		return 1
	}
	return 1 - float64(count(reqs, r.standard.lost))/float64(len(reqs))
}

// lostUntilBack is the share of the requests due from the effect to the end of the outage that were lost; nil: no outage, no end, or no
// request due.
func (r *run) lostUntilBack() *float64 {
	if r.outage == nil || !r.outage.ended {
		return nil
	}
	reqs := r.between(r.effect, r.outage.back)
	if len(reqs) == 0 {
		return nil
	}
	share := ratio(count(reqs, r.standard.lost), len(reqs))
	return &share
}

// steady returns the requests of the steady degraded state: the last half of the fault phase, but not before failover, and at least its
// last second. The repair may still answer a request in time that is due less than the patience before the repair. Such requests do not
// count, unless the phase is shorter than the patience.
func (r *run) steady() []trace.Sample {
	end := r.undo
	if before := r.repair - r.standard.patience; len(r.faults) > 0 && before > r.effect {
		end = before
	}
	from := r.effect + (end-r.effect)/2
	if r.outage != nil && r.outage.ended {
		from = max(from, r.outage.back)
	}
	return r.between(max(r.effect, min(from, end-int64(time.Second))), end)
}

// crossCheck compares the resilience loss with lost requests / rate. If Q is only 0 or 1, both differ only by the bins at the edges of the
// outage. A difference above the tolerance (s) means that the load was not offered as planned.
func (r *run) crossCheck(loss, tolerance float64) string {
	derived := 0.0
	for _, s := range r.window() {
		if r.standard.lost(s) {
			derived += 1 / r.rateAt(s.Scheduled)
		}
	}
	if math.Abs(loss-derived) <= tolerance {
		return ""
	}
	return fmt.Sprintf("the resilience loss is %s, but the lost requests give %s",
		duration(1000*loss), duration(1000*derived))
}

// lost is the number of failed requests of the window, less the number expected from the baseline's share of failures; at least 0.
func (r *run) lost() float64 {
	reqs := r.window()
	usual := ratio(count(r.baseline, failed), len(r.baseline)) * float64(len(reqs))
	return max(0, float64(count(reqs, failed))-usual)
}

// connections counts the requests on new connections, or on reused ones.
func connections(reqs []trace.Sample, reused bool) (c Connections) {
	for _, s := range reqs {
		if isReused(s) == reused {
			c.Offered++
			if failed(s) {
				c.Failed++
			}
		}
	}
	return c
}
