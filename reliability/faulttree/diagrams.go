package faulttree

import "github.com/seed-ab8b6914/spof/reliability/bdd"

// module is a part of a tree that shares nothing with the rest, as a function of its own variables: its events, and the modules below it.
type module struct {
	at        int // its vertex
	f         bdd.Ref
	variables []int // vertices, by number of the variable
	coherent  bool
}

// diagrams are the modules of a tree, those below before those above. The last is the top.
type diagrams struct {
	*graph
	d       *bdd.Diagrams
	modules []module
}

// nodesAtOnce are the limits of the attempts to make diagrams: an order that needs much is given up until all others have failed as well.
var nodesAtOnce = []int{1 << 17, 1 << 20, bdd.MostNodes}

// newDiagrams makes the diagrams of a tree without problems, by the first order that needs few enough nodes.
func newDiagrams(t *Tree) (*diagrams, error) {
	g := newGraph(t)
	var err error
	for _, most := range nodesAtOnce {
		for _, by := range orders {
			d := &diagrams{graph: g, d: bdd.New()}
			d.d.Limit(most)
			d.arrange(by)
			d.build()
			if err = d.d.Err(); err == nil {
				return d, nil
			}
		}
	}
	return nil, err
}

// build makes the diagrams of all modules.
func (d *diagrams) build() {
	b := builder{diagrams: d, ref: make([]bdd.Ref, len(d.vertices)), numbered: make([]bool, len(d.vertices))}
	for _, at := range d.gates {
		v := &d.vertices[at]
		if !v.module {
			continue
		}
		b.m = module{at: at, coherent: true}
		b.number(at)
		b.m.f = b.gate(v)
		b.m.coherent = b.m.coherent || d.d.Coherent(b.m.f)
		d.modules = append(d.modules, b.m)
	}
}

// builder makes the diagram of one module after another.
type builder struct {
	*diagrams
	m        module
	ref      []bdd.Ref // by vertex
	numbered []bool    // by vertex, that ref is known
}

// number gives the variables of a gate their numbers, depth first. A module below it is a variable.
func (b *builder) number(at int) {
	for _, in := range b.vertices[at].inputs {
		v := &b.vertices[in]
		switch {
		case b.numbered[in]:
			continue
		case v.constant():
			b.ref[in] = bdd.False
			if v.state {
				b.ref[in] = bdd.True
			}
		case v.gate == nil || v.module:
			b.ref[in] = b.d.Var(len(b.m.variables))
			b.m.variables = append(b.m.variables, in)
		default:
			b.number(in)
			b.ref[in] = b.gate(v)
		}
		b.numbered[in] = true
	}
}

// gate is the function of a gate whose inputs are known.
func (b *builder) gate(v *vertex) bdd.Ref {
	in := make([]bdd.Ref, len(v.inputs))
	for i, at := range v.inputs {
		in[i] = b.ref[at]
	}
	switch v.gate.Kind {
	case And:
		return b.d.And(in...)
	case AtLeast:
		return b.d.AtLeast(v.gate.K, in...)
	case Not:
		b.m.coherent = false
		return b.d.Not(in[0])
	case Xor:
		b.m.coherent = false
		return b.d.Xor(in[0], in[1])
	}
	return b.d.Or(in...) // of one input it is that input
}
