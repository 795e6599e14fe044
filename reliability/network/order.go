package network

import (
	"cmp"
	"math"
	"slices"
)

// order gives the numbers of the links in the order in which they are gone over: by the later of their nodes, then by the earlier. Nodes
// come breadth first from one of them, the one from which the frontier stays narrowest.
func (n Network) order() []int {
	neighbours := make([][]int, n.Nodes)
	for _, l := range n.Links {
		neighbours[l[0]] = append(neighbours[l[0]], l[1])
		neighbours[l[1]] = append(neighbours[l[1]], l[0])
	}
	var best []int
	least := math.Inf(1)
	for start := range n.Nodes {
		rank := breadthFirst(neighbours, start)
		if cost := width(neighbours, rank); cost < least {
			least, best = cost, rank
		}
	}
	return n.by(best)
}

// by sorts the links by the ranks of their nodes.
func (n Network) by(rank []int) []int {
	links := make([]int, len(n.Links))
	for i := range links {
		links[i] = i
	}
	slices.SortStableFunc(links, func(a, b int) int {
		x, y := n.Links[a], n.Links[b]
		x0, x1, y0, y1 := rank[x[0]], rank[x[1]], rank[y[0]], rank[y[1]]
		return cmp.Or(cmp.Compare(max(x0, x1), max(y0, y1)), cmp.Compare(min(x0, x1), min(y0, y1)))
	})
	return links
}

// breadthFirst gives each node its rank: breadth first from start. Nodes that start does not reach come after.
func breadthFirst(neighbours [][]int, start int) []int {
	rank := make([]int, len(neighbours))
	for v := range rank {
		rank[v] = -1
	}
	next := 0
	for root := range neighbours {
		queue := []int{(start + root) % len(neighbours)}
		for ; len(queue) > 0; queue = queue[1:] {
			v := queue[0]
			if rank[v] >= 0 {
				continue
			}
			rank[v] = next
			next++
			queue = append(queue, neighbours[v]...)
		}
	}
	return rank
}

// width says how wide the frontier is by an order of the nodes: the sum of 3^nodes over its steps. States grow at least as fast.
func width(neighbours [][]int, rank []int) (cost float64) {
	ends := make([]int, len(rank)+1) // by rank, how many nodes leave the frontier there
	for v, at := range rank {
		last := at
		for _, w := range neighbours[v] {
			last = max(last, rank[w])
		}
		ends[last]++
	}
	open := 0
	for at := range rank {
		open++
		cost += math.Pow(3, float64(open))
		open -= ends[at]
	}
	return cost
}
