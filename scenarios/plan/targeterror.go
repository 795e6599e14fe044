package plan

import (
	"errors"
	"fmt"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy"
)

// TargetError says that a design cannot have a fault of the scenario. Its code is that of Err.
type TargetError struct {
	Where              string // file:line:col of the target; empty if no file was read
	Scenario, Topology string
	Fault              int // from 1
	Kind               proxy.FaultKind
	Err                error // the cause
}

// Error names scenario, design, fault and cause.
func (m *TargetError) Error() string {
	text := fmt.Sprintf("scenario %s on %s: fault %d (%s): %v", m.Scenario, m.Topology, m.Fault, m.Kind, m.Err)
	if m.Where != "" {
		text = m.Where + ": " + text
	}
	return text
}

// Unwrap gives the cause.
func (m *TargetError) Unwrap() error { return m.Err }

// Reason is the text of an error of Compile without scenario, design and fault: each cause once.
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
