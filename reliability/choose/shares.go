package choose

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Share is a part of a worth that depends on some of the options only, such as the users of one site. The loss of a design is the sum of
// its parts, and it carries no more than any of them. Then no option needs to say whether it may hurt.
type Share struct {
	On Set
	// Worth gives the part of a design that has the options of a set, which is in On. With it come figures that lower the capacity of a
	// design together with those of other parts; less is better, and their number is always the same.
	Worth func(ctx context.Context, set Set) (w Worth, also []float64, err error)
	Floor float64 // of the loss: no design has less in this part
}

// Divide says that the worth is divided into parts. The evaluation of New must be their sum.
func (c *Choices) Divide(parts []Share) {
	c.parts, c.shared, c.own = parts, 0, make([]Set, len(parts))
	for p := range parts {
		for i := range parts[p].On.All() {
			c.own[p] |= c.closures[i]
		}
	}
	for p := range parts {
		for q := range p {
			c.shared |= c.own[p] & c.own[q]
		}
	}
	for p := range parts {
		for i := range (c.own[p] &^ c.shared).All() {
			if c.rivals[i]&^(c.own[p]|c.shared) != 0 {
				c.shared |= only(i)
			}
		}
	}
	for p := range parts {
		c.own[p] &^= c.shared
	}
}

// variant is a part with some of its own options.
type variant struct {
	Design
	also []float64
}

// divided is a branch and bound over parts: it decides on the options that several parts share, then takes a variant of each part after the
// other. What the other parts lose at least is the bound. A variant that another one beats in everything is left out.
type divided struct {
	*search
	variants [][]variant // by part, for the shared options that are decided
	rest     []Design    // by part: the least cost and loss, and the most capacity, of it and those after it
}

func (d *divided) run() {
	steps, err := d.way(d.ctx, d.goal.limit()) // good designs to begin with
	for _, s := range steps {
		d.goal.take(s.Design)
	}
	if d.ended = d.ctx.Err() != nil; err != nil && !d.ended {
		d.err = err
	}
	d.decide(0, d.shared|d.free())
}

// free are the options that no part depends on.
func (d *divided) free() Set {
	free := all(len(d.options))
	for _, own := range d.own {
		free &^= own
	}
	return free
}

// decide goes over the combinations of the shared options.
func (d *divided) decide(in, open Set) {
	for i := range open.All() {
		if d.rivals[i]&in == 0 {
			d.decide(in|only(i), open&^all(i+1))
		}
	}
	if within(d.Cost(in), d.goal.limit()) && d.whole(d.shared|d.free(), in) {
		d.combine(in)
	}
}

// combine goes over the variants of all parts, with some shared options.
func (d *divided) combine(shared Set) {
	floor := Design{Cost: d.Cost(shared), Worth: Worth{Capacity: math.Inf(1)}}
	for _, p := range d.parts {
		floor.Loss += p.Floor
	}
	if d.goal.hopeless(floor) || d.over(floor) {
		return
	}
	d.variants, d.rest = make([][]variant, len(d.parts)), make([]Design, len(d.parts)+1)
	d.rest[len(d.parts)].Capacity = math.Inf(1)
	for p := len(d.parts) - 1; p >= 0; p-- {
		d.collect(p, shared, 0, d.own[p])
		if d.over(floor) || len(d.variants[p]) == 0 {
			return
		}
		d.variants[p] = leading(d.variants[p])
		d.rest[p] = least(d.variants[p], d.rest[p+1])
	}
	d.visit(0, Design{Set: shared, Cost: d.Cost(shared), Worth: Worth{Capacity: math.Inf(1)}})
}

// collect lists the variants of a part with own options of in and any of open, after those that are decided.
func (d *divided) collect(p int, shared, in, open Set) {
	for i := range open.All() {
		if d.rivals[i]&(in|shared) == 0 && within(d.Cost(shared|in|only(i)), d.goal.limit()) {
			d.collect(p, shared, in|only(i), open&^all(i+1))
		}
	}
	if d.ended || d.err != nil || !d.whole(d.own[p]|d.shared|d.free(), shared|in) {
		return
	}
	w, also, err := d.parts[p].Worth(d.ctx, (shared|in)&d.on(p))
	if d.ended = d.ctx.Err() != nil; err != nil && !d.ended {
		d.err = err
	}
	d.variants[p] = append(d.variants[p], variant{Design{in, d.Cost(in), w}, also})
}

// on are the options that a part depends on, with what they require.
func (d *divided) on(p int) (on Set) {
	for i := range d.parts[p].On.All() {
		on |= d.closures[i]
	}
	return on
}

// whole reports whether options have all that they require of some others.
func (d *divided) whole(of, in Set) bool {
	for i := range in.All() {
		if d.closures[i]&of&^in != 0 {
			return false
		}
	}
	return true
}

// leading leaves out the variants that another one beats, and gives the rest by loss.
func leading(all []variant) (kept []variant) {
	slices.SortStableFunc(all, func(a, b variant) int {
		return cmp.Or(cmp.Compare(a.Loss, b.Loss), cmp.Compare(a.Cost, b.Cost), cmp.Compare(b.Capacity, a.Capacity))
	})
	for _, v := range all {
		if !slices.ContainsFunc(kept, func(k variant) bool { return k.beats(v) }) {
			kept = append(kept, v)
		}
	}
	return kept
}

func (v variant) beats(o variant) bool {
	for i := range v.also {
		if compare(v.also[i], o.also[i]) > 0 {
			return false
		}
	}
	return beats(v.Design, o.Design)
}

// least is the bound of a part and those after it.
func least(part []variant, after Design) Design {
	low := Design{Cost: math.Inf(1), Worth: Worth{part[0].Loss, math.Inf(-1)}}
	for _, v := range part {
		low.Cost, low.Capacity = min(low.Cost, v.Cost), max(low.Capacity, v.Capacity)
	}
	return Design{Cost: low.Cost + after.Cost, Worth: Worth{low.Loss + after.Loss, min(low.Capacity, after.Capacity)}}
}

// visit tries the designs that begin with in, and have any variants of the part p and those after it.
func (d *divided) visit(p int, in Design) {
	rest := d.rest[p]
	low := Design{Cost: in.Cost + rest.Cost, Worth: Worth{in.Loss + rest.Loss, min(in.Capacity, rest.Capacity)}}
	if !within(low.Cost, d.goal.limit()) || d.goal.hopeless(low) || d.over(low) {
		return
	}
	if p == len(d.parts) {
		if whole, ok := d.try(in.Set, low); ok {
			d.goal.take(whole)
		}
		return
	}
	for _, v := range d.variants[p] {
		d.visit(p+1, Design{in.Set | v.Set, in.Cost + v.Cost, Worth{in.Loss + v.Loss, min(in.Capacity, v.Capacity)}})
	}
}
