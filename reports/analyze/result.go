// Package analyze turns traces into measures and a verdict. Begin at CellOf, which judges the traces of one cell, and at
// Measures, which has a row for every measure. It is pure: the same trace gives the same result; it reads no clock, no file and
// no network. Package reports writes the results.
package analyze

import (
	"encoding/json"
	"time"
)

// Verdict is pass, fail or inconclusive. Merging: fail > inconclusive > pass.
type Verdict string

// The verdicts.
const (
	Pass         Verdict = "pass"
	Fail         Verdict = "fail"
	Inconclusive Verdict = "inconclusive"
)

// Report is report.json.
type Report struct {
	Schema  string    `json:"schema"` // spof/report/v1
	Verdict Verdict   `json:"verdict"`
	Seed    uint64    `json:"seed"`
	Started time.Time `json:"started"`
	Version string    `json:"version"`
	Command string    `json:"command"` // reproduces the run
	Cells   []Cell    `json:"cells"`
	Skipped []Skipped `json:"skipped,omitempty"` // cells that are left out of a run of everything
	Designs []Design  `json:"designs,omitempty"` // of the cells, as their files were when the run began
}

// Design is a design with its settings.
type Design struct {
	Name     string    `json:"name"`
	Settings []Setting `json:"settings"`
	// Files are those of a team that ran as they were, and Substituted what stood in the place of things that a lab cannot have.
	Files       []OwnFile `json:"files,omitempty"`
	Substituted []string  `json:"substituted,omitempty"`
}

// OwnFile is a file of a team on a node.
type OwnFile struct {
	Node   string `json:"node"`
	Path   string `json:"path"`
	From   string `json:"from"`
	SHA256 string `json:"sha256"`
}

// Setting is a timer, a count or a choice of a design, see topology.Setting.
type Setting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	Where string `json:"where,omitempty"` // file:line:col; empty: not known
}

// Skipped is a cell that was not run: the scenario does not apply to the topology, this runtime does not support it, or
// another cell shows the same.
type Skipped struct {
	Topology string `json:"topology"`
	Scenario string `json:"scenario"`
	Reason   string `json:"reason"`
	Code     string `json:"reason_code,omitempty"`
}

// Cell is one topology under one scenario, with its trials.
type Cell struct {
	Topology string   `json:"topology"`
	Scenario string   `json:"scenario"`
	Runtime  string   `json:"runtime"`
	Signals  string   `json:"signals,omitempty"` // reaction of nodes to their chassis: drain or leave; empty: ignore
	Verdict  Verdict  `json:"verdict"`
	Reasons  []string `json:"reasons"`
	Codes    []string `json:"reason_codes"`    // of Reasons, one each
	Sentence string   `json:"sentence"`        // one human sentence
	Waits    string   `json:"waits,omitempty"` // Split.Waits of the trial with the median failover
	PlanHash string   `json:"plan_hash"`
	// LoadHash names what is done to the design, DesignHash the design (plan.Plan.LoadHash, DesignHash).
	LoadHash    string       `json:"load_hash,omitempty"`
	DesignHash  string       `json:"design_hash,omitempty"`
	Machine     Machine      `json:"machine"`
	Predictions []Prediction `json:"predictions,omitempty"` // one for each fault, in the order of the plan
	Fidelity    []Fidelity   `json:"fidelity"`
	Bounds      []Bound      `json:"bounds"` // what the scenario expects, in its order
	Trials      []Trial      `json:"trials"`
	// Repeated are the inconclusive attempts that were run again. Trials has the attempts that count. No figure includes Repeated.
	Repeated []Trial            `json:"repeated,omitempty"`
	Summary  map[string]Summary `json:"summary"` // by the measure's name in report.json, for example failover_ms
	// RangeCovered is the expected share of the range of phases between the least and the greatest phase of the trials that are not void:
	// (n-1)/n of n trials, as their phases are stratified.
	RangeCovered float64  `json:"range_covered"`
	SPOF         []string `json:"single_points_of_failure"`
	LabUpMS      float64  `json:"lab_up_ms"`
	MechanismsMS float64  `json:"mechanisms_up_ms"`
	// Relays has, by WAN link, the delay that its relay added to a round trip in the lab of the first trial.
	Relays map[string]Relay `json:"wan_relays,omitempty"`
	// Sources are the places in the user's files; nil: design and scenario are bundled.
	Sources *Sources `json:"sources,omitempty"`
}

