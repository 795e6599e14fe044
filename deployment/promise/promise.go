// Package promise says what the configuration files of a deployment promise: for a fault and the users of an entry, how long until the
// mechanism has decided and until new connections succeed again, or that they never do, with the line that each timer comes from. The
// formulas are those of package policy and of the engines; this package composes them along the path of the users: a virtual address in
// front of a balancer in front of a proxy with its parents. Begin at Predict. It runs nothing and opens no file.
package promise

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/engine/keepalived"
	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// Prompt is the longest wait of a connection that counts as served: it is what a refused connection that goes on at once takes.
const Prompt = 100 * time.Millisecond

// Span is a time from the effect of a fault, or from its repair. Its zero value is not known, or says nothing.
type Span struct {
	policy.Bounds
	Known bool
	Never bool // not while the fault lasts
}

// within is a known span.
func within(b policy.Bounds) Span { return Span{Bounds: b, Known: true} }

// never and prompt are the spans of an outage that does not end, and of none that a user notices.
var (
	never  = Span{Known: true, Never: true}
	prompt = within(policy.Bounds{Hi: Prompt})
)

// String gives the span for people.
func (s Span) String() string {
	switch {
	case !s.Known:
		return "not known"
	case s.Never:
		return "never"
	}
	lo, hi := seconds(s.Lo), seconds(s.Hi)
	if lo == hi {
		return hi + " s"
	}
	return lo + "-" + hi + " s"
}

// seconds writes a time in seconds, to the millisecond below 1 s, else to the hundredth.
func seconds(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprint(d.Round(time.Millisecond).Seconds())
	}
	return fmt.Sprint(d.Round(10 * time.Millisecond).Seconds())
}

// MarshalJSON gives [lo, hi] in seconds, "never" or null.
func (s Span) MarshalJSON() ([]byte, error) {
	switch {
	case !s.Known:
		return []byte("null"), nil
	case s.Never:
		return []byte(`"never"`), nil
	}
	return json.Marshal([2]float64{s.Lo.Seconds(), s.Hi.Seconds()})
}

// longer gives the span that ends later.
func longer(a, b Span) Span {
	switch {
	case a.Never || !b.Known:
		return a
	case b.Never || !a.Known:
		return b
	}
	return within(policy.Bounds{Lo: max(a.Lo, b.Lo), Hi: max(a.Hi, b.Hi)})
}

// Term is a part of a formula, with the setting that it comes from.
type Term struct {
	Text    string         `json:"text"`
	Setting string         `json:"setting,omitempty"` // as the file has it; empty: no setting
	At      configtext.Pos `json:"-"`
	Bounds  policy.Bounds  `json:"-"`
}

// MarshalJSON gives the bounds in seconds and the place as text.
func (t Term) MarshalJSON() ([]byte, error) {
	type plain Term
	at := ""
	if t.At.Line > 0 {
		at = t.At.String()
	}
	return json.Marshal(struct {
		plain
		Seconds [2]float64 `json:"seconds"`
		At      string     `json:"at,omitempty"`
	}{plain(t), [2]float64{t.Bounds.Lo.Seconds(), t.Bounds.Hi.Seconds()}, at})
}

// Answer is what the files promise to the users of an entry for a fault.
type Answer struct {
	Fault    Fault  `json:"fault"`
	Entry    string `json:"entry"`
	Via      string `json:"via,omitempty"` // the backend or list, if the entry has several
	Detect   Span   `json:"detect_s"`
	Failover Span   `json:"failover_s"`
	Back     Span   `json:"back_s"`
	// Terms are the formula of the failover, or of the detection where that is never or none.
	Terms   []Term               `json:"formula,omitempty"`
	Why     string               `json:"why,omitempty"`
	Users   string               `json:"users,omitempty"` // what they see meanwhile
	Levers  []Lever              `json:"shorter,omitempty"`
	Doubts  []configtext.Unknown `json:"-"` // lines that are not modelled and may change the answer
	Assumed []string             `json:"assumed,omitempty"`
	entry   int                  // its number
}

// Outage tells whether users notice the fault.
func (a Answer) Outage() bool { return !a.Failover.Known || a.Failover.Never || a.Failover.Hi > Prompt }

// Key names the answer: what it is about.
func (a Answer) Key() string {
	key := a.Fault.String() + " at " + a.Entry
	if a.Via != "" {
		key += " (" + a.Via + ")"
	}
	return key
}

// Assumptions are what no file says about the users.
type Assumptions struct {
	Rate float64 // new connections or requests of all users, in 1/s
}

