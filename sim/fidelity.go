package sim

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// Mechanism is a part of a design, other than an engine, that is real, emulated or unsupported on a runtime.
type Mechanism string

// The mechanisms. A runtime without MechanismCache has forward proxies that store nothing.
const (
	MechanismCache   Mechanism = "cache"
	MechanismDNS     Mechanism = "dns"
	MechanismPAC     Mechanism = "pac"
	MechanismParents Mechanism = "parents"
	MechanismSignals Mechanism = "signals"
	MechanismVRRP    Mechanism = "vrrp"
	MechanismWAN     Mechanism = "wan"
)

// Real returns the row of a real mechanism. how names the program that carries it out.
func (m Mechanism) Real(how string) trace.Fidelity {
	return trace.Fidelity{What: string(m), Level: trace.Real, How: how}
}

// Emulated returns the row of an emulated mechanism. how says how it is emulated.
func (m Mechanism) Emulated(how string) trace.Fidelity {
	return trace.Fidelity{What: string(m), Level: trace.Emulated, How: how}
}

// FaultFidelity returns the rows of the faults on a runtime. on returns the fidelity of a kind of fault there. A kind that the runtime does
// not support has no row.
func FaultFidelity(on func(fault.Kind) fault.Fidelity) (list []trace.Fidelity) {
	for _, k := range fault.Reference() {
		if f := on(k); f.Level != fault.Unsupported {
			list = append(list, trace.Fidelity{What: string(k.Name), Level: f.Level, How: f.How})
		}
	}
	return list
}

// capabilities is the level of each fault, mechanism and engine of a runtime.
type capabilities map[string]string

func capabilitiesOf(rt Runtime) capabilities {
	c := capabilities{}
	for _, f := range rt.Fidelity() {
		c[f.What] = f.Level
	}
	return c
}

func (c capabilities) caches() bool { return c[string(MechanismCache)] == trace.Real }

// standIns reports whether spof's own engines stand in for the real ones.
func (c capabilities) standIns() bool { return c[string(topology.Squid)] != trace.Real }

func (c capabilities) injects(k proxy.FaultKind) bool {
	level := c[string(k)]
	return level == trace.Real || level == trace.Emulated
}
