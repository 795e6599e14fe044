package main

import (
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/telemetry"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// exportFlags say to whom a run tells of itself while it runs; empty: to nobody.
type exportFlags struct {
	metrics string // address of the metrics
	otlp    string // base URL of a collector
}

// register adds the flags of the exports.
func (f *exportFlags) register(fl *pflag.FlagSet) {
	fl.StringVar(&f.metrics, "metrics", "", "serve metrics for Prometheus while the run lasts, at ADDRESS: :PORT is a port of 127.0.0.1, HOST:PORT another address, port 0 a free one")
	fl.StringVar(&f.otlp, "otlp", "", "send each trial as a trace to the OpenTelemetry collector with this base URL (OTLP over HTTP), such as http://127.0.0.1:4318")
}

// check refuses flags that name nobody.
func (f *exportFlags) check() (err error) {
	if f.metrics != "" {
		if f.metrics, err = telemetry.Address(f.metrics); err != nil {
			return invalid(fmt.Errorf("--metrics %w", err))
		}
	}
	if f.otlp != "" {
		if _, err = telemetry.Endpoint(f.otlp); err != nil {
			return invalid(fmt.Errorf("--otlp %w", err))
		}
	}
	return nil
}

// exports are the metrics and the traces of a run; nil: the run has neither, and does no work for them.
type exports struct {
	url     string // of the collector
	metrics *telemetry.Metrics
	server  *telemetry.Server
	traces  *telemetry.Traces
}

// open opens the address of the metrics, and prepares the traces.
func (f exportFlags) open(stderr io.Writer) (*exports, error) {
	if f.metrics == "" && f.otlp == "" {
		return nil, nil
	}
	e := &exports{url: f.otlp}
	var l net.Listener
	var err error
	if f.metrics != "" {
		if l, err = telemetry.Listen(f.metrics); err != nil {
			return nil, err
		}
	}
	if f.otlp != "" {
		if e.traces, err = telemetry.NewTraces(telemetry.Destination{URL: f.otlp, Version: version}); err != nil {
			if l != nil {
				_ = l.Close()
			}
			return nil, err
		}
	}
	if l != nil {
		e.metrics = telemetry.NewMetrics()
		e.server = telemetry.Serve(l, e.metrics)
		fmt.Fprintf(stderr, "metrics at %s until the run ends\n", e.server.URL())
	}
	return e, nil
}

// begin tells of the plans.
func (e *exports) begin(runtime string, plans []plan.Plan) {
	if e != nil && e.metrics != nil {
		e.metrics.Begin(version, runtime, plans)
	}
}

// follow adds the exports to the observer of a lab. ended takes each attempt that ended.
func (e *exports) follow(next sim.Observer) (o sim.Observer, ended func(t *trace.Trace, judged *analyze.Trial, again bool)) {
	if e == nil {
		return next, func(*trace.Trace, *analyze.Trial, bool) {}
	}
	lab := telemetry.NewLab(e.metrics, e.traces)
	return followed{next, lab}, lab.Ended
}

// close ends the exports after the verdict, and warns of what did not arrive. It changes no verdict.
func (e *exports) close(stderr io.Writer) {
	if e == nil {
		return
	}
	if e.traces != nil {
		if d := e.traces.Close(); d.Lost > 0 {
			warnOf(stderr, reason.Errorf("traces-not-delivered", "%d of %d traces were not delivered to %s: %w", d.Lost, d.Sent+d.Lost, e.url, d.Err))
		}
	}
	if e.server != nil {
		if err := e.server.Close(); err != nil {
			warnOf(stderr, err)
		}
	}
}

// longestWarning is the length of a warning at which the text of a foreign error is cut, characters. The text may be a page of HTML.
const longestWarning = 200

func warnOf(w io.Writer, err error) {
	text := strings.Join(strings.Fields(oneLine{err}.Error()), " ")
	if letters := []rune(text); len(letters) > longestWarning {
		text = string(letters[:longestWarning-1]) + "…"
	}
	fmt.Fprintln(w, reason.Line("warning: "+text, firstCode(err)))
}

// followed is an observer whose trials are exported too.
type followed struct {
	sim.Observer
	lab *telemetry.Lab
}

func (f followed) Trial(h trace.Header, length time.Duration) {
	f.lab.Trial(&h)
	f.Observer.Trial(h, length)
}

func (f followed) Event(e trace.Event) {
	f.lab.Event(&e)
	f.Observer.Event(e)
}

func (f followed) Samples(s []trace.Sample) {
	f.lab.Samples(s)
	f.Observer.Samples(s)
}
