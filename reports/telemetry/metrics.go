package telemetry

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
)

// times are the upper bounds of the histograms, s. The first is the longest handover that is no split brain.
var times = []float64{analyze.Handover / 1e3, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10, 15, 30, 60}

// Metrics are the metrics of a run. Several goroutines may use them.
type Metrics struct {
	registry  *prometheus.Registry
	measures  []Metric
	counters  map[string]*prometheus.CounterVec
	gauges    map[string]*prometheus.GaugeVec
	observers map[string]prometheus.ObserverVec // histograms and summaries

	mu      sync.Mutex
	pending map[trialKey]analyze.Trial // by trial: the attempt that counts so far, while the trial is run again
}

// trialKey names a trial.
type trialKey struct {
	cell  cell
	index int
}

// cell names a cell.
type cell struct{ design, scenario string }

func cellOf(p *plan.Plan) cell { return cell{p.Topology.Name, p.Scenario.Name} }

// NewMetrics makes the metrics of Table, without a value.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(), counters: map[string]*prometheus.CounterVec{}, gauges: map[string]*prometheus.GaugeVec{},
		observers: map[string]prometheus.ObserverVec{}, pending: map[trialKey]analyze.Trial{},
	}
	for _, row := range Table() {
		m.registry.MustRegister(m.make(row))
		if row.measure != nil {
			m.measures = append(m.measures, row)
		}
	}
	return m
}

// make makes the metric of a row.
func (m *Metrics) make(row Metric) prometheus.Collector {
	switch row.Kind {
	case Counter:
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: row.Name, Help: row.Help}, row.Labels)
		m.counters[row.Name] = c
		return c
	case Gauge:
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: row.Name, Help: row.Help}, row.Labels)
		m.gauges[row.Name] = g
		return g
	case Histogram:
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: row.Name, Help: row.Help, Buckets: times}, row.Labels)
		m.observers[row.Name] = h
		return h
	}
	s := prometheus.NewSummaryVec(prometheus.SummaryOpts{Name: row.Name, Help: row.Help}, row.Labels)
	m.observers[row.Name] = s
	return s
}

// counter returns a counter of a cell.
func (m *Metrics) counter(row Metric, c cell, more ...string) prometheus.Counter {
	return m.counters[row.Name].WithLabelValues(append([]string{c.design, c.scenario}, more...)...)
}

// gauge returns a gauge of a cell.
func (m *Metrics) gauge(row Metric, c cell, more ...string) prometheus.Gauge {
	return m.gauges[row.Name].WithLabelValues(append([]string{c.design, c.scenario}, more...)...)
}

// Begin tells of the plans of a run, and of their predictions.
func (m *Metrics) Begin(version, runtime string, plans []plan.Plan) {
	for i := range plans {
		p := &plans[i]
		c := cellOf(p)
		m.gauges[runInfo.Name].WithLabelValues(version, runtime, strconv.FormatUint(p.Seed, 10)).Set(1)
		m.gauge(planned, c).Set(float64(len(p.Trials)))
		for _, verdict := range []analyze.Verdict{analyze.Pass, analyze.Fail, analyze.Inconclusive} {
			m.counter(concluded, c, string(verdict))
		}
		for _, f := range p.Faults {
			m.predict(c, f)
		}
	}
}

// predict sets the interval of a fault. A failover that is predicted never to come has none.
func (m *Metrics) predict(c cell, f plan.Fault) {
	p := f.Predicted
	if p == nil || p.Never {
		return
	}
	of := "failover"
	if p.EventOnly {
		of = p.Event
	}
	m.gauge(predictedLo, c, f.ID, of).Set(p.Lo.Seconds())
	m.gauge(predictedHi, c, f.ID, of).Set(p.Hi.Seconds())
}

// ended counts an attempt at a trial. again says that the trial is run again. Else the trial counts with the attempt that counts in the
// report.
func (m *Metrics) ended(c cell, t *analyze.Trial, again bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := trialKey{c, t.Trial}
	counts := *t
	if earlier, has := m.pending[key]; has && !t.Supersedes(&earlier) {
		counts = earlier
	}
	if again {
		m.pending[key] = counts
		m.counter(repeated, c).Inc()
		return
	}
	delete(m.pending, key)
	m.conclude(c, &counts)
}

// conclude counts a trial, and adds its measures unless it shows nothing.
func (m *Metrics) conclude(c cell, t *analyze.Trial) {
	m.counter(concluded, c, string(t.Verdict)).Inc()
	if t.Void {
		return
	}
	if t.Target != "" && t.FailoverMS == nil {
		m.counter(unreturned, c).Inc()
	}
	if p := t.Predicted; p != nil {
		m.counter(predicted, c, strconv.FormatBool(p.Inside)).Inc()
	}
	for _, row := range m.measures {
		if v, ok := row.measure.Of(t); ok && !math.IsNaN(v) && !math.IsInf(v, 0) {
			m.add(row, c, v*row.scale)
		}
	}
}

// add adds the value of a trial to a measure.
func (m *Metrics) add(row Metric, c cell, v float64) {
	if row.Kind == Counter {
		m.counter(row, c).Add(max(0, v)) // a counter cannot fall
		return
	}
	m.observers[row.Name].WithLabelValues(c.design, c.scenario).Observe(v)
}

// outcomes returns the counter of each outcome of a cell.
func (m *Metrics) outcomes(c cell) (by [load.NumOutcomes]prometheus.Counter) {
	for o := range by {
		by[o] = m.counter(requests, c, load.Outcome(o).String())
	}
	return by
}

// Bounds of a scrape: a client that is slow, or that asks too often, costs no more.
const (
	scrapesAtOnce = 2
	scrapeWithin  = 5 * time.Second
)

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: scrapesAtOnce, Timeout: scrapeWithin})
}
