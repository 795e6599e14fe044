package lifetime

import (
	"math"
	"slices"
)

// cached is the number of views that are kept, a power of two: those of a hundred components of which none, one or two are down.
const cached = 1 << 13

// views keeps what the functions of a model say of a state. A row has the state, the flags, the share, the room and the level.
type views struct {
	*system
	rows  []uint64
	words int // of a row
}

func newViews(s *system) *views {
	v := &views{system: s, words: s.stateWords() + s.flagWords() + 3}
	v.rows = slices.Repeat([]uint64{math.MaxUint64}, cached*v.words)
	return v
}

// view is what the functions of a model say of a state.
type view struct {
	flags []uint64
	share float64
	room  float64
	level int
}

// of gives the view of a state. It holds until the next call.
func (v *views) of(up State) view {
	hash := uint64(0)
	for _, word := range up {
		hash = (hash ^ word) * 0x9e3779b97f4a7c15
		hash ^= hash >> 32
	}
	row := v.rows[int(hash%cached)*v.words:][:v.words]
	flags := row[len(up):]
	if !equal(row[:len(up)], up) {
		copy(row, up)
		v.fill(flags, up)
	}
	n := len(flags) - 3
	return view{flags[:n], math.Float64frombits(flags[n]), math.Float64frombits(flags[n+1]), int(flags[n+2])}
}

// fill asks the functions of the model.
func (v *views) fill(row []uint64, up State) {
	clear(row)
	for i, f := range v.failovers {
		s := &v.model.Switches[f.of]
		if s.Members[i-v.switches[f.of].first].Works(up) {
			State(row).set(i)
		}
	}
	for i, c := range v.standbys {
		if v.model.Components[c].Standby.Needed(up) {
			State(row).set(len(v.failovers) + i)
		}
	}
	for i, c := range v.demands {
		if v.model.Components[c].OnDemand.Needed(up) {
			State(row).set(len(v.failovers) + len(v.standbys) + i)
		}
	}
	n := len(row) - 3
	row[n], row[n+1] = share(v.model.Capacity, up), share(v.model.Ceiling, up)
	if v.splits != nil {
		row[n+2] = uint64(min(max(v.splits.Level(up), 0), len(v.splits.Copies)))
	}
}

// share gives the bits of a function's value within 0 and 1, without a function of 1.
func share(of func(State) float64, up State) uint64 {
	v := 1.0
	if of != nil {
		v = of(up)
	}
	if !(v > 0) {
		v = 0
	}
	return math.Float64bits(min(v, 1))
}

// equal is slices.Equal without its dictionary: it is asked at every event.
func equal(a, b []uint64) bool {
	for i, word := range a {
		if word != b[i] {
			return false
		}
	}
	return true
}
