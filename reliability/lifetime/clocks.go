package lifetime

import "math"

// clocks are the times of pending events; +Inf: none is pending. A tournament finds the first: the winner of each node is the clock with
// the least time below it, of equal ones the one with the smaller number.
type clocks struct {
	at      []float64
	winners []int32 // of node i the children are 2i and 2i+1; the leaves are the clocks
}

func newClocks(n int) clocks {
	leaves := 1
	for leaves < n {
		leaves *= 2
	}
	c := clocks{make([]float64, leaves), make([]int32, 2*leaves)}
	for i := range c.at {
		c.at[i], c.winners[leaves+i] = math.Inf(1), int32(i)
	}
	c.rematch()
	return c
}

// first gives the clock with the least time.
func (c *clocks) first() int { return int(c.winners[1]) }

// set changes a time.
func (c *clocks) set(i int, t float64) {
	c.at[i] = t
	for node := (len(c.at) + i) / 2; node > 0; node /= 2 {
		before := c.winners[node]
		c.match(node)
		if before == c.winners[node] && int(before) != i {
			return // it lost before and after: nothing changes above
		}
	}
}

// rematch finds all winners anew.
func (c *clocks) rematch() {
	for node := len(c.at) - 1; node > 0; node-- {
		c.match(node)
	}
}

func (c *clocks) match(node int) {
	a, b := c.winners[2*node], c.winners[2*node+1]
	if c.at[b] < c.at[a] {
		a = b
	}
	c.winners[node] = a
}
