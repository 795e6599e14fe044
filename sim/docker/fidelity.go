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
		sim.MechanismDNS.Real("spof's own DNS server, asked over UDP; the load generator keeps the users' caches"),
		sim.MechanismSignals.Real("keepalived reads the chassis by track_file, HAProxy and spof's own DNS server by agent-check; nginx does not read it"),
		sim.MechanismPAC.Emulated("the script runs as JavaScript for every request; no browser runs: the load generator's users leave a proxy by the rules of Chrome or Firefox"),
		sim.MechanismWAN.Emulated("Toxiproxy in a gateway node relays connections, not packets: traffic above the bandwidth waits, and nothing is dropped"),
	}...)
	if r.builtin {
		list = append(list, sim.MechanismVRRP.Emulated("spof's own election; the address really moves"))
		return append(append(list, r.engines()...), trace.Fidelity{What: string(topology.Builtin), Level: trace.Real, How: "the engine itself"})
	}
	list = append(list,
		sim.MechanismCache.Real("Squid's own store, in memory and on a filesystem of its own (in memory too: faster than a disk); Squid asks siblings by ICP, HTCP or cache digests"),
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
