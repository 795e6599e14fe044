package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// Gatherer gives the metrics to a spec.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// Judged counts an attempt at a trial of a cell.
func (m *Metrics) Judged(design, scenario string, t *analyze.Trial, again bool) {
	m.ended(cell{design, scenario}, t, again)
}

// The limits of a scrape and of the delivery.
const (
	Scrapers     = scrapers
	HeaderWithin = headerWithin
	Waiting      = waiting
)