// Machine is what the figures of a cell depend on beside its plan. Two runs compare only on machines of one class.
type Machine struct {
	CPUs      int    `json:"cpus"`
	Processor string `json:"processor,omitempty"`
	Kernel    string `json:"kernel"`
	// Engines are the versions of the real engines of the design, by name; none where spof's own run in their place.
	Engines map[string]string `json:"engines,omitempty"`
}

// Prediction is what a design's timers predict for one fault.
type Prediction struct {
	Fault   string   `json:"fault"` // f1, f2, ...
	Kind    string   `json:"kind"`
	Strikes []string `json:"strikes"` // candidates
	// LoMS and HiMS bound the failover, or with EventOnly the event; null: nothing is predicted, and Why says why, or Never is set.
	LoMS      *float64 `json:"lo_ms"`
	HiMS      *float64 `json:"hi_ms"`
	Never     bool     `json:"never,omitempty"` // no mechanism ends the outage
	Event     string   `json:"event,omitempty"`
	EventOnly bool     `json:"event_only,omitempty"`
	Promised  float64  `json:"promised,omitempty"` // share of the load; 0: all of it
	Text      string   `json:"text,omitempty"`     // the formula
	Why       string   `json:"unpredicted,omitempty"`
	DependsOn []string `json:"depends_on,omitempty"` // keys of settings, see plan.Plan.DependsOn
}

// Relay is the delay that the relay of a WAN link adds to a round trip, ms.
type Relay struct {
	AddedP50MS float64 `json:"added_p50_ms"`
	AddedP99MS float64 `json:"added_p99_ms"`
}

// Fidelity repeats trace.Fidelity in the report.
type Fidelity struct {
	What  string `json:"what"`
	Level string `json:"level"`
	How   string `json:"how"`
}

// Summary is a measure over the trials of a cell. Null trials (a failover that never came) are counted in Missing.
type Summary struct {
	N        int         `json:"n"`
	Missing  int         `json:"missing,omitempty"`
	Min      float64     `json:"min"`
	Median   float64     `json:"median"`
	MedianCI *[2]float64 `json:"median_ci"` // order-statistic interval at >= 95 %; null when n is too small
	Max      float64     `json:"max"`
	// Mean is that of a measure with Measure.Mean; MeanCI is its BCa bootstrap interval at 95 %, nil if there is none (MeanInterval).
	Mean   *float64    `json:"mean,omitempty"`
	MeanCI *[2]float64 `json:"mean_ci,omitempty"`
}

// summaryJSON is a Summary in report.json: min, median and max are null if it has no values.
type summaryJSON struct {
	N        int         `json:"n"`
	Missing  int         `json:"missing,omitempty"`
	Min      *float64    `json:"min"`
	Median   *float64    `json:"median"`
	MedianCI *[2]float64 `json:"median_ci"`
	Max      *float64    `json:"max"`
	Mean     *float64    `json:"mean,omitempty"`
	MeanCI   *[2]float64 `json:"mean_ci,omitempty"`
}

// Plain gives the form in report.json, without a value.
func (Summary) Plain() any { return summaryJSON{} }

// MarshalJSON writes null for min, median and max if the summary has no values.
func (s Summary) MarshalJSON() ([]byte, error) {
	plain := summaryJSON{N: s.N, Missing: s.Missing, MedianCI: s.MedianCI, Mean: s.Mean, MeanCI: s.MeanCI}
	if s.N > 0 {
		plain.Min, plain.Median, plain.Max = &s.Min, &s.Median, &s.Max
	}
	return json.Marshal(plain)
}

