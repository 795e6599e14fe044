package lifetime

import "github.com/seed-ab8b6914/spof/reliability/dist"

// books has the losses of a life by cause, and sums over lives.
type books struct {
	weight float64             // of what is booked; below 1 for the copies of splitting
	losses [measures][]float64 // by measure and cause
	sums   sums
	yearly bool             // whether years are booked: copies have none
	ends   float64          // of the year that is booked now
	year   [inHours]float64 // losses in it
	years  [inHours]histogram
}

// The measures of a loss.
const (
	hoursDown = iota
	hoursUnserved
	hoursLost
	hoursBusy
	outages
	measures
	inHours = outages
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

// level changes the share of the users served. The cause that takes the share below what is enough has the whole outage.
func (l *life) level(share float64, cause int) {
	if share == l.users.share {
		return
	}
	l.book()
	l.users.set(share, cause)
	switch down := share < l.enough; {
	case down && l.downBy == none:
		l.downBy = cause
		l.losses[outages][cause] += l.weight
	case !down:
		l.downBy = none
	}
}

// limit changes the share of the greatest demand that there is room for.
func (l *life) limit(share float64, cause int) {
	if share != l.room.share {
		l.book()
		l.room.set(share, cause)
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
	hours := t - l.last
	if l.users.share < 1 {
		lost, busy := l.demand.between(l.last, t)
		for _, d := range l.users.debts {
			l.lose(d.cause, d.share, [inHours]float64{hoursUnserved: hours, hoursLost: lost, hoursBusy: busy})
		}
	}
	if l.room.share < l.users.share {
		lost, busy := l.demand.above(l.last, t, l.users.share, l.room.share)
		for _, d := range l.room.debts {
			l.lose(d.cause, d.share/(1-l.room.share), [inHours]float64{hoursLost: lost, hoursBusy: busy})
		}
	}
	if l.downBy != none {
		l.lose(l.downBy, 1, [inHours]float64{hoursDown: hours})
	}
	l.last = t
}

// lose books a share of hours on a cause.
func (l *life) lose(cause int, share float64, hours [inHours]float64) {
	for m, h := range hours {
		l.losses[m][cause] += l.weight * share * h
		l.year[m] += share * h
	}
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
	b.year = [inHours]float64{}
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
