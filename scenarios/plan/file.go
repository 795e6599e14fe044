package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
)

// JSON is the plan in its canonical form: the same plan gives the same bytes.
func (p *Plan) JSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(p); err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return b.Bytes(), nil
}

// Hash is the SHA-256 of JSON without prose, in hexadecimal. It names the plan: it covers everything that decides how a trial runs and
// how it is judged, so that a better sentence does not make another plan. A plan of SchemaV1 keeps the hash of its trace. A plan without
// JSON (with a number that is not finite, which Read and Compile never make) has the hash "".
func (p *Plan) Hash() string {
	named := p.withoutProse()
	if p.Schema == SchemaV1 {
		named = p.withoutUnpredicted()
	}
	data, err := named.JSON()
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Known reports whether the plan has a known schema. Only then Hash covers what it says.
func (p *Plan) Known() bool { return p.Schema == Schema || p.Schema == SchemaV1 }

// withoutProse copies the plan without the sentences that explain it to people. No code decides by them.
func (p *Plan) withoutProse() *Plan {
	bare := p.withoutUnpredicted()
	bare.Topology.About, bare.Scenario.About = "", ""
	bare.Scenario.Faults = slices.Clone(p.Scenario.Faults)
	for i := range bare.Scenario.Faults {
		dropReasons(&bare.Scenario.Faults[i].FaultParams)
	}
	for i := range bare.Faults {
		f := &bare.Faults[i]
		dropReasons(&f.FaultParams)
		f.PromisedBy = ""
		if f.Predicted != nil {
			predicted := *f.Predicted
			predicted.Text = ""
			f.Predicted = &predicted
		}
	}
	return bare
}

// withoutUnpredicted copies the plan without the reasons for missing predictions.
func (p *Plan) withoutUnpredicted() *Plan {
	bare := *p
	bare.Faults = slices.Clone(p.Faults)
	for i := range bare.Faults {
		bare.Faults[i].Unpredicted = ""
	}
	return &bare
}

// dropReasons removes the reasons from a time line of power.
func dropReasons(f *proxy.FaultParams) {
	f.Power = slices.Clone(f.Power)
	for i := range f.Power {
		f.Power[i].Why = ""
	}
}
