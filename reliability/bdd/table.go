package bdd

// index finds nodes by their content: a hash table with open addressing. 0 is an empty slot: constants have no content to find.
type index struct {
	slots []Ref
	used  int
	most  int  // nodes
	full  bool // one more was asked for
}

func (n node) hash() uint64 {
	h := uint64(n.variable)*0x9e3779b97f4a7c15 ^ uint64(n.lo)*0xc2b2ae3d27d4eb4f ^ uint64(n.hi)*0x165667b19e3779f9
	return h ^ h>>29
}

// find gives the reference of a node, and adds the node to nodes if it is new and there is room.
func (x *index) find(nodes *[]node, n node) Ref {
	if 2*x.used >= len(x.slots) {
		x.grow(*nodes)
	}
	mask := uint64(len(x.slots) - 1)
	at := n.hash() & mask
	for x.slots[at] != 0 {
		if r := x.slots[at]; (*nodes)[r] == n {
			return r
		}
		at = (at + 1) & mask
	}
	if x.used >= x.most {
		x.full = true
		return False
	}
	r := Ref(len(*nodes))
	*nodes = append(*nodes, n)
	x.slots[at] = r
	x.used++
	return r
}

// grow doubles the table.
func (x *index) grow(nodes []node) {
	old := x.slots
	x.slots = make([]Ref, max(2048, 2*len(old)))
	mask := uint64(len(x.slots) - 1)
	for _, r := range old {
		if r == 0 {
			continue
		}
		at := nodes[r].hash() & mask
		for x.slots[at] != 0 {
			at = (at + 1) & mask
		}
		x.slots[at] = r
	}
}

// cache keeps results of operations. It forgets: a new result replaces another with the same slot.
type cache struct {
	entries []entry
	puts    int
}

type entry struct {
	op        operation
	f, g, res Ref
}

func (c *cache) slot(op operation, f, g Ref) *entry {
	h := uint64(f)*0x9e3779b97f4a7c15 ^ uint64(g)*0xc2b2ae3d27d4eb4f ^ uint64(op)*0x165667b19e3779f9
	return &c.entries[(h^h>>31)&uint64(len(c.entries)-1)]
}

func (c *cache) get(op operation, f, g Ref) (Ref, bool) {
	if len(c.entries) == 0 {
		return 0, false
	}
	e := c.slot(op, f, g)
	return e.res, e.op == op && e.f == f && e.g == g
}

// put keeps a result. The cache grows with the number of results, up to 64 MiB.
func (c *cache) put(op operation, f, g, res Ref) {
	const most = 1 << 22
	c.puts++
	if n := len(c.entries); n < most && c.puts > n/2 {
		old := c.entries
		c.entries = make([]entry, max(2048, 4*n))
		for _, e := range old {
			if e.op != 0 {
				*c.slot(e.op, e.f, e.g) = e
			}
		}
	}
	*c.slot(op, f, g) = entry{op, f, g, res}
}
