package compare

import (
	"math"
	"slices"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// SettingChange is a setting of a design that differs.
type SettingChange struct {
	Key       string `json:"key"`
	Base      string `json:"base"` // empty: the base does not have it
	New       string `json:"new"`
	BaseWhere string `json:"base_where,omitempty"` // file:line:col
	NewWhere  string `json:"new_where,omitempty"`
}

// PredictionChange compares what is predicted for one fault.
type PredictionChange struct {
	Fault  string              `json:"fault"`
	Kind   string              `json:"kind"`
	Code   string              `json:"code"`
	Change Change              `json:"change"`
	Base   *analyze.Prediction `json:"base"` // null: no such fault
	New    *analyze.Prediction `json:"new"`
	// Causes are the changed settings that the prediction depends on; all changed settings if it depends on none of them.
	Causes []SettingChange `json:"causes"`
}

// SettingChanges lists the settings that differ, in the order of the new design, and then those that it lost.
func SettingChanges(base, new []analyze.Setting) []SettingChange {
	changes := []SettingChange{}
	was := map[string]analyze.Setting{}
	for _, s := range base {
		was[s.Key] = s
	}
	for _, s := range new {
		b := was[s.Key]
		delete(was, s.Key)
		if b.Value != s.Value || b.Key == "" {
			changes = append(changes, SettingChange{Key: s.Key, Base: b.Value, New: s.Value, BaseWhere: b.Where, NewWhere: s.Where})
		}
	}
	for _, s := range base {
		if _, gone := was[s.Key]; gone {
			changes = append(changes, SettingChange{Key: s.Key, Base: s.Value, BaseWhere: s.Where})
		}
	}
	return changes
}

// predictionChanges lists the predictions that differ.
func predictionChanges(c *Cell, effects Effects) []PredictionChange {
	changes := []PredictionChange{}
	for i := range max(len(c.base.Predictions), len(c.new.Predictions)) {
		p := PredictionChange{Base: at(c.base.Predictions, i), New: at(c.new.Predictions, i), Causes: []SettingChange{}}
		p.Code, p.Change = predicted(p.Base, p.New, effects)
		if p.Code == "" {
			continue
		}
		for _, side := range []*analyze.Prediction{p.Base, p.New} {
			if side != nil {
				p.Fault, p.Kind = side.Fault, side.Kind
			}
		}
		p.Causes = causes(c.Settings, p.Base, p.New)
		changes = append(changes, p)
	}
	return changes
}

func at(list []analyze.Prediction, i int) *analyze.Prediction {
	if i >= len(list) {
		return nil
	}
	return &list[i]
}

// causes gives the changed settings that one of the predictions depends on, else all changed settings.
func causes(changed []SettingChange, sides ...*analyze.Prediction) []SettingChange {
	decisive := slices.DeleteFunc(slices.Clone(changed), func(s SettingChange) bool {
		return !slices.ContainsFunc(sides, func(p *analyze.Prediction) bool { return p != nil && slices.Contains(p.DependsOn, s.Key) })
	})
	if len(decisive) == 0 {
		return changed
	}
	return decisive
}

// predicted compares two predictions. The code is empty if they are alike. A change below the minimum effect is said, and is none.
func predicted(base, new *analyze.Prediction, effects Effects) (code string, change Change) {
	if base == nil || new == nil {
		return "prediction-other", Same // says: only one side has a prediction for the fault: the scenarios differ
	}
	b, n := interval(base), interval(new)
	switch {
	case b == nil && n == nil:
		return "", Same
	case b == nil:
		return "prediction-gained", Same // says: only the new side predicts an interval
	case n == nil:
		return "prediction-lost", Unknown // says: only the base predicts an interval
	}
	worst, best := n[1]-b[1], n[0]-b[0] // Inf - Inf is NaN: both are never
	if base.Never && new.Never {
		worst, best = 0, 0
	}
	promised := share(new) - share(base)
	least, leastShare := effects.Of("failover", "ms"), effects.Of("q_steady", "ratio")
	switch {
	case worst > 0 && worst >= least, worst >= 0 && best > 0 && best >= least, promised < 0 && promised <= -leastShare:
		return "prediction-worse", Worse // says: the predicted failover is longer, or less of the load is promised
	case worst < 0 && worst <= -least, worst <= 0 && best < 0 && best <= -least, promised > 0 && promised >= leastShare:
		return "prediction-better", Better // says: the predicted failover is shorter, or more of the load is promised
	case worst != 0 || best != 0 || promised != 0 || base.EventOnly != new.EventOnly:
		return "prediction-shifted", Same // says: the prediction differs by less than the minimum effect
	}
	return "", Same
}

// interval gives the predicted interval in ms; +Inf: no mechanism ends the outage. nil: nothing is predicted.
func interval(p *analyze.Prediction) *[2]float64 {
	switch {
	case p.Never:
		return &[2]float64{math.Inf(1), math.Inf(1)}
	case p.LoMS == nil || p.HiMS == nil:
		return nil
	}
	return &[2]float64{*p.LoMS, *p.HiMS}
}

// share is the share of the load that a design promises under a fault.
func share(p *analyze.Prediction) float64 {
	if p.Promised == 0 {
		return 1
	}
	return p.Promised
}
