package trace

import (
	"bytes"
	"math"

	"github.com/seed-ab8b6914/spof/proxy/load"
)

// readRows appends the samples of a line in the form that Writer gives it. ok is false for a line in any other form: encoding/json reads
// it. A trace has millions of samples, and encoding/json takes ten times as long for them.
func readRows(s []Sample, b []byte) (all []Sample, ok bool) {
	c := &cursor{b: b}
	all = s
	if !c.skip(`{"s":[`) {
		return s, false
	}
	for {
		one, ok := c.row()
		if !ok {
			return s, false
		}
		all = append(all, one)
		if c.skip(",") {
			continue
		}
		return all, string(c.b) == "]}"
	}
}

// cursor reads a line from the left.
type cursor struct{ b []byte }

// skip skips a text; false: another text follows.
func (c *cursor) skip(text string) bool {
	if len(c.b) < len(text) || string(c.b[:len(text)]) != text {
		return false
	}
	c.b = c.b[len(text):]
	return true
}

// row reads one sample.
func (c *cursor) row() (s Sample, ok bool) {
	if !c.skip("[") {
		return s, false
	}
	negative, ok := c.skip("-"), true
	number := func(most uint64, end byte) uint64 {
		v, fits := c.number(most, end)
		ok = ok && fits
		return v
	}
	s.Scheduled = int64(number(math.MaxInt64, ','))
	if negative {
		s.Scheduled = -s.Scheduled
	}
	s.Late = uint32(number(math.MaxUint32, ','))
	s.FirstByte = uint32(number(math.MaxUint32, ','))
	s.Done = uint32(number(math.MaxUint32, ','))
	s.Bytes = uint32(number(math.MaxUint32, ','))
	s.User = uint16(number(math.MaxUint16, ','))
	s.Node = uint8(number(math.MaxUint8, ','))
	if !ok {
		return s, false
	}
	if s.Outcome, ok = c.outcome(); !ok {
		return s, false
	}
	if flags, last := c.number(math.MaxUint8, ']'); last { // the form without the counts of TCP
		s.Flags = load.Flags(flags)
		return s, true
	}
	s.Flags = load.Flags(number(math.MaxUint8, ','))
	s.SYNs = uint8(number(math.MaxUint8, ','))
	s.Resent = uint8(number(math.MaxUint8, ']'))
	return s, ok
}

// number reads a number of digits up to most, and the byte after it. It reads nothing if that fails.
func (c *cursor) number(most uint64, end byte) (v uint64, ok bool) {
	const digits = 19 // fit into a uint64
	for i, d := range c.b {
		switch {
		case d == end && i > 0 && v <= most:
			c.b = c.b[i+1:]
			return v, true
		case d < '0' || d > '9' || i == digits || i == 1 && v == 0:
			return 0, false
		}
		v = v*10 + uint64(d-'0')
	}
	return 0, false
}

// outcome reads the quoted name of an outcome, and the comma after it.
func (c *cursor) outcome() (o load.Outcome, ok bool) {
	if c.skip(`"ok",`) {
		return load.OK, true
	}
	name, rest, _ := bytes.Cut(c.b, []byte(","))
	if o, ok = outcomes[string(name)]; ok {
		c.b = rest
	}
	return o, ok
}
