package plan

import (
	"errors"
	"fmt"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/target"
)

// TargetError says that a design has nothing that a fault of the scenario could strike.
type TargetError struct {
	Where              string // file:line:col of the target; empty where no file was read
	Scenario, Topology string
	Fault              int // from 1
	Kind               proxy.FaultKind
	Err                error // what the design lacks
}

// Error names scenario, design and fault, and what is missing.
func (m *TargetError) Error() string {
	text := fmt.Sprintf("scenario %s on %s: fault %d (%s): %v", m.Scenario, m.Topology, m.Fault, m.Kind, m.Err)
	if m.Where != "" {
		text = m.Where + ": " + text
	}
	return text
}

// Unwrap gives what the design lacks.
func (m *TargetError) Unwrap() error { return m.Err }

// Reason says briefly why Compile refused, for a table that names scenario and design already.
func Reason(err error) string {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		var texts []string
		for _, e := range several.Unwrap() {
			if text := Reason(e); len(texts) == 0 || texts[len(texts)-1] != text {
				texts = append(texts, text)
			}
		}
		return strings.Join(texts, "; ")
	}
	var m *TargetError
	if errors.As(err, &m) {
		return m.Err.Error()
	}
	return err.Error()
}

// at begins an error about a target with its place in the file.
func at(t target.Target) string {
	if t.Where == "" {
		return ""
	}
	return t.Where + ": "
}
