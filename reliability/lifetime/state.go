package lifetime

// condition of a component.
type condition uint8

const (
	running condition = iota
	dormant           // a standby that is not needed
	noPart            // it waits for a part
	noCrew            // it has its part and waits for a crew
	repairing
	maintained // a window has it
)

// state is all that the future of a life depends on. Splitting copies it.
type state struct {
	clocks
	now  float64
	law  []int32   // by clock: what its time was drawn from, or none
	born []float64 // by clock: when the time that was drawn began

	up        State
	condition []condition
	age       []float64 // by component that does not run: its age
	since     []float64 // by component that waits: when it began to
	holds     []bool    // by component: its repair has a member of its crew
	window    []int     // by component in maintenance: the window
	turn      []int     // by window: its group that is out
	busy      []int     // by crew: members at work
	queue     []int     // by crew: components that wait for it
	parts     []int     // by stock

	flags   []uint64 // which members work, then which standbys and components on demand are needed
	needs   []uint64 // by flag of a component on demand: it has begun
	active  []int    // by switch: its active member, or none
	open    []int    // failovers under way
	blocked []int    // by failover under way: its cause

	depth    int     // level of splitting
	users    ledger  // share of the users served
	room     ledger  // share of the greatest demand that there is room for
	switched float64 // factor of the share that failovers under way leave
	downBy   int     // cause of the outage, or none: the service is up
	last     float64 // time until which losses are booked
}

func newState(s *system) *state {
	n, m := len(s.components), len(s.owners)
	return &state{
		clocks: newClocks(m), law: make([]int32, m), born: make([]float64, m),
		up: make(State, s.stateWords()), condition: make([]condition, n), age: make([]float64, n),
		since: make([]float64, n), holds: make([]bool, n), window: make([]int, n), busy: make([]int, len(s.crewed)), queue: make([]int, len(s.crewed)),
		parts: make([]int, len(s.stocks)), turn: make([]int, len(s.windows)), flags: make([]uint64, s.flagWords()), needs: make([]uint64, s.flagWords()), active: make([]int, len(s.switches)),
		open: make([]int, 0, len(s.failovers)), blocked: make([]int, len(s.failovers)),
	}
}

// copyFrom makes s equal to another state of the same system.
func (s *state) copyFrom(o *state) {
	old := *s
	*s = *o
	s.clocks = clocks{append(old.at[:0], o.at...), append(old.node[:0], o.node...)}
	s.law, s.born = append(old.law[:0], o.law...), append(old.born[:0], o.born...)
	s.up, s.condition = append(old.up[:0], o.up...), append(old.condition[:0], o.condition...)
	s.age, s.since = append(old.age[:0], o.age...), append(old.since[:0], o.since...)
	s.holds, s.window, s.turn = append(old.holds[:0], o.holds...), append(old.window[:0], o.window...), append(old.turn[:0], o.turn...)
	s.busy, s.queue, s.parts = append(old.busy[:0], o.busy...), append(old.queue[:0], o.queue...), append(old.parts[:0], o.parts...)
	s.flags, s.needs, s.active = append(old.flags[:0], o.flags...), append(old.needs[:0], o.needs...), append(old.active[:0], o.active...)
	s.open, s.blocked = append(old.open[:0], o.open...), append(old.blocked[:0], o.blocked...)
	s.users.debts, s.room.debts = append(old.users.debts[:0], o.users.debts...), append(old.room.debts[:0], o.room.debts...)
}

// stateWords are the words of a State: the last bit of the last one is never set, so that no state equals the words of an empty view.
func (s *system) stateWords() int { return len(s.components)/64 + 1 }

// flagWords are the words for the members of all switches, the standbys and the components on demand.
func (s *system) flagWords() int {
	return (len(s.failovers) + len(s.standbys) + len(s.demands) + 63) / 64
}
