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
)

// ErrSchema says that a plan is of another version than this program reads.
var ErrSchema = errors.New("unknown plan schema")

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

// Hash is the SHA-256 of JSON in hexadecimal, without the reasons of predictions that there are none of; it names the plan.
// A plan that has no JSON (a number that is not finite, which Read and Compile never make) has the hash "".
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

// Read reads what JSON has written; Hash is the same again. Unknown fields and other versions are errors.
func Read(data []byte) (*Plan, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	p := new(Plan)
	if err := dec.Decode(p); err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	if p.Schema != Schema {
		return nil, fmt.Errorf("plan: %w %q, want %q", ErrSchema, p.Schema, Schema)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("plan: something follows its end")
	}
	return p, nil
}
