// Package lifetime simulates the lives of a system of components: years of failures, repairs, failovers, maintenance and changes, and
// what its users lost. It finds what exact methods leave out: few repair crews, spare parts on order, ageing, the tail of a failover, and
// the hour of the week. Begin at Model and Simulate. It knows components by their place in a Model and nothing of topologies.
//
// A life begins with new components on Monday at 00:00 and lasts Model.Life hours. Lives are independent of each other.
//
// Sources: Law, Simulation Modeling and Analysis, 5th edition, chapters 1 and 9 (next-event simulation, independent replications);
// Villen-Altamirano, RESTART: a method for accelerating rare event simulations, 1991 (splitting).
package lifetime

import "github.com/seed-ab8b6914/spof/reliability/dist"

// State says which components are up: one bit each, in the order of Model.Components.
type State []uint64

// Up tells whether component i is up.
func (s State) Up(i int) bool { return s[i/64]>>(i%64)&1 == 1 }

func (s State) set(i int)   { s[i/64] |= 1 << (i % 64) }
func (s State) clear(i int) { s[i/64] &^= 1 << (i % 64) }

// Week has a value for each hour of the week, from Monday 00:00.
type Week [168]float64

// Model is a system. Its functions of a State must be pure; several goroutines call them at once.
type Model struct {
	Life       float64 // hours of a life; 0: 10 years
	Components []Component
	Crews      []Crew
	Stocks     []Stock
	Shocks     []Shock
	Windows    []Window
	Switches   []Switch
	// Capacity is the share of the users served, from 0 to 1, when every failover is done. Values outside count as 0 or 1.
	Capacity func(up State) float64
	// Ceiling is the traffic that the components carry at most, as a share of that of the greatest demand. Demand of users who are served
	// is lost where it is above the ceiling, so that a ceiling of half costs nothing at night. nil: no ceiling.
	Ceiling func(up State) float64
	// Enough is the least share with which the service counts as up; 0: as long as anybody is served.
	Enough float64
	// Demand is the relative demand over the week; its scale does not matter. nil: constant.
	Demand *Week
}

// Component is what fails and is repaired. A distribution that is nil never happens.
type Component struct {
	Name  string
	Cause string            // on which losses are booked; "": Name
	Fails dist.Distribution // hours of running until a failure
	// Repair is the hours of work. The component is as good as new after it, or, with KeepsAge, as old as before (minimal repair).
	Repair   dist.Distribution
	KeepsAge bool
	Crew     string // who repairs; "": somebody is always free
	Priority int    // among those that wait for a crew, the smallest is first; equal ones in the order of their failures
	Stock    string // of the part that a repair takes; "": none
	Standby  *Standby
	OnDemand *OnDemand
}

// Standby is a dormant component, such as a generator. It counts as up while it waits. It ages only while it runs, and each run begins as
// new.
type Standby struct {
	Needed     func(up State) bool // whether it must run
	StartFails float64             // probability that it does not start when it is needed
}

// OnDemand is a component that is asked for now and then, and counts as up meanwhile: a mechanism that switches, a battery, a failover. When
// a need begins, it is drawn whether the component refuses. If not, it works until it Fails, counted from the beginning of the need. What
// went down comes up after its Repair, once in a need; without a Repair it stays down. The end of the need makes it whole. It has no crew,
// no stock, and no age.
type OnDemand struct {
	Needed  func(up State) bool // must not depend on whether the component itself is up
	Only    func(up State) bool // a need that begins in another state asks for nothing; nil: each need asks
	Refuses float64             // probability that it is down from the beginning of a need
}

// Crew repairs as many components at once as it has members.
type Crew struct {
	Name    string
	Members int
}

// Stock has spare parts. Each part taken is ordered again at once.
type Stock struct {
	Name  string
	Parts int
	Lead  dist.Distribution // hours from order to delivery
}

// Shock fails several components at once: a common cause, or a change.
type Shock struct {
	Name  string
	Every dist.Distribution // hours between shocks
	When  *Week             // relative rate over the week, for an exponential Every; nil: constant
	Hits  []string          // components
	// Spares is the probability that a component which is up is not hit, each by itself.
	Spares float64
	// Undo is the hours until a hit component is up again, without crew and part: the rollback of a change. nil: it is repaired as always.
	Undo dist.Distribution
}

// Window is planned maintenance: it takes its components that are up out of service, all at once or one after the other.
type Window struct {
	Name       string
	Components []string
	Start      float64           // hour of the week, 0 to 168
	Weeks      int               // from one window to the next; the first is after that many weeks
	Lasts      dist.Distribution // hours; in turn, of each component
	InTurn     bool              // one component after the other
	Careful    bool              // what would take the service down is left out: the window, or in turn the component
}

// Switch moves users from a member that fails to another: an address of VRRP, the servers of a balancer.
type Switch struct {
	Name    string
	Members []Member // by preference: the first that works is active
	// Spread: all members are active, and the failure of each is a failover of the users on it.
	Spread bool
	// Share of the users served that a failover leaves without service until it is done; 0: all of them.
	Share float64
	// Outage is the hours of a failover: the measured ones. nil: none.
	Outage dist.Distribution
	// Ineffective is the probability that a failover does not work, 1 - coverage. The outage then lasts until somebody switches by hand
	// (Manual; nil: nobody does), and no longer than until the member works again.
	Ineffective float64
	Manual      dist.Distribution
	Planned     dist.Distribution // hours without service when maintenance moves the users; nil: none
	Failback    dist.Distribution // hours without service when a preferred member returns and takes over; nil: it does not
}

// Member is one of those between which a Switch chooses.
type Member struct {
	Name  string
	Works func(up State) bool
}
