package docker

import (
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/engine/registry"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// Fidelity says how true each fault and mechanism is in containers.
func (r *Runtime) Fidelity() []trace.Fidelity {
	list := []trace.Fidelity{
		{What: "power-loss", Level: trace.Real, How: "the node's links down, then every process but its agent killed: silence"},
		{What: "crash", Level: trace.Real, How: "the service's processes killed, the host's kernel stays and refuses"},
		{What: "hang", Level: trace.Real, How: "the service's processes frozen by SIGSTOP, the kernel goes on acknowledging"},
		{What: "wan-loss", Level: trace.Emulated, How: "Toxiproxy: cut lets nothing pass, then closes its ports (connections closed, new ones refused); " +
			"silent swallows all data, but connection requests are still answered"},
		{What: "rolling-restart", Level: trace.Real, How: "the service's process ended by SIGTERM and started anew"},
		{What: "surge", Level: trace.Real, How: "the users' own schedule; counted as it leaves"},
		{What: "slow-origin", Level: trace.Real, How: "the origin waits before each answer; proven by an own request"},
		{What: "dns-failure", Level: trace.Real, How: "dead: the DNS server's process killed, its kernel refuses; servfail, silent: the server answers so, or drops each question; proven by own questions"},
		{What: "dns", Level: trace.Real, How: "spof's own DNS server, asked over UDP; users' caches are the load generator's"},
		{What: "exit-block", Level: trace.Real, How: "the origin answers 403 or 429 to the address that the exit's WAN link has there"},
		{What: "partition", Level: trace.Real, How: "a packet filter (nftables, where frames enter and leave the links) drops all between the nodes, ARP too: silence"},
		{What: "feed-loss", Level: trace.Emulated, How: "the power plant is a model whose time line the chassis of the nodes follow; the node's real loss of power where its inputs no longer carry it"},
		{What: "mains-outage", Level: trace.Emulated, How: "as feed-loss, on every feed"},
		{What: "psu-failure", Level: trace.Emulated, How: "a chassis in the node's agent; the node's real loss of power where the rest no longer carry it"},
		{What: "fan-failure", Level: trace.Emulated, How: "a thermal model in the node's agent; its shutdown is a real loss of power"},
		{What: "overheat", Level: trace.Emulated, How: "a thermal model in the node's agent; its shutdown is a real loss of power"},
		{What: "cooling-zone-failure", Level: trace.Emulated, How: "the thermal models of all nodes of the zone; their shutdowns are real losses of power"},
		{What: "signals", Level: trace.Real, How: "keepalived track_file and HAProxy agent-check, read from the chassis, the latter by spof's own DNS server too; nginx has no such thing"},
		{What: "wan-degrade", Level: trace.Emulated, How: "own toxics in Toxiproxy for latency and a bandwidth that all connections of the link share; its own for resets, which close what was open before"},
		{What: "wan-flap", Level: trace.Emulated, How: "as wan-loss, again and again; each change proven"},
		{What: "pac", Level: trace.Emulated, How: "the script runs as JavaScript for every request; the load generator's users leave a proxy by the rules of Chrome or Firefox, no browser runs"},
		{What: "wan", Level: trace.Emulated, How: "Toxiproxy in a gateway node: connections are relayed, packets are not: what is too much for a link waits, and nothing is dropped"},
	}
	if r.builtin {
		list = append(list, trace.Fidelity{What: "vrrp", Level: trace.Emulated, How: "spof's own election, the address moved for real"})
		return append(append(list, r.engines()...), trace.Fidelity{What: "builtin", Level: trace.Real, How: "the engine itself"})
	}
	list = append(list,
		trace.Fidelity{What: "cache", Level: trace.Real, How: "Squid's own store, in memory and on a filesystem of its own (of memory, too: faster than a disk); its siblings asked by ICP, HTCP or cache digests"},
		trace.Fidelity{What: "cold-cache", Level: trace.Real, How: "Squid restarted without its store: what was in memory is gone, what was on disk removed; counted by its own cache manager"},
		trace.Fidelity{What: "disk-full", Level: trace.Real, How: "the filesystem of Squid's cache_dir, one of its own in memory, filled until a write fails with ENOSPC"},
		trace.Fidelity{What: "config-break", Level: trace.Real, How: "a line that is wrong at the end of the configuration, and the engine's own signal to reload it, unchecked"},
		trace.Fidelity{What: "vrrp", Level: trace.Real, How: "keepalived, unicast"})
	return append(append(list, r.engines()...),
		trace.Fidelity{What: "parents", Level: trace.Real, How: "cache_peer of Squid, with retry_on_error"},
		trace.Fidelity{What: "builtin", Level: trace.Real, How: "the engine itself"})
}

// engines says it of each engine, by its name.
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
