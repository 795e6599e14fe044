package lifetime

import "github.com/seed-ab8b6914/spof/reliability/dist"

// none stands for a missing law, crew, stock or member.
const none = -1

// byDesign is the cause of what is lost while nothing is broken.
const byDesign = 0

// eventKind says what happens at the time of a clock.
type eventKind uint8

const (
	ofComponent eventKind = iota // it fails, or its repair ends
	ofShock
	ofWindow // it opens or closes
	ofSwitch // a failover of a member ends
	ofOrder  // a part arrives
)

// owner is what the event of a clock belongs to.
type owner struct {
	kind eventKind
	of   int // index of the component, shock, window, failover or stock
}

// system is a Model by numbers. It does not change during a simulation.
type system struct {
	model      *Model
	laws       []dist.Distribution // drawn from
	owners     []owner             // those of components come first, in their order
	causes     []string
	components []unit
	crewed     [][]int // components by crew
	stocked    [][]int // components by stock
	stocks     []stock
	shocks     []shock
	windows    []window
	switches   []exchange
	failovers  []failover
	standbys   []int    // components
	demands    []int    // components on demand
	asked      []uint64 // the flags that are theirs
	demand     demand
	splits     *Splitting
	enough     float64
	length     float64 // hours of a life
}

// unit is a component: indices of its laws, crew, stock and cause.
type unit struct{ fails, repair, crew, stock, cause int }

type stock struct {
	lead, first, end int // law, and the clocks of its orders
}

type shock struct {
	every, undo, cause, clock int
	hits                      []int
	when                      Week // probability that a shock at that hour happens
}

type window struct {
	lasts, cause, clock int
	groups              [][]int // of components that are out together; one group after the other
}

// exchange is a switch: the range of its failovers, one for each member.
type exchange struct {
	first, end         int
	outage, manual     int // laws
	planned, failback  int // laws
	whenDone, whenNot  int // causes: of a failover that works, and of one that does not
	share, ineffective float64
	spread             bool
}

// failover is a member of a switch.
type failover struct{ of, clock int }