// Trial is the result of one trial. Times are from the effect instant unless said otherwise.
type Trial struct {
	Trial   int     `json:"trial"`
	Attempt int     `json:"attempt,omitempty"` // earlier attempts of this trial; each attempt has another phase of the same stratum
	PhaseMS float64 `json:"phase_ms"`
	Target  string  `json:"target"`
	// FailoverMS is null where service was not back when the trial ended, and where there is no fault.
	FailoverMS            *float64 `json:"failover_ms"`
	FailoverUncertaintyMS float64  `json:"failover_uncertainty_ms"` // largest distance of the true failover from FailoverMS
	// EndedBy says how the users' outage ended: mechanism, repair, or nobody (not before the trial ended); empty: no outage.
	EndedBy string `json:"ended_by,omitempty"`
	// LatencyRecoveryMS is when service was back and latencies were low again; null: not before the trial ended.
	LatencyRecoveryMS *float64 `json:"latency_recovery_ms"`
	// Promise is the share of the load that the design promises under this fault; absent: all of the load.
	Promise *Promise `json:"promise,omitempty"`
	// Measures has the trial's value of each measure, by the key of the cell's summary (name and unit). Measures without a value are absent.
	Measures map[string]float64 `json:"measures"`
	// Ranges has the interval of each uncertain measure, by name and in the unit of the measure. A measure without an entry is exact.
	Ranges            map[string]Range `json:"ranges"`
	ResolutionMS      float64          `json:"resolution_ms"`
	TimeToFirstMS     *float64         `json:"time_to_first_ms"`
	Lost              float64          `json:"lost"`
	Offered           int              `json:"offered"`
	LossDerivedMS     float64          `json:"loss_derived_ms"`
	LostRatio         float64          `json:"lost_ratio"`
	ResilienceLossS   float64          `json:"resilience_loss_s"`
	QMin              float64          `json:"q_min"`
	QSteady           float64          `json:"q_steady"`
	Users             int              `json:"users"`
	UsersNoticed      int              `json:"users_noticed"`
	UserOutageMS      *MinMedMax       `json:"user_outage_ms"`
	Bypassed          int              `json:"bypassed"`
	Corrupted         int              `json:"corrupted"`
	ErrorRatio        float64          `json:"error_ratio"`
	InFlight          int              `json:"in_flight"` // requests in flight at the effect instant
	InFlightLost      int              `json:"in_flight_lost"`
	Retried           int              `json:"retried"`        // requests sent again because their kept connection had died
	TunnelsBroken     int              `json:"tunnels_broken"` // reused CONNECT tunnels that were broken
	New               Connections      `json:"new_connections"`
	Reused            Connections      `json:"reused_connections"`
	Latency           Latencies        `json:"latency_ms"`
	LatencyInflation  *float64         `json:"latency_inflation"`
	FailbackMS        *float64         `json:"failback_ms"`              // longest interruption from the start of the repair on, after the fault's outage; null: not applicable
	Exits             *Exits           `json:"exits,omitempty"`          // of a pool; null: there is none
	Streams           *Streams         `json:"streams,omitempty"`        // absent: users hold none
	Moves             *int             `json:"moves,omitempty"`          // moves of an address from a node without a fault; null: no address or no fault
	DualActiveMS      *float64         `json:"dual_active_ms,omitempty"` // time for which two nodes held an address at once; null: no address, or unknown holder
	SendLatenessP99US float64          `json:"send_lateness_p99_us"`
	Limit             *MachineLimit    `json:"machine_limit,omitempty"` // absent: the machine was never the limit for long
	EffectDelayMS     float64          `json:"effect_delay_ms"`         // from the command to the effect
	EffectUncertainty float64          `json:"effect_uncertainty_ms"`
	Split             *Split           `json:"split_ms"`
	Unsplit           string           `json:"unsplit,omitempty"` // why Split is null though users lost service
	Predicted         *Predicted       `json:"predicted_ms"`
	Unpredicted       string           `json:"unpredicted,omitempty"` // why Predicted is null
	Void              bool             `json:"void,omitempty"`        // the trial shows nothing: its measures are in no summary
	Verdict           Verdict          `json:"verdict"`
	Reasons           []string         `json:"reasons"`
	Codes             []string         `json:"reason_codes"` // of Reasons, one each
	Outcomes          map[string]int   `json:"outcomes"`
	CacheHitRatio     float64          `json:"cache_hit_ratio"`
	Cache             *Cache           `json:"cache,omitempty"` // absent: no response was cacheable
	WAN               *WAN             `json:"wan,omitempty"`   // bytes on the WAN links; absent: not metered
	Story             string           `json:"story"`           // the events in order, in s from the start of the load

	reasons       []reason  // those of Reasons, with their keys
	lostUntilBack *float64  // share of the requests due from the effect to the failover that failed or were late; nil: none was due
	laterOutages  []float64 // how long later outages lasted, ms
	unprovable    bool      // no trial of its plan can be conclusive
}

