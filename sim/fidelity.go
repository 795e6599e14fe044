package sim

import (
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// FaultFidelity says how true to life each kind of fault is on a runtime, by what the kind says of it. A kind that the runtime
// does not carry out has no row.
func FaultFidelity(on func(fault.Kind) fault.Fidelity) (list []trace.Fidelity) {
	for _, k := range fault.Reference() {
		if f := on(k); f.Level != fault.Unsupported {
			list = append(list, trace.Fidelity{What: string(k.Name), Level: f.Level, How: f.How})
		}
	}
	return list
}
