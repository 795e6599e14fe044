package analyze

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// TrialOf measures and judges one trial. It puts the samples of the trace in the order in which they were due.
func TrialOf(t *trace.Trace) Trial { return newRun(t).trial() }

func (r *run) trial() Trial {
	t := Trial{
		Trial: r.header.Trial, Attempt: r.header.Drawn().Attempt, PhaseMS: ms(r.phase), Target: r.target(), ResolutionMS: r.resolution(),
		EffectDelayMS: r.effectDelay(), EffectUncertainty: ms(r.uncertainty()),
		SendLatenessP99US: lateness(r.afterWarmUp()), QMin: 1, QSteady: 1, Ranges: map[string]Range{},
		unprovable: r.idle || slices.ContainsFunc(r.plan.Warnings(), func(w scenarios.Warning) bool { return w.Inconclusive }),
	}
	r.integrity(&t)
	t.Limit = r.limit()
	t.WAN = r.wan()
	t.Cache = r.cache()
	var why, unknown, failures []reason
	if r.proven {
		d := r.degradation()
		t.QMin, t.QSteady, t.ResilienceLossS = d.min, d.steady, d.loss
		r.losses(&t)
		r.users(&t)
		failures, unknown = r.service(&t)
		r.promise(&t)
		r.tabulate(&t)
		r.ranges(&t, d)
		unkept, unsure := r.brokenPromise(&t)
		failures = append(failures, unkept...)
		unknown = append(append(unknown, unsure...), r.doubts(d.doubt)...)
	}
	if !r.proven {
		r.tabulate(&t)
	}
	if why = r.void(); len(why) > 0 {
		t.conclude(true, nil, why)
		return t
	}
	told := t.FailoverMS == nil && len(r.faults) > 0 && !slices.ContainsFunc(unknown, func(why reason) bool { return why.code == healthyNodeFailed })
	unmet, unmeasured := judgeBounds(&t, r.plan.Scenario.Expect, told)
	t.conclude(false, append(failures, unmet...), append(unknown, unmeasured...))
	return t
}

// integrity counts outcomes over the whole trial, with or without faults.
func (r *run) integrity(t *Trial) {
	t.Outcomes = map[string]int{}
	hits, answers := 0, 0
	measured := r.afterWarmUp()
	for _, s := range measured {
		t.Outcomes[s.Outcome.String()]++
		if !failed(s) {
			answers++
			if s.Flags&load.CacheHit != 0 {
				hits++
			}
		}
	}
	t.CacheHitRatio = ratio(hits, answers)
	t.ErrorRatio = ratio(len(measured)-answers, len(measured))
	t.Bypassed = count(r.samples, func(s trace.Sample) bool { return s.Flags&load.Bypassed != 0 })
	t.Corrupted = count(r.samples, func(s trace.Sample) bool { return s.Outcome == load.Corrupt })
}

// losses fills in the counts of requests and losses, and the latencies.
func (r *run) losses(t *Trial) {
	reqs, flying := r.window(), r.inFlight()
	t.Offered = len(reqs)
	t.Lost = r.lost()
	t.LossDerivedMS = 1000 * t.Lost / r.windowRate()
	t.LostRatio = ratio(t.Lost, float64(t.Offered))
	t.InFlight, t.InFlightLost = len(flying), count(flying, failed)
	t.TunnelsBroken = count(flying, brokenTunnel) + count(reqs, brokenTunnel)
	t.Retried = count(flying, isRetried) + count(reqs, isRetried)
	t.New, t.Reused = connections(reqs, false), connections(reqs, true)
	t.Latency = Latencies{Before: r.before, During: latency(reqs), After: latency(r.between(r.undo, r.end))}
}

// service measures the users' outage and the failback, the mechanisms' events, and compares the trial with the prediction. It returns
// failures that need no expectation, such as an outage that no mechanism ended, and doubts.
func (r *run) service(t *Trial) (failures, unknown []reason) {
	if len(r.faults) == 0 {
		return nil, nil
	}
	var span Range
	t.FailoverMS, t.EndedBy = r.failover(), r.ender
	t.Ranges["failover"] = r.failoverRange()
	if t.FailoverMS != nil {
		t.FailoverUncertaintyMS = t.Ranges["failover"].off(*t.FailoverMS)
		t.lostUntilBack, t.laterOutages = r.lostUntilBack(), r.laterOutages()
	}
	t.LatencyRecoveryMS, t.Ranges["latency_recovery"] = r.latencyRecovery()
	t.TimeToFirstMS = r.timeToFirst()
	if t.LatencyInflation, span = r.inflation(); t.LatencyInflation != nil {
		t.Ranges["latency_inflation"] = span
	}
	t.Predicted = r.predicted(t.FailoverMS)
	t.Split, t.Unsplit = r.split(t)
	t.DualActiveMS, t.Exits = r.dualActive(), r.exits()
	t.Moves = r.moves()
	var longest *MinMedMax
	t.Streams, longest = r.streams()
	t.streamRanges(longest, ms(r.uncertainty()))
	t.Unpredicted = r.faults[0].Unpredicted
	t.Story = r.story()
	return r.judgeService(t)
}

