package lifetime

import "math"

// clocks are the times of pending events; +Inf: none is pending. A tournament finds the first: node i has the winner of nodes 2i and 2i+1,
// the one with the lesser time, of equal times the one with the smaller number. The last half of the nodes are the clocks.
type clocks struct {
	at   []float64
	node []entry
}

type entry struct {
	at    float64
	clock int
}

func newClocks(n int) clocks {
	leaves := 1
	for leaves < n {
		leaves *= 2
	}
	c := clocks{make([]float64, n), make([]entry, 2*leaves)}
	for i := range leaves {
		c.node[leaves+i] = entry{math.Inf(1), i}
	}
	return c
}

// first gives the clock with the least time.
func (c *clocks) first() int { return c.node[1].clock }

// set changes a time.
func (c *clocks) set(i int, t float64) {
	c.at[i] = t
	at := len(c.node)/2 + i
	c.node[at].at = t
	for at > 1 {
		at /= 2
		before := c.node[at].clock
		c.node[at] = winner(&c.node[2*at], &c.node[2*at+1])
		if before != i && c.node[at].clock == before {
			return // it lost before and after: nothing changes above
		}
	}
}

// rematch finds all winners anew.
func (c *clocks) rematch() {
	for i, t := range c.at {
		c.node[len(c.node)/2+i].at = t
	}
	for at := len(c.node)/2 - 1; at > 0; at-- {
		c.node[at] = winner(&c.node[2*at], &c.node[2*at+1])
	}
}

func winner(a, b *entry) entry {
	if b.at < a.at {
		return *b
	}
	return *a
}
