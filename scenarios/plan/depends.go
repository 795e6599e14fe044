package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/predict"
	"github.com/seed-ab8b6914/spof/topology"
)

// DependsOn gives the keys of the design's settings that the prediction for fault i depends on: another value of the setting, with all
// others as they are, predicts something else. nil: it depends on none, or there is no prediction. See topology.Setting.
func (p *Plan) DependsOn(i int) (keys []string) {
	f := &p.Faults[i]
	if f.Predicted == nil {
		return nil
	}
	t, err := copied(&p.Topology)
	if err != nil {
		return nil
	}
	for _, s := range t.Settings() {
		s.Vary(func() {
			if !sameInterval(p.again(t, f), f.Predicted) && !slices.Contains(keys, s.Key) {
				keys = append(keys, s.Key)
			}
		})
	}
	return keys
}

// again predicts for a fault on another topology. A varied topology may be one that no file gives; what the predictor cannot compute
// then counts as the prediction of the plan.
func (p *Plan) again(t *topology.Topology, f *Fault) (other *predict.Prediction) {
	defer func() {
		if recover() != nil {
			other = f.Predicted
		}
	}()
	other, _ = predict.For(t, &p.Scenario).Predict(f.Planned, f.Promised)
	return other
}

// Wait is what a part of a failover waits for, and what is predicted if a setting changes.
type Wait struct {
	predict.Cause
	Change string              // of the setting; empty: the predictor knows no value that makes the failover shorter
	With   *predict.Prediction // for the change; better than that of the plan
}

// Wait finds what a part of the failover from fault i waits for, and a value of a setting of the design that predicts a shorter failover, or
// an earlier event. ok is false if the topology is one that no file gives.
func (p *Plan) Wait(i int, m predict.Moment) (w Wait, ok bool) {
	defer func() {
		if recover() != nil {
			w, ok = Wait{}, false
		}
	}()
	f, d := &p.Faults[i], predict.For(&p.Topology, &p.Scenario)
	if f.Predicted == nil || f.Predicted.Never {
		return Wait{Cause: d.Cause(m)}, true
	}
	for _, l := range d.Levers(m) {
		t, err := copied(&p.Topology)
		if err != nil {
			return Wait{}, false
		}
		l.Apply(t)
		if other := p.again(t, f); other != nil && better(other, f.Predicted) {
			return Wait{predict.Cause{Waits: l.Waits, Now: l.Now}, l.Change, other}, true
		}
	}
	return Wait{Cause: d.Cause(m)}, true
}

// better reports whether a prediction is that of the same event, and earlier.
func better(other, p *predict.Prediction) bool {
	return !other.Never && other.Event == p.Event && other.EventOnly == p.EventOnly && 0 < other.Hi && other.Hi < p.Hi
}

// sameInterval compares what two predictions say, without their texts.
func sameInterval(a, b *predict.Prediction) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Lo == b.Lo && a.Hi == b.Hi && a.Never == b.Never && a.Event == b.Event && a.EventOnly == b.EventOnly && a.Repair == b.Repair
}

// copied is a deep copy of a topology.
func copied(t *topology.Topology) (*topology.Topology, error) {
	data, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	other := new(topology.Topology)
	return other, json.Unmarshal(data, other)
}

// LoadHash names what a trial does to a design: load, phases, faults, and the definition of service. Plans with the same hash measure the
// same. It is the same for any seed, number of trials and expectation, and for any design but one that prolongs the fault (fault.Prolong).
func (p *Plan) LoadHash() string {
	s := p.Scenario
	s.About, s.Expect, s.Selection, s.Faults = "", nil, scenarios.Selection{}, withoutPlaces(s.Faults)
	s.Phases.Fault -= fault.Prolong(s.Faults, &p.Topology)
	return hash(s)
}

// DesignHash names the design.
func (p *Plan) DesignHash() string { return hash(p.Topology) }

// hash is the beginning of the SHA-256 of a value as JSON, in hexadecimal; empty: it has none.
func hash(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}
