package pac

import (
	"slices"
	"strconv"
	"time"
)

var (
	weekdays = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
	months   = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
)

// zone removes a last argument GMT, and gives the time in that zone.
func zone(now time.Time, args []string) (time.Time, []string) {
	if n := len(args); n > 0 && args[n-1] == "GMT" {
		return now.UTC(), args[:n-1]
	}
	return now, args
}

// between reports whether x is in a range, which may wrap around.
func between(from, x, to int) bool {
	if from <= to {
		return from <= x && x <= to
	}
	return x >= from || x <= to
}

// weekdayRange is weekdayRange(wd1 [, wd2] [, "GMT"]).
func weekdayRange(now time.Time, args []string) bool {
	now, args = zone(now, args)
	if len(args) < 1 || len(args) > 2 {
		return false
	}
	from, to := slices.Index(weekdays, args[0]), slices.Index(weekdays, args[len(args)-1])
	return from >= 0 && to >= 0 && between(from, int(now.Weekday()), to)
}

// timeRange is timeRange(h), (h1, h2), (h1, m1, h2, m2) or (h1, m1, s1, h2, m2, s2), each with an optional "GMT". A single hour is
// the whole hour. A range includes its ends; a range of hours ends at the start of the last hour.
func timeRange(now time.Time, args []string) bool {
	now, args = zone(now, args)
	n, ok := numbers(args)
	if !ok {
		return false
	}
	at := (now.Hour()*60+now.Minute())*60 + now.Second()
	switch len(n) {
	case 1:
		return now.Hour() == n[0]
	case 2:
		return between(n[0]*3600, at, n[1]*3600)
	case 4:
		return between((n[0]*60+n[1])*60, at, (n[2]*60+n[3])*60)
	case 6:
		return between((n[0]*60+n[1])*60+n[2], at, (n[3]*60+n[4])*60+n[5])
	}
	return false
}

func numbers(args []string) ([]int, bool) {
	list := make([]int, len(args))
	for i, a := range args {
		n, err := strconv.Atoi(a)
		if err != nil || n < 0 || n > 9999 {
			return nil, false
		}
		list[i] = n
	}
	return list, true
}

// dateRange is dateRange of a day, a month or a year, of two of the same kind, or of two dates with the same parts in the order day,
// month, year; each with an optional "GMT".
func dateRange(now time.Time, args []string) bool {
	now, args = zone(now, args)
	half := len(args) / 2
	if len(args) == 1 {
		half = 1
	}
	if half == 0 || half > 3 || len(args) > 1 && len(args)%2 != 0 {
		return false
	}
	from, parts, ok := date(args[:half])
	to, same, okTo := date(args[len(args)-half:])
	if !ok || !okTo || parts != same {
		return false
	}
	today := 0
	if parts&withYear != 0 {
		today += now.Year() * 10000
	}
	if parts&withMonth != 0 {
		today += int(now.Month()) * 100
	}
	if parts&withDay != 0 {
		today += now.Day()
	}
	if parts&withYear != 0 {
		return from <= today && today <= to // years do not wrap around
	}
	return between(from, today, to)
}

const (
	withDay = 1 << iota
	withMonth
	withYear
)

// date reads day, month and year, each at most once, into one number.
func date(args []string) (n, parts int, ok bool) {
	for _, a := range args {
		add, part := 0, 0
		if m := slices.Index(months, a); m >= 0 {
			add, part = (m+1)*100, withMonth
		} else if v, err := strconv.Atoi(a); err == nil && v >= 1 && v <= 31 {
			add, part = v, withDay
		} else if err == nil && v >= 1000 && v <= 9999 {
			add, part = v*10000, withYear
		} else {
			return 0, 0, false
		}
		if parts&part != 0 {
			return 0, 0, false
		}
		n, parts = n+add, parts|part
	}
	return n, parts, true
}
