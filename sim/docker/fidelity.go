package docker

import (
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/engine/registry"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// Fidelity says whether each fault and mechanism is real or emulated in containers.
func (r *Runtime) Fidelity() []trace.Fidelity {
	list := append(sim.FaultFidelity(r.of), []trace.Fidelity{
		sim.MechanismDNS.Real("spof's own DNS server, asked over UDP; users' caches are the load generator's"),
		sim.MechanismSignals.Real("keepalived track_file and HAProxy agent-check, read from the chassis, the latter by spof's own DNS server too; nginx has no such thing"),
		sim.MechanismPAC.Emulated("the script runs as JavaScript for every request; the load generator's users leave a proxy by the rules of Chrome or Firefox, no browser runs"),
		sim.MechanismWAN.Emulated("Toxiproxy in a gateway node: connections are relayed, packets are not: what is too much for a link waits, and nothing is dropped"),
	}...)
	if r.builtin {
		list = append(list, sim.MechanismVRRP.Emulated("spof's own election, the address moved for real"))
		return append(append(list, r.engines()...), trace.Fidelity{What: string(topology.Builtin), Level: trace.Real, How: "the engine itself"})
	}
	list = append(list,
		sim.MechanismCache.Real("Squid's own store, in memory and on a filesystem of its own (of memory, too: faster than a disk); its siblings asked by ICP, HTCP or cache digests"),
		sim.MechanismVRRP.Real("keepalived, unicast"))
	return append(append(list, r.engines()...),
		sim.MechanismParents.Real("cache_peer of Squid, with retry_on_error"),
		trace.Fidelity{What: string(topology.Builtin), Level: trace.Real, How: "the engine itself"})
}

// of returns the fidelity of a kind of fault on this runtime.
func (r *Runtime) of(k fault.Kind) fault.Fidelity {
	if r.builtin && k.RealEngines {
		return fault.Fidelity{Level: fault.Unsupported}
	}
	return k.Docker
}

// engines is the fidelity of each engine, sorted by name.
func (r *Runtime) engines() (list []trace.Fidelity) {
	for _, e := range registry.Named() {
		f := trace.Fidelity{What: e.Name, Level: trace.Real, How: e.Real}
		if r.builtin {
			f.Level, f.How = trace.Emulated, e.StandIn
		}
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b trace.Fidelity) int { return strings.Compare(a.What, b.What) })
	return list
}
