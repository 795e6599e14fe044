package telemetry

import (
	"cmp"
	"context"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"

	"github.com/seed-ab8b6914/spof/reason"
)

// Destination is where traces go, and how long they may take.
type Destination struct {
	URL     string // base URL of a collector (OTLP over HTTP): /v1/traces is added to it
	Version string // of spof
	// SendWithin bounds the delivery of one trace, with its repeats. CloseWithin bounds how long Close waits for the rest. 0: the defaults.
	SendWithin, CloseWithin time.Duration
}

// The defaults of a Destination.
const (
	sendWithin  = 5 * time.Second
	closeWithin = 5 * time.Second
)

// waiting is the number of traces that may wait for their delivery. A trace has a few kB.
const waiting = 256

// tracesPath is the path of traces at a collector (OTLP specification, OTLP/HTTP request).
const tracesPath = "/v1/traces"

// Traces sends traces to a collector, one after another, while the run goes on.
type Traces struct {
	to       Destination
	exporter sdk.SpanExporter
	resource *resource.Resource
	queue    chan []sdk.ReadOnlySpan // a trace each
	done     chan struct{}           // closed when the delivery has ended
	stop     func()                  // gives up

	mu       sync.Mutex
	closed   bool
	delivery Delivery
}

// Delivery says what became of the traces.
type Delivery struct {
	Sent, Lost int
	Err        error // of the last lost one; nil: none was lost
}

// NewTraces starts the delivery of traces. It connects to nobody. An error names what is wrong with the URL.
func NewTraces(to Destination) (*Traces, error) {
	endpoint, err := Endpoint(to.URL)
	if err != nil {
		return nil, err
	}
	to.SendWithin, to.CloseWithin = cmp.Or(to.SendWithin, sendWithin), cmp.Or(to.CloseWithin, closeWithin)
	exporter, err := otlptracehttp.New(context.Background(), otlptracehttp.WithEndpointURL(endpoint), otlptracehttp.WithTimeout(to.SendWithin),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{
			Enabled: true, InitialInterval: to.SendWithin / 10, MaxInterval: to.SendWithin / 2, MaxElapsedTime: to.SendWithin,
		}))
	if err != nil {
		return nil, err
	}
	of, err := about(to.Version)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	t := &Traces{to: to, exporter: exporter, resource: of, queue: make(chan []sdk.ReadOnlySpan, waiting), done: make(chan struct{})}
	t.stop = func() {
		cancel(reason.Errorf("collector-slow", "not taken within %s after the end of the run", to.CloseWithin))
	}
	go t.deliver(ctx)
	return t, nil
}

// about describes the source of the traces; OTEL_RESOURCE_ATTRIBUTES adds to it, or replaces it.
func about(version string) (*resource.Resource, error) {
	r, err := resource.New(context.Background(), resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "spof"), attribute.String("service.version", version)), resource.WithFromEnv())
	if err != nil {
		return nil, reason.Errorf("otel-environment", "OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	return r, nil
}

// Endpoint is the URL of traces at the collector with this base URL. A user, a password and a query are refused: the URL is printed.
func Endpoint(base string) (string, error) {
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return "", reason.Errorf("collector-url", "%q is no URL of a collector; want http://HOST:PORT or https://HOST:PORT, such as http://127.0.0.1:4318", base)
	case u.Port() != "" && !isPort(u.Port()):
		return "", reason.Errorf("collector-url", "%q: no port %s; want 1 to 65535", u.Redacted(), u.Port())
	}
	for _, part := range []struct {
		there bool
		name  string
	}{{u.User != nil, "user"}, {u.RawQuery != "", "query"}, {u.Fragment != "", "fragment"}} {
		if part.there {
			return "", reason.Errorf("collector-url", "the URL of the collector at %s has a %s; leave it out (a header that authorizes belongs in OTEL_EXPORTER_OTLP_HEADERS)", u.Host, part.name)
		}
	}
	u.Path = strings.TrimSuffix(strings.TrimSuffix(u.Path, "/"), tracesPath) + tracesPath
	return u.String(), nil
}

func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}

// send queues a trace. It does not block: if too many wait, the trace is lost.
func (t *Traces) send(a *attempt) {
	spans := a.spans(t.resource)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	select {
	case t.queue <- spans:
	default:
		t.delivery.lose(reason.Errorf("collector-slow", "the collector is too slow: %d traces wait", waiting))
	}
}

// deliver sends the queued traces.
func (t *Traces) deliver(ctx context.Context) {
	defer close(t.done)
	for spans := range t.queue {
		within, cancel := context.WithTimeoutCause(ctx, t.to.SendWithin, reason.Errorf("collector-slow", "no answer within %s", t.to.SendWithin))
		err := t.exporter.ExportSpans(within, spans)
		if err != nil && within.Err() != nil {
			err = context.Cause(within)
		}
		cancel()
		t.mu.Lock()
		if err == nil {
			t.delivery.Sent++
		} else {
			t.delivery.lose(err)
		}
		t.mu.Unlock()
	}
}

func (d *Delivery) lose(err error) { d.Lost, d.Err = d.Lost+1, err }

// Close waits for the traces that are not sent yet, at most CloseWithin, and then gives up.
func (t *Traces) Close() Delivery {
	t.mu.Lock()
	if !t.closed {
		t.closed = true
		close(t.queue)
	}
	t.mu.Unlock()
	patience := time.AfterFunc(t.to.CloseWithin, t.stop)
	<-t.done
	patience.Stop()
	t.stop()
	_ = t.exporter.Shutdown(context.Background()) // it holds nothing back
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.delivery
}