// Predict gives the answers for faults, in the order of the faults and entries. A fault that does not concern the users of an entry has
// no answer there.
func Predict(s *deployment.System, faults []Fault, assume Assumptions) []Answer {
	p := newPredictor(s, assume)
	p.settings()
	var all []Answer
	levers := map[string][]Lever{} // by the likeness of answers: they are worked out once
	for _, f := range faults {
		for _, a := range p.answers(f) {
			key := a.likeness()
			if _, known := levers[key]; !known && a.Outage() {
				levers[key] = p.levers(a)
			}
			a.Levers = levers[key]
			all = append(all, a)
		}
	}
	return all
}

// predictor predicts for a system.
type predictor struct {
	*deployment.System
	Assumptions
	routers []keepalived.Router
	idx     index
}

func newPredictor(s *deployment.System, assume Assumptions) *predictor {
	p := &predictor{System: s, Assumptions: assume, routers: routers(s)}
	p.index()
	for i, e := range s.Users {
		for h := range p.reach(e) {
			if at := p.idx.entries[h.Name]; len(at) == 0 || at[len(at)-1] != i {
				p.idx.entries[h.Name] = append(at, i)
			}
		}
	}
	return p
}

// answers predicts for a fault, without levers.
func (p *predictor) answers(f Fault) (all []Answer) {
	for _, i := range p.concerned(f) {
		all = append(all, p.answersAt(f, i)...)
	}
	return all
}

// answersAt predicts for a fault and the users of an entry.
func (p *predictor) answersAt(f Fault, entry int) (all []Answer) {
	st, e := p.state(f), p.Users[entry]
	for _, path := range st.enter(e) {
		if path.struck {
			path.doubts = append(path.doubts, st.unmodelled(path)...)
			a := path.answer(f, e)
			a.entry = entry
			all = append(all, a)
		}
	}
	return all
}

// outcome is what a fault does to users on a path, or on a part of it.
type outcome struct {
	via                    string
	struck                 bool // the fault hits something that these users use
	detect, failover, back Span
	terms                  []Term
	why, users             string
	doubts                 []configtext.Unknown
	assumed                []string
}

func (o outcome) answer(f Fault, e deployment.Entry) Answer {
	return Answer{Fault: f, Entry: e.String(), Via: o.via, Detect: o.detect, Failover: o.failover, Back: o.back, Terms: o.terms,
		Why: o.why, Users: o.users, Doubts: o.doubts, Assumed: o.assumed}
}

// worse gives the outcome that ends later, for users whose requests may take either way.
func worse(all []outcome) outcome {
	var out outcome
	for _, o := range all {
		if !o.struck {
			continue
		}
		if !out.struck || longer(out.failover, o.failover) != out.failover || !o.failover.Known {
			out = o
		}
	}
	return out
}

// Fault is what happens to parts of a deployment.
type Fault struct {
	Kind    string
	Targets []Target
}

// Target is a node, a service of it, or an interface of it.
type Target struct {
	Node string
	Of   string // the service or interface; empty: all of the node
}

// The kinds of faults.
const (
	PowerLoss = "power-loss"
	Crash     = "crash"
	Hang      = "hang"
	LinkDown  = "link-down"
	Partition = "partition"
	Restart   = "rolling-restart"
)

// Kinds lists the kinds of faults.
var Kinds = []string{PowerLoss, Crash, Hang, LinkDown, Partition, Restart}

func (t Target) String() string {
	if t.Of == "" {
		return t.Node
	}
	return t.Node + "/" + t.Of
}

// String gives the fault for people: crash of lb1/haproxy.
func (f Fault) String() string {
	var targets []string
	for _, t := range f.Targets {
		targets = append(targets, t.String())
	}
	return f.Kind + " of " + strings.Join(targets, " and ")
}

// MarshalText gives the fault as text.
func (f Fault) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// Faults lists the faults that a deployment can have: the loss of each node, the crash and the hang of each of its services, and the loss
// of an interface where a node has several.
func Faults(s *deployment.System) (all []Fault) {
	add := func(kind, node, of string) { all = append(all, Fault{kind, []Target{{node, of}}}) }
	for _, h := range s.Hosts {
		add(PowerLoss, h.Name, "")
		for _, r := range h.Runs {
			if r.Engine != deployment.Keepalived {
				add(Crash, h.Name, r.Engine)
				add(Hang, h.Name, r.Engine)
			}
		}
		if len(h.Runs) == 0 {
			add(Crash, h.Name, "")
			add(Hang, h.Name, "")
		}
		for _, i := range h.Interfaces {
			if len(h.Interfaces) > 1 {
				add(LinkDown, h.Name, i.Name)
			}
		}
	}
	return all
}

// text writes a formula.
func text(terms []Term) string {
	var parts []string
	for _, t := range terms {
		parts = append(parts, t.Text)
	}
	return strings.Join(parts, " + ")
}

// sum adds the bounds of terms.
func sum(terms []Term) (b policy.Bounds) {
	for _, t := range terms {
		b = b.Plus(t.Bounds)
	}
	return b
}
