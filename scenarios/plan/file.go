package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/seed-ab8b6914/spof/reason"
)

// ErrSchema: the plan has another version than this program reads.
var ErrSchema = reason.Errorf("unknown-plan-schema", "unknown plan schema")

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

// Hash is the SHA-256 of JSON in hexadecimal, without the fields Unpredicted. It names the plan. A plan without JSON (with a number
// that is not finite, which Read and Compile never make) has the hash "".
func (p *Plan) Hash() string {
	named := *p
	named.Faults = slices.Clone(p.Faults)
	for i := range named.Faults {
		named.Faults[i].Unpredicted = ""
	}
	data, err := named.JSON()
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Read reads what JSON has written, with the same Hash. Unknown fields and other versions are errors, with the codes bad-plan and
// unknown-plan-schema.
func Read(data []byte) (*Plan, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	p := new(Plan)
	if err := dec.Decode(p); err != nil {
		return nil, reason.Errorf("bad-plan", "plan: %w", err)
	}
	if p.Schema != Schema {
		return nil, fmt.Errorf("plan: %w %q, want %q", ErrSchema, p.Schema, Schema)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, reason.Errorf("bad-plan", "plan: data after its end")
	}
	return p, nil
}
