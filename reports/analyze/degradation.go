package analyze

import (
	"fmt"
	"math"
	"time"

	"github.com/seed-ab8b6914/spof/sim/trace"
)

// mostBins bounds the bins of a trial.
const mostBins = 100_000

// binWidth is the width of Q's bins in ns: 10 ms, and at least 20 requests.
func (r *run) binWidth(from, to int64) int64 {
	width := max(10*time.Millisecond, time.Duration(leastJudged/r.rate*1e9))
	return max(int64(width), (to-from)/mostBins+1)
}

// bins counts the requests due in [from, to) by bins of a width; the last may be shorter.
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

// degradation is Q(t), the deadline-qualified goodput over the offered load, summed up over the window.
type degradation struct {
	min    float64 // the least Q of a whole bin
	steady float64 // Q over the last half of what steadyQ counts, and at least its last second
	loss   float64 // integral of 1-Q in s: seconds of full outage
	doubt  string  // why the loss contradicts the count of failures; empty: it does not
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
		if long == width { // the few requests of a clipped bin would make it a matter of luck
			d.min = min(d.min, q)
		}
		if q > 0 && q < 1 {
			partial++
		}
	}
	d.doubt = r.crossCheck(d.loss, float64(1+partial)*float64(width)/1e9)
	return d
}

// steadyQ is Q in the steady degraded state: over the last half of the window, but not before service had failed over. A
// request due less than the patience before the repair may be answered by the
// repair's doing, and in time: such ones do not count, unless the window has no others.
func (r *run) steadyQ() float64 {
	reqs := r.steady()
	if len(reqs) == 0 {
		return 1
	}
	return 1 - float64(count(reqs, r.standard.lost))/float64(len(reqs))
}

// meanwhile is the share of the requests due from the effect to the end of the outage that were lost; nil: none was due.
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

// steady are the requests that steadyQ counts.
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

// crossCheck compares the resilience loss with the lost requests over the rate. Both are the same outage where Q is only
// ever 0 or 1, but for the bins at its edges; a greater difference says that the load was not offered as planned.
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
	return fmt.Sprintf("the load was uneven: the resilience loss is %s, but the lost requests give %s",
		duration(1000*loss), duration(1000*derived))
}

// lost is the number of failed requests of the window above those that would have failed anyway, by the baseline.
func (r *run) lost() float64 {
	reqs := r.window()
	usual := ratio(count(r.baseline, failed), len(r.baseline)) * float64(len(reqs))
	return max(0, float64(count(reqs, failed))-usual)
}

// connections counts the requests of the window on new, or on reused, connections.
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