// judgeService returns the failures of outage and failback that need no expectation, and the doubts.
func (r *run) judgeService(t *Trial) (failures, unknown []reason) {
	// tell adds a failure. If the failure is not sure, it adds the doubt instead. If a mechanism acted against a healthy node, or if the machine
	// was overloaded, it adds the failure as a doubt, with what happened or how the machine was overloaded; empty: it was not.
	tell := func(sure bool, overload string, failure, doubt reason) {
		switch {
		case sure && r.needless != nil && !slices.Contains(r.best.Codes, failure.code):
			unknown = append(unknown, because(healthyNodeFailed, failure.about, "%s, but a mechanism acted against a healthy node: %s", failure.text, r.needless.text))
		case sure && overload == "":
			failures = append(failures, failure)
		case sure:
			unknown = append(unknown, reason{doubt.code, doubt.about, failure.text + ", but " + overload})
		default:
			unknown = append(unknown, doubt)
		}
	}
	overload := ""
	if !r.repairPredicted() {
		overload = r.overload(r.effect, r.until)
	}
	if t.FailoverMS == nil {
		after := duration(ms(r.end - r.effect))
		tell(r.surelyLost(), overload,
			because("no-return", "", "service was not back when the trial ended, %s after the fault", after),
			because("no-return-unsure", "", "service was not seen to return before the trial ended, %s after the fault, but %s", after, lateAnswers))
		return failures, unknown
	}
	back, span, lost := r.failback()
	span, surely := r.undelayedFailback(span, lost)
	t.FailbackMS, t.Ranges["failback"] = &back, span
	if r.ender == EndedByRepair {
		tell(r.surelyRepaired(), overload,
			r.repaired(),
			because("ended-by-repair-unsure", "", "service was back %s after the fault; the trial cannot tell whether a mechanism or the repair ended the outage (%s)",
				duration(*t.FailoverMS), cmp.Or(t.Ranges["failover"].Why, "the requests are too far apart")))
	}
	if lost {
		tell(surely, r.overload(r.repair, r.end),
			because("lost-after-repair", "", "service was lost again after the repair, and had not returned when the trial ended"),
			because("lost-after-repair-unsure", "", "service was not seen to return after the repair before the trial ended, but %s", lateAnswers))
	}
	return failures, unknown
}

// repaired is the failure of an outage that only the repair ended, with the share of the load that the design promises meanwhile.
func (r *run) repaired() reason {
	promise := ""
	if share, by := r.promised(); share < 1 {
		promise = fmt.Sprintf("; the design promises %s of the load meanwhile (%s)", percent(share), by)
	}
	back := duration(*r.failover())
	if r.outage != &r.outages[0] {
		return because("ended-by-repair", "", "service was lost again %s after the fault, and no mechanism ended that outage: "+
			"service was back %s after the fault, with the repair%s", duration(ms(r.outage.begin-r.effect)), back, promise)
	}
	return because("ended-by-repair", "", "no mechanism ended the outage: service was back %s after the fault, with the repair%s", back, promise)
}

// promise fills in the share of the load that the design promises, if that is less than all.
func (r *run) promise(t *Trial) {
	share, _ := r.promised()
	if share == 1 || r.outage != nil && !r.outage.ended {
		return
	}
	t.Promise = &Promise{Share: share, Served: t.QSteady}
	reqs := r.between(r.repair, r.end)
	if i := slices.Index(r.standard.served(reqs, r.end), true); i >= 0 {
		whole := ms(reqs[i].Scheduled - r.repair)
		t.Promise.WholeMS = &whole
	}
}

// brokenPromise returns a failure if the design carried less than it promises, or a doubt if the promise lies inside the range.
func (r *run) brokenPromise(t *Trial) (failures, unknown []reason) {
	if t.Promise == nil {
		return nil, nil
	}
	share, by := r.promised()
	g, _ := t.Range("q_steady")
	least := share*r.standard.theta - deviation(share, len(r.steady()))
	promised := fmt.Sprintf("the design promises %s (%s)", percent(share), by)
	switch {
	case g.Hi < least:
		return []reason{because("promise-broken", "", "%s of the load was served during the fault, but %s", percent(t.QSteady), promised)}, nil
	case g.Lo < least:
		why := ""
		if g.Why != "" {
			why = " (" + g.Why + ")"
		}
		return nil, []reason{because("promise-unsure", "", "%s to %s of the load was served during the fault, and %s: the promise lies inside the uncertainty%s",
			percent(g.Lo), percent(g.Hi), promised, why).of(g)}
	}
	return nil, nil
}

// conclude sets the verdict. A void trial has no failures, so it is inconclusive.
func (t *Trial) conclude(void bool, failures, unknown []reason) {
	t.Void = void
	t.reasons = append(failures, unknown...)
	t.Reasons, t.Codes = []string{}, []string{}
	for _, r := range t.reasons {
		t.Reasons, t.Codes = append(t.Reasons, r.text), append(t.Codes, r.code)
	}
	switch {
	case len(failures) > 0:
		t.Verdict = Fail
	case len(unknown) > 0:
		t.Verdict = Inconclusive
	default:
		t.Verdict = Pass
	}
}
