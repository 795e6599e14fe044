package analyze

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/scenarios"
)

// Measure gives a measure of a trial by its name in scenarios.Measures, in the unit that stands there. ok is false for an
// unknown name, and for a measure that this trial has no value of.
func (t *Trial) Measure(name string) (value float64, ok bool) {
	spread := t.UserOutageMS
	if spread == nil {
		spread = &MinMedMax{}
	}
	m, known := map[string]struct {
		value *float64
		ok    bool
	}{
		"failover":             {t.FailoverMS, true},
		"time_to_first":        {t.TimeToFirstMS, true},
		"lost":                 {&t.Lost, true},
		"lost_ratio":           {&t.LostRatio, true},
		"loss_derived":         {&t.LossDerivedMS, true},
		"user_outage_median":   {&spread.Median, t.UserOutageMS != nil},
		"user_outage_max":      {&spread.Max, t.UserOutageMS != nil},
		"users_noticed":        {some(ratio(t.UsersNoticed, t.Users)), true},
		"q_min":                {&t.QMin, true},
		"q_steady":             {&t.QSteady, true},
		"resilience_loss":      {&t.ResilienceLossS, true},
		"latency_inflation":    {t.LatencyInflation, true},
		"diversity":            {t.Exits.left(), true},
		"exits_effective":      {t.Exits.effective(), true},
		"sessions_broken":      {t.Exits.broken(), true},
		"streams_broken":       {t.Streams.broken(), true},
		"stream_outage_median": {t.Streams.outage(), true},
		"stream_outage_max":    {t.Streams.worst(), true},
		"dual_active":          {t.DualActiveMS, true},
		"moves":                {t.moves(), true},
		"wan_bytes":            {t.wanBytes(), true},
		"origin_surge":         {t.originSurge(), true},
		"failback":             {t.FailbackMS, true},
		"bypassed":             {some(float64(t.Bypassed)), true},
		"corrupted":            {some(float64(t.Corrupted)), true},
		"error_ratio":          {&t.ErrorRatio, true},
	}[name]
	if !known || !m.ok || m.value == nil {
		return 0, false
	}
	return *m.value, true
}

// wanBytes is what the links carried in the fault phase.
func (t *Trial) wanBytes() *float64 {
	if t.WAN == nil {
		return nil
	}
	return &t.WAN.During
}

func some(v float64) *float64 { return &v }

// missed says which expectations a trial does not meet, and which it has nothing to say about. never tells that failover
// did not come, which is a failure of its own.
func missed(t *Trial, expect []scenarios.Expectation, never bool) (failures, unknown []reason) {
	for _, e := range expect {
		v, ok := t.Measure(e.Measure)
		key := e.Measure + " " + e.Op + " " + fmt.Sprint(e.Value)
		switch {
		case !ok && e.Measure == "failover" && never: // said already
		case !ok:
			unknown = append(unknown, because(key, "%s was not measured (expected %s)", words(e.Measure), e.Text))
		case !holds(v, e.Op, e.Value):
			failures = append(failures, because(key, "%s", miss(e, v)))
		}
	}
	return failures, unknown
}

// holds compares; an unknown operator never holds.
func holds(v float64, op string, bound float64) bool {
	switch op {
	case "<=":
		return v <= bound
	case "<":
		return v < bound
	case ">=":
		return v >= bound
	case ">":
		return v > bound
	case "==":
		return v == bound
	}
	return false
}

// opposite is what holds where an operator does not.
var opposite = map[string]string{"<=": ">", "<": ">=", ">=": "<", ">": "<=", "==": "!="}

// miss words a missed expectation: failover 4.20 s > 2 s.
func miss(e scenarios.Expectation, v float64) string {
	unit := scenarios.Measures[e.Measure].Unit
	digits := 3
	is, bound := inUnit(v, unit, digits), inUnit(e.Value, unit, digits)
	for is == bound && v != e.Value && digits < 15 { // 2.001 s > 2 s must not read 2 s > 2 s
		digits++
		is, bound = inUnit(v, unit, digits), inUnit(e.Value, unit, digits)
	}
	return fmt.Sprintf("%s %s %s %s", words(e.Measure), is, opposite[e.Op], trimZeros(bound))
}
