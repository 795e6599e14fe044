package planner

// Lifetimes is what simulated years of a design say, with the care of the plan.
type Lifetimes struct {
	Left  string  `json:"left_out,omitempty"` // why nothing was simulated
	Years float64 `json:"years"`              // simulated, in lives of ten years that begin with new components
	Seed  uint64  `json:"seed"`
	Rare  bool    `json:"splitting,omitempty"` // outages were too rare to wait for: lives that came near to one were copied
	// Hours without service a year, of a user on average.
	Hours     Interval    `json:"hours_per_year"`
	UserHours Interval    `json:"user_hours_per_year"` // lost, weighted by the demand at their time
	Busy      *float64    `json:"busy_share"`          // of UserHours: in the hours of the week with at least half of the greatest demand; null: demand is constant
	Bad       []BadYear   `json:"years_by_share,omitempty"`
	Causes    []LifeCause `json:"causes,omitempty"` // add up to Hours; the greatest first
	Added     []Added     `json:"added,omitempty"`  // by the care, one part after the other
	// Exact is what the exact path says, with mean waits for crews and parts and without windows, and Agrees whether it is inside the interval of Hours at 99.9 %. Why not is in Why.
	Exact  float64 `json:"exact_hours_per_year"`
	Agrees bool    `json:"agrees"`
	Why    string  `json:"why,omitempty"`
}

// Interval is a mean with its interval at 95 %.
type Interval struct {
	Value float64 `json:"value"`
	Lo    float64 `json:"lo"`
	Hi    float64 `json:"hi"`
}

// BadYear is a year that a share P of the years does not exceed. The hours and the user-hours are of two years: each has its own order.
type BadYear struct {
	P         float64  `json:"p"`
	Hours     Interval `json:"hours"`
	UserHours Interval `json:"user_hours"`
	Downtime  float64  `json:"downtime_cost"`
}

// LifeCause is a part of a design's simulated outage.
type LifeCause struct {
	Name      string  `json:"name"`
	Hours     float64 `json:"hours_per_year"`
	UserHours float64 `json:"user_hours_per_year"`
}

// Added is what a part of the care adds to the hours without service.
type Added struct {
	Name  string   `json:"name"`
	Hours Interval `json:"hours_per_year"`
}
