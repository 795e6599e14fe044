package telemetry

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	api "go.opentelemetry.io/otel/trace"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// attempt is an attempt at a trial that ended.
type attempt struct {
	header  *trace.Header
	judged  *analyze.Trial
	picture *analyze.Timeline
	begin   time.Time // of the load, wall clock
	again   bool      // the trial is run again
}

// The names of the spans.
const (
	spanTrial  = "trial"
	spanFault  = "fault"
	spanDetect = "detect"
	spanDecide = "decide"
	spanSwitch = "switch"
	spanClient = "client"
)

// spans returns the trace of an attempt. Its root, trial, is the load. Below it is a span for each fault, from its effect to its repair. The
// parts of the failover are below the fault that took effect first, and without a split there are none.
func (a *attempt) spans(of *resource.Resource) []sdk.ReadOnlySpan {
	var ended collected
	provider := sdk.NewTracerProvider(sdk.WithSampler(sdk.AlwaysSample()), sdk.WithResource(of), sdk.WithSpanProcessor(&ended))
	b := builder{a, provider.Tracer("github.com/seed-ab8b6914/spof")}
	ctx, root := b.open(context.Background(), spanTrial, 0, a.attributes()...)
	for _, e := range a.picture.Events {
		root.AddEvent(e.Label, api.WithTimestamp(b.at(e.AtMS)), api.WithAttributes(attribute.String("spof.event", e.Kind)))
	}
	b.faults(ctx)
	switch a.judged.Verdict {
	case analyze.Pass:
		root.SetStatus(codes.Ok, "")
	case analyze.Fail:
		root.SetStatus(codes.Error, slices.Concat(a.judged.Reasons, []string{""})[0])
	}
	b.close(root, a.picture.EndMS)
	return ended
}

// collected keeps the spans that ended.
type collected []sdk.ReadOnlySpan

func (c *collected) OnStart(context.Context, sdk.ReadWriteSpan) {}
func (c *collected) OnEnd(s sdk.ReadOnlySpan)                   { *c = append(*c, s) }
func (c *collected) Shutdown(context.Context) error             { return nil }
func (c *collected) ForceFlush(context.Context) error           { return nil }

// builder makes the spans of an attempt. Times are ms from the start of the load.
type builder struct {
	*attempt
	tracer api.Tracer
}

func (b builder) at(ms float64) time.Time { return b.begin.Add(milliseconds(ms)) }

func milliseconds(ms float64) time.Duration { return time.Duration(ms * 1e6) }

func (b builder) open(ctx context.Context, name string, from float64, with ...attribute.KeyValue) (context.Context, api.Span) {
	return b.tracer.Start(ctx, name, api.WithTimestamp(b.at(from)), api.WithAttributes(with...))
}

func (b builder) close(s api.Span, to float64) { s.End(api.WithTimestamp(b.at(to))) }

// faults makes the spans of the faults.
func (b builder) faults(ctx context.Context) {
	first := b.first()
	for i, f := range b.picture.Bands {
		within, span := b.open(ctx, spanFault, f.FromMS, attribute.String("spof.fault", f.Label),
			attribute.Float64("spof.effect_uncertainty_ms", b.judged.EffectUncertainty))
		if i == first {
			b.split(within, f.FromMS)
		}
		b.close(span, f.ToMS)
	}
}

// first is the index of the fault that took effect first; -1: none.
func (b builder) first() int {
	at := -1
	for i, f := range b.picture.Bands {
		if at < 0 || f.FromMS < b.picture.Bands[at].FromMS {
			at = i
		}
	}
	return at
}

// split makes the spans of the parts of the failover, one after another from the effect on. The client's part ends with the failover.
func (b builder) split(ctx context.Context, effect float64) {
	s := b.judged.Split
	if s == nil || b.judged.FailoverMS == nil {
		return
	}
	part := func(name string, from, length float64) {
		_, span := b.open(ctx, name, from)
		b.close(span, from+length)
	}
	at := effect
	for _, p := range []struct {
		name   string
		length *float64
	}{{spanDetect, s.Detect}, {spanDecide, s.Decide}, {spanSwitch, s.Switch}} {
		if p.length != nil {
			part(p.name, at, *p.length)
			at += *p.length
		}
	}
	if s.Client != nil {
		part(spanClient, effect+*b.judged.FailoverMS-*s.Client, *s.Client)
	}
}

// attributes are those of the root: what was run, the verdict, and every measure under its name in report.json.
func (a *attempt) attributes() []attribute.KeyValue {
	p, t := &a.header.Plan, a.judged
	all := []attribute.KeyValue{
		attribute.String("spof.design", p.Topology.Name), attribute.String("spof.scenario", p.Scenario.Name),
		attribute.String("spof.runtime", a.header.Runtime), attribute.String("spof.plan_hash", a.header.PlanHash),
		attribute.String("spof.seed", strconv.FormatUint(p.Seed, 10)), // may be more than an int64 holds
		attribute.Int("spof.trial", t.Trial), attribute.Int("spof.attempt", t.Attempt), attribute.Bool("spof.repeated", a.again),
		attribute.String("spof.verdict", string(t.Verdict)), attribute.StringSlice("spof.reason_codes", t.Codes),
		attribute.String("spof.target", t.Target), attribute.Float64("spof.phase_ms", t.PhaseMS),
	}
	if e := t.EndedBy; e != "" {
		all = append(all, attribute.String("spof.ended_by", e))
	}
	if q := t.Predicted; q != nil && !q.Never {
		all = append(all, attribute.Float64("spof.predicted_lo_ms", q.Lo), attribute.Float64("spof.predicted_hi_ms", q.Hi),
			attribute.Bool("spof.predicted_inside", q.Inside))
	}
	for _, key := range slices.Sorted(maps.Keys(t.Measures)) {
		all = append(all, attribute.Float64("spof."+key, t.Measures[key]))
	}
	return all
}
