// Package telemetry tells other programs of a run while it runs: metrics for Prometheus, and each attempt at a trial as one OpenTelemetry
// trace. Begin at Lab, which follows the trials of a lab, at Table, which has a row for every metric, and at NewTraces. It judges nothing:
// figures are those of package analyze. A run without metrics and traces does not call it.
package telemetry

import (
	"strings"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// Kind is the type of a metric in Prometheus.
type Kind string

// The kinds. A summary has no quantiles: its sum and its count give the mean.
const (
	Counter   Kind = "counter"
	Gauge     Kind = "gauge"
	Histogram Kind = "histogram"
	Summary   Kind = "summary"
)

// Metric is a metric of a run: a row of Table. The name ends with the unit: seconds, ratio, bytes_per_second; a count has none.
type Metric struct {
	Name   string
	Kind   Kind
	Labels []string
	Help   string

	measure *analyze.Measure // of a trial; nil: the metric is none
	scale   float64          // from the unit of the measure to that of the metric
}

// The labels of the metrics of a cell, and others.
const (
	labelDesign   = "design"
	labelScenario = "scenario"
	labelVerdict  = "verdict"
	labelOutcome  = "outcome"
	labelInside   = "inside"
	labelFault    = "fault"
	labelOf       = "of"
	labelVersion  = "version"
	labelRuntime  = "runtime"
	labelSeed     = "seed"
)

// ofCell gives the labels of a cell and more.
func ofCell(more ...string) []string { return append([]string{labelDesign, labelScenario}, more...) }

// The metrics that are no measures of a trial.
var (
	runInfo = Metric{Name: "spof_run_info", Kind: Gauge, Labels: []string{labelVersion, labelRuntime, labelSeed},
		Help: "always 1: the version of spof, the runtime and the seed of the run"}
	planned = Metric{Name: "spof_trials_planned", Kind: Gauge, Labels: ofCell(),
		Help: "trials of the plan, without repeated attempts"}
	concluded = Metric{Name: "spof_trials_total", Kind: Counter, Labels: ofCell(labelVerdict),
		Help: "trials that ended, by verdict: pass, fail, inconclusive"}
	repeated = Metric{Name: "spof_attempts_repeated_total", Kind: Counter, Labels: ofCell(),
		Help: "inconclusive attempts that were run again"}
	unreturned = Metric{Name: "spof_trials_without_return_total", Kind: Counter, Labels: ofCell(),
		Help: "trials in which service was not back when the trial ended: they have no failover"}
	predicted = Metric{Name: "spof_trials_predicted_total", Kind: Counter, Labels: ofCell(labelInside),
		Help: "trials with a prediction, by whether the trial fell inside it"}
	predictedLo = Metric{Name: "spof_predicted_lo_seconds", Kind: Gauge, Labels: ofCell(labelFault, labelOf),
		Help: "start of the interval that the timers of the design predict, of the failover or of the event of a mechanism; absent without a prediction"}
	predictedHi = Metric{Name: "spof_predicted_hi_seconds", Kind: Gauge, Labels: ofCell(labelFault, labelOf),
		Help: "end of that interval"}
	users = Metric{Name: "spof_users", Kind: Gauge, Labels: ofCell(),
		Help: "users of the trial that runs now"}
	usersServed = Metric{Name: "spof_users_served", Kind: Gauge, Labels: ofCell(),
		Help: "users of the trial that runs now whose latest request was answered within the patience; a request counts when it ends, a lost one after its timeout"}
	requests = Metric{Name: "spof_requests_total", Kind: Counter, Labels: ofCell(labelOutcome),
		Help: "requests that ended, by outcome, with those of the warm-up and of repeated attempts"}
	requestsLate = Metric{Name: "spof_requests_late_total", Kind: Counter, Labels: ofCell(),
		Help: "requests that succeeded later than the patience; they are among the ok of spof_requests_total"}
)

// own has these metrics in the order of the table.
var own = []Metric{runInfo, planned, concluded, repeated, unreturned, predicted, predictedLo, predictedHi, users, usersServed, requests, requestsLate}

// form says what a measure of a unit becomes. times is for figures that are worth a distribution; a count is summed up.
type form struct {
	suffix string
	scale  float64
	kind   Kind
}

// forms has the form of each unit of a measure.
var forms = map[string]form{
	"ms":     {"_seconds", 1e-3, Histogram},
	"s":      {"_seconds", 1, Histogram},
	"us":     {"_seconds", 1e-6, Histogram},
	"count":  {"_total", 1, Counter},
	"ratio":  {"_ratio", 1, Summary},
	"factor": {"_ratio", 1, Summary},
	"number": {"", 1, Summary},
	"B/s":    {"_per_second", 1, Summary},
}

// over says what a metric of a kind does with the trials.
var over = map[Kind]string{
	Histogram: "; of each trial",
	Counter:   "; sum over the trials",
	Summary:   "; sum and count over the trials give the mean",
}

// Table returns all metrics: first those that are no measures, then one for each measure that a scenario can bound, sorted by name. A
// trial without a value, and one that shows nothing, counts in no measure.
func Table() []Metric {
	all := append([]Metric{}, own...)
	for _, m := range analyze.Bounded() {
		f := forms[m.Unit]
		name := "spof_" + m.Name
		if !strings.HasSuffix(name, f.suffix) {
			name += f.suffix
		}
		all = append(all, Metric{Name: name, Kind: f.kind, Labels: ofCell(), Help: m.About + over[f.kind], measure: m, scale: f.scale})
	}
	return all
}
