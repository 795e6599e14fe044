package lifetime

import "github.com/seed-ab8b6914/spof/reliability/dist"

// books has the losses of a life by cause, and sums over lives.
type books struct {
	weight float64             // of what is booked; below 1 for the copies of splitting
	losses [measures][]float64 // by measure and cause
	sums   sums
	yearly bool       // whether years are booked: copies have none
	ends   float64    // of the year that is booked now
	year   [2]float64 // hours down and hours lost in it
	years  [2]histogram
}

// The measures of a loss.
const (
	hoursDown = iota
	hoursLost
	outages
	measures
)

func newBooks(causes int, yearly bool) *books {
	b := &books{yearly: yearly, sums: newSums(causes)}
	for m := range b.losses {
		b.losses[m] = make([]float64, causes)
	}
	return b
}

// openLife begins the books of a life.
func (b *books) openLife() {
	b.weight, b.ends = 1, dist.Year
	for m := range b.losses {
		clear(b.losses[m])
	}
}

// level changes the share of the users served. A loss is booked on its cause. What comes back pays the last loss first. The cause that takes
// the share below what is enough has the whole outage.
func (l *life) level(share float64, cause int) {
	if share == l.share {
		return
	}
	l.book()
	if share < l.share {
		l.debts = append(l.debts, debt{l.share - share, cause})
	} else {
		l.pay(share)
	}
	l.share = share
	switch down := share < l.enough; {
	case down && l.downBy == none:
		l.downBy = cause
		l.losses[outages][cause] += l.weight
	case !down:
		l.downBy = none
	}
}

// pay takes the last debts away until they sum up to 1 - share.
func (l *life) pay(share float64) {
	back := share - l.share
	for n := len(l.debts) - 1; n >= 0; n-- {
		if l.debts[n].share > back && share < 1 {
			l.debts[n].share -= back
			return
		}
		back -= l.debts[n].share
		l.debts = l.debts[:n]
	}
}

// book books the losses since the last time, year by year.
func (l *life) book() {
	if !l.yearly {
		l.bookUntil(l.now)
		return
	}
	for l.ends <= l.now {
		l.bookUntil(l.ends)
		l.closeYear()
	}
	l.bookUntil(l.now)
}

func (l *life) bookUntil(t float64) {
	if l.share < 1 {
		demand := l.weight * l.demand.between(l.last, t)
		for _, d := range l.debts {
			l.losses[hoursLost][d.cause] += d.share * demand
		}
		l.year[hoursLost] += (1 - l.share) * demand
		if l.downBy != none {
			l.losses[hoursDown][l.downBy] += l.weight * (t - l.last)
			l.year[hoursDown] += t - l.last
		}
	}
	l.last = t
}

func (b *books) closeYear() {
	for m := range b.year {
		b.years[m].add(b.year[m])
		b.year[m] = 0
	}
	b.ends += dist.Year
}

// closeLife adds a life to the sums.
func (b *books) closeLife() {
	for m, byCause := range b.losses {
		total := 0.0
		for cause, v := range byCause {
			total += v
			if v != 0 {
				b.sums.by[m][cause].add(v)
			}
		}
		b.sums.all[m].add(total)
	}
	b.sums.lives++
	b.year = [outages]float64{}
}

// sums are what lives have in sum.
type sums struct {
	lives int
	all   [measures]moments
	by    [measures][]moments // by cause
}

func newSums(causes int) (s sums) {
	for m := range s.by {
		s.by[m] = make([]moments, causes)
	}
	return s
}

// merge adds the sums of other lives.
func (s *sums) merge(o *sums) {
	s.lives += o.lives
	for m := range s.all {
		s.all[m].merge(o.all[m])
		for cause := range s.by[m] {
			s.by[m][cause].merge(o.by[m][cause])
		}
	}
}
