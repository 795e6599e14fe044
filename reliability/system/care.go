package system

import "github.com/seed-ab8b6914/spof/reliability/dist"

// Care is who looks after a system, and with what. Without it there are crews and spare parts for all failures at once.
type Care struct {
	Crews   []Crew
	Stocks  []Stock
	Windows []Window
}

// Given reports whether anything is said.
func (c Care) Given() bool { return len(c.Crews)+len(c.Stocks)+len(c.Windows) > 0 }

// Crew repairs the components of its kinds, as many at once as it has members. A kind has one crew at most.
type Crew struct {
	Name    string
	Members int      // 1 or more
	Kinds   []string // of the table
}

// Stock has the spare parts of a kind. Each repair takes one, and each part taken is ordered again at once.
type Stock struct {
	Kind  string
	Parts int               // 0 or more
	Lead  dist.Distribution // hours from order to delivery
}

// Window is planned maintenance of all components of its kinds, one after the other. It takes the place of the events of the kind
// maintenance on the nodes of these components.
type Window struct {
	Name    string
	Kinds   []string          // of the table
	Start   float64           // hour of the week from Monday 00:00, 0 to below 168
	Weeks   int               // from one window to the next, 1 or more
	Lasts   dist.Distribution // hours without one component
	Careful bool              // a component without which the service would be down is left out
}