// MachineLimit is the longest time in which the machine, not the design, was the limit. Times are ms from the effect, or from the
// start of the load if there is no fault.
type MachineLimit struct {
	FromMS float64 `json:"from_ms"`
	ToMS   float64 `json:"to_ms"`
	Why    string  `json:"why"`
}

// Promise is the share of the load that a design promises while a fault lasts, and the share that it served.
type Promise struct {
	Share  float64 `json:"share"`  // of the offered load, 0-1
	Served float64 `json:"served"` // Q in the steady degraded state
	// WholeMS is when all of the load was served again, ms from the start of the repair; null: not before the trial ended.
	WholeMS *float64 `json:"whole_ms"`
}

// MinMedMax has the least, the median and the greatest of a set of values.
type MinMedMax struct {
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	Max    float64 `json:"max"`
}

// median and max are nil if m is nil.
func (m *MinMedMax) median() *float64 {
	if m == nil {
		return nil
	}
	return &m.Median
}

func (m *MinMedMax) max() *float64 {
	if m == nil {
		return nil
	}
	return &m.Max
}

// Connections counts the requests of the fault phase on new or on reused connections.
type Connections struct {
	Offered int `json:"offered"`
	Failed  int `json:"failed"`
}

// Quantiles of the latency of successful requests, in ms.
type Quantiles struct {
	N    int     `json:"n"`
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P95  float64 `json:"p95"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p99_9"`
}

// Latencies are quantiles before the fault, during it, and after its undoing.
type Latencies struct {
	Before Quantiles `json:"before"`
	During Quantiles `json:"during"`
	After  Quantiles `json:"after"`
}

// Split divides the failover into parts (proxy.Part), ms, by what the trace shows of the mechanism that ended the outage. The parts
// that are not null add up to the failover. A part is null if the trace does not show where it begins or ends; Unknown says why, and Parts
// where its time is.
type Split struct {
	Detect *float64 `json:"detect"`
	Decide *float64 `json:"decide"`
	Switch *float64 `json:"switch"`
	Client *float64 `json:"client"`
	// By is the kind of event with which the mechanism decided: vrrp, server-down, server-up, peer-dead, record, pac-bad or route. Node
	// is where.
	By   string `json:"by"`
	Node string `json:"node"`
	// UncertaintyMS is the largest error of an instant at which one part ends and the next begins.
	UncertaintyMS float64           `json:"uncertainty_ms"`
	Unknown       map[string]string `json:"unknown,omitempty"` // why a part is null, by the name of the part
	// Waits is a sentence: what the largest part waits for, with the timer of the design, and what another value predicts; or that there was a
	// second failover.
	Waits string `json:"waits,omitempty"`
}

// Predicted compares a trial with the prediction from the configuration's timers.
type Predicted struct {
	Lo     float64 `json:"lo"`
	Hi     float64 `json:"hi"`
	Inside bool    `json:"inside"` // within [lo, hi] widened by resolution and effect uncertainty
	// Never: the prediction is that no mechanism ends the outage. Lo and Hi have no meaning. Inside says that no mechanism ended it.
	Never bool `json:"never,omitempty"`
	// Event is the kind of the predicted mechanism event. EventMS is its time after the effect; null: no such event.
	Event   string   `json:"event,omitempty"`
	EventMS *float64 `json:"event_ms"`
	// EventOnly: the interval bounds the event, not the users' failover. Inside says that the event lies in the interval.
	EventOnly bool   `json:"event_only,omitempty"`
	Text      string `json:"text"`
}
