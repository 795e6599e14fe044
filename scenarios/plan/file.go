package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
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
