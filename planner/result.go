package planner

// Schema is the version of plan.json.
const Schema = "spof/plan/v1"

// Result is the answer to a plan. Money is in Currency, outages in hours a year of 8,760 hours.
type Result struct {
	Schema   string  `json:"schema"`
	Plan     string  `json:"plan"`
	Title    string  `json:"title"`
	About    string  `json:"about,omitempty"`
	Version  string  `json:"version"` // of spof
	Seed     uint64  `json:"seed"`
	Currency string  `json:"currency"`
	Years    float64 `json:"years"` // over which costs count
	// DowntimeCost is the cost of an hour in which one user has no service.
	DowntimeCost float64  `json:"downtime_cost_per_user_hour"`
	Peak         float64  `json:"users_at_peak"`      // at work in the hour of the week with most
	Budget       *float64 `json:"budget"`             // null: none
	TargetHours  *float64 `json:"target_hours"`       // hours without service a year; null: none
	Verdict      []string `json:"verdict"`            // the recommendation: two sentences
	Cautions     []string `json:"cautions,omitempty"` // designs that were measured to carry less than the users at work at the peak
	Designs      []Design `json:"designs"`            // in the order of the plan; then the choice, if there are alternatives
	Choice       *Choice  `json:"choice,omitempty"`   // absent: the plan has no alternatives
	Doubt        Doubt    `json:"doubt"`              // what would change the ranking
	Assumed      []Figure `json:"assumptions"`        // every figure that went in, with its source
}

// Design is one design with what it costs and what it gives.
type Design struct {
	Name   string   `json:"name"`
	About  string   `json:"about,omitempty"`
	Buys   []string `json:"buys,omitempty"` // the alternatives that it has; of the choice alone
	Buy    float64  `json:"buy"`            // money, once
	Yearly float64  `json:"yearly"`         // money a year
	Cost   float64  `json:"cost"`           // Buy + Years x Yearly
	// Availability is the mean over the users of the share of time in which they are served; Hours is what lacks to a year.
	Availability float64      `json:"availability"`
	Nines        float64      `json:"nines"` // -log10(1 - Availability)
	Hours        float64      `json:"hours_per_year"`
	Outages      float64      `json:"outages_per_year"`
	Causes       []Cause      `json:"causes,omitempty"` // add up to Hours; the greatest first
	Failover     Failover     `json:"failover"`
	Users        int          `json:"users"`
	N1           N1           `json:"n_minus_1"`
	Carries      []Carried    `json:"carries"`                 // in each of the design's states
	UserHours    float64      `json:"user_hours_per_year"`     // lost, weighted by the demand
	Affected     float64      `json:"users_affected_per_year"` // outages times the users who are at work then
	Downtime     float64      `json:"downtime_cost_per_year"`
	Loss         float64      `json:"loss"`                 // by which designs are ranked, see Doubt.Unit
	Importance   []Importance `json:"importance,omitempty"` // the greatest first
	CutSets      []CutSet     `json:"cut_sets,omitempty"`   // the likeliest first
	Lifetimes    *Lifetimes   `json:"lifetimes"`
}

// Cause is a part of a design's outage.
type Cause struct {
	Name  string  `json:"name"`
	Hours float64 `json:"hours_per_year"`
}

// N1 is what is left after the worst loss of a single component.
type N1 struct {
	Users int    `json:"users"`         // who are still served, at least
	Most  *int   `json:"users_at_most"` // null: nothing bounds it
	Worst string `json:"worst"`         // the component
	From  Source `json:"from"`          // measured, or the users with a path
}

// Interval writes the users: 35 to 38, at least 200.
func (n N1) Interval() string { return between(n.Users, n.Most) }

// Importance is what one component means for a design.
type Importance struct {
	Name        string  `json:"name"`
	Hours       float64 `json:"hours_per_year"` // Criticality x the hours of the design without its failovers
	Birnbaum    float64 `json:"birnbaum"`
	Criticality float64 `json:"criticality"` // share of the outage in which it is down and needed: p x Birnbaum / unavailability
	RAW         float64 `json:"raw"`
	RRW         float64 `json:"rrw"`
	Cost        float64 `json:"downtime_cost_per_year"` // of those hours
}

// CutSet is a least set of components that together end the service.
type CutSet struct {
	Names  []string `json:"names"`
	Hours  float64  `json:"hours_per_year"`
	Shares []string `json:"shares,omitempty"` // what the components have in common
}

// Choice is what to buy.
type Choice struct {
	Base   string  `json:"base"`            // the design to take
	Best   Point   `json:"best"`            // by the budget, or by the target
	Front  []Point `json:"front,omitempty"` // by cost
	Steps  []Step  `json:"steps,omitempty"` // one purchase after the other
	Proven bool    `json:"proven"`          // no combination is better
	// Bound is what no combination is below: hours without service a year, or with a target the cost. Absent if the best is proven.
	Bound *float64 `json:"bound,omitempty"`
}

// Point is a design with alternatives. Its cost counts the design.
type Point struct {
	Base  string   `json:"base"`
	Buys  []string `json:"buys"`
	Cost  float64  `json:"cost"`
	Hours float64  `json:"hours_per_year"`
	Users int      `json:"users_at_n_minus_1"` // at least
}

// Step is a purchase, with what it saves after those before it.
type Step struct {
	Buys  []string `json:"buys"`
	About string   `json:"about"`
	Cost  float64  `json:"cost"`
	Saves float64  `json:"saves_hours_per_year"`
	Alone float64  `json:"alone_hours_per_year"`
	Left  float64  `json:"left_hours_per_year"`
	// Pays is the downtime that it saves in money, over the years.
	Pays float64 `json:"saves_downtime_cost"`
}

// Doubt says how sure the ranking of the designs by outage is.
type Doubt struct {
	Unit  string   `json:"unit"` // of the loss by which designs are ranked
	Draws int      `json:"draws"`
	First []Chance `json:"first,omitempty"`
	Bars  []Bar    `json:"tornado,omitempty"` // the longest first
	Turns []string `json:"turns,omitempty"`   // what the measurements turned: the order of two designs, or the choice; sentences
}

// Chance is the probability that a design is the first.
type Chance struct {
	Name string     `json:"name"`
	P    float64    `json:"p"`
	CI   [2]float64 `json:"ci"`
	Mean float64    `json:"mean_loss"`
}

// Bar is what one input does to the outage of the first design.
type Bar struct {
	Name   string  `json:"name"`
	From   Source  `json:"from"`
	Low    string  `json:"low"`
	High   string  `json:"high"`
	AtLow  float64 `json:"loss_at_low"`
	AtHigh float64 `json:"loss_at_high"`
	First  string  `json:"turns_to,omitempty"` // the design that would be the first at one end
}

// Figure is an assumption.
type Figure struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	From   Source `json:"from"`
	Source string `json:"source"` // a publication, or the place in a file
}
