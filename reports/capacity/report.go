package capacity

import (
	"cmp"
	"math"
	"slices"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// Schema is the version of the report's form.
const Schema = "spof/capacity/v1"

// Report is the capacity of a design in each of its states.
type Report struct {
	Schema   string          `json:"schema"`
	Verdict  analyze.Verdict `json:"verdict"` // of the gates; pass without any
	Topology string          `json:"topology"`
	// DesignHash names the design, whatever its name (plan.Plan.DesignHash).
	DesignHash string  `json:"design_hash"`
	Scenario   string  `json:"scenario"` // that gives the load
	Runtime    string  `json:"runtime"`
	Version    string  `json:"version"`       // of spof
	Offered    float64 `json:"offered_per_s"` // load of the design, requests per second
	PerUser    float64 `json:"per_user_per_s"`
	Share      float64 `json:"share"`  // of the requests that must be answered within the patience
	Within     float64 `json:"within"` // widest interval that was aimed at: hi/lo - 1
	StepS      float64 `json:"step_s"` // shortest measured part of a try
	States     []State `json:"states"`
	Gates      []Gate  `json:"gates"`
}

// Limit is what ended the ramp of a state.
type Limit string

// The limits.
const (
	ByDesign  Limit = "design"      // the design gives way within the interval
	ByMachine Limit = "machine"     // above the lower end this machine may be the limit
	ByMost    Limit = "most"        // the highest rate that may be tried held
	ByPath    Limit = "no-path"     // no request has a path; nothing was measured
	ByOutage  Limit = "not-settled" // the service did not return in this state
	ByBacklog Limit = "not-drained" // the service did not recover from an overload
	ByBudget  Limit = "budget"      // the time was over
)

// State is the capacity of a design in one state.
type State struct {
	State     string   `json:"state"`
	Lost      []string `json:"lost"`
	Worst     bool     `json:"worst"` // of the states with this name
	Reach     float64  `json:"reach"` // share of the requests that have a path, 0-1
	IdleP95MS float64  `json:"idle_p95_ms"`
	LimitMS   float64  `json:"limit_p95_ms"` // of the latency under load; 0: not measured
	// Carries is the interval of the highest rate of requests that are served; hi is null if nothing bounds it. Headroom is the rate /
	// the offered load - 1; Users is the rate / the requests of one user.
	Carries   analyze.Range `json:"carries_per_s"`
	Headroom  analyze.Range `json:"headroom"`
	Users     analyze.Range `json:"users"`
	Limit     Limit         `json:"limit"`
	FirstCode string        `json:"gives_way_code"`
	First     string        `json:"gives_way_first"` // what gives way first
	Tried     []Tally       `json:"tried"`
	Steps     []Step        `json:"steps"` // in the order in which they were tried
}

// Step is one try.
type Step struct {
	Rate    float64 `json:"rate_per_s"` // offered
	Served  float64 `json:"served"`     // share answered within the patience, 0-1
	P95MS   float64 `json:"p95_ms"`
	Outcome Outcome `json:"outcome"`
	Code    string  `json:"code,omitempty"` // of Why
	Why     string  `json:"why,omitempty"`  // the rate did not hold
}

// Gate is a rate that a state must carry.
type Gate struct {
	State   string          `json:"state"`
	AtLeast float64         `json:"at_least_per_s"`
	Verdict analyze.Verdict `json:"verdict"`
}

// Conclude takes the result of a ramp. cut is why it ended early; empty: it did not.
func (s *State) Conclude(r *Ramp, cut Limit) {
	knee := r.Knee()
	s.Tried = r.Tallies()
	s.Carries = analyze.Range{Lo: knee.Lo * s.Reach, Hi: knee.Hi * s.Reach}
	s.Limit = ByDesign
	switch {
	case cut != "":
		s.Limit = cut
	case r.Limited():
		s.Limit = ByMachine
	case math.IsInf(knee.Hi, 1):
		s.Limit = ByMost
	}
	if i := slices.IndexFunc(s.Steps, func(p Step) bool { return p.Outcome == GaveWay && p.Rate == knee.Hi }); i >= 0 {
		s.FirstCode, s.First = s.Steps[i].Code, s.Steps[i].Why
	}
	for _, p := range s.Steps {
		if s.Limit == ByMachine && p.Outcome == Machine {
			s.Carries.Why = p.Why
		}
	}
}

// Finish computes what follows from the rates: headroom, users, the worst states and the gates.
func (r *Report) Finish() {
	worst := map[string]int{}
	for i := range r.States {
		s := &r.States[i]
		s.Headroom = analyze.Range{Lo: s.Carries.Lo/r.Offered - 1, Hi: s.Carries.Hi/r.Offered - 1, Why: s.Carries.Why}
		s.Users = analyze.Range{Lo: math.Floor(s.Carries.Lo / r.PerUser), Hi: math.Floor(s.Carries.Hi / r.PerUser), Why: s.Carries.Why}
		if at, seen := worst[s.State]; !seen || s.less(r.States[at]) {
			worst[s.State] = i
		}
	}
	for _, i := range worst {
		r.States[i].Worst = true
	}
	r.Verdict = analyze.Pass
	for i := range r.Gates {
		g := &r.Gates[i]
		g.Verdict = r.judge(*g)
		r.Verdict = worse(r.Verdict, g.Verdict)
	}
}

func (s State) less(o State) bool {
	return cmp.Or(cmp.Compare(s.Carries.Lo, o.Carries.Lo), cmp.Compare(s.Carries.Hi, o.Carries.Hi)) < 0
}

// rounding absorbs the error of a share of a rate.
const rounding = 1e-9

// judge judges a gate by every state with its name. The upper end of an interval is a rate that was not carried.
func (r *Report) judge(g Gate) analyze.Verdict {
	if !slices.ContainsFunc(r.States, func(s State) bool { return s.State == g.State }) {
		return analyze.Inconclusive
	}
	v := analyze.Pass
	for _, s := range r.States {
		switch {
		case s.State != g.State || s.Carries.Lo >= g.AtLeast*(1-rounding):
		case s.Carries.Hi <= g.AtLeast*(1+rounding):
			v = worse(v, analyze.Fail)
		default:
			v = worse(v, analyze.Inconclusive)
		}
	}
	return v
}

// worse merges two verdicts: fail > inconclusive > pass.
func worse(a, b analyze.Verdict) analyze.Verdict {
	order := []analyze.Verdict{analyze.Pass, analyze.Inconclusive, analyze.Fail}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}
