package scenarios

import (
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Modes of wan-loss.
const (
	ModeCut    = "cut"    // connections are closed and refused
	ModeSilent = "silent" // data is swallowed; also of dns-failure: questions are
)

// kind is what this package knows of a kind of fault.
type kind struct {
	name  proxy.FaultKind
	roles []string // that its target may have, the default first
	// service says that it strikes one service; else it strikes a whole node or link.
	service bool
	keys    []string // of its own parameters
	// read reads its own parameters; nil: it has none.
	read func(o yamlfile.Object, f *Fault)
	// complete resolves its parameters in the design; nil: there is nothing to resolve.
	complete func(d predictor, f *PlannedFault) error
	// predict says what the design's timers promise when it strikes alone; nil: nothing on any design, and unpredicted why.
	predict     func(d predictor, f PlannedFault) *Prediction
	unpredicted string
}

// nodeRoles are the roles whose targets are nodes of the design.
var nodeRoles = []string{target.RoleEntry, target.RoleProxy, target.RoleBalancer}

// kinds lists every kind of fault, in the order in which messages name them.
func kinds() []kind {
	return []kind{
		{name: proxy.PowerLoss, roles: nodeRoles, keys: []string{"share"}, read: readShare, predict: predictor.predictLoss},
		{name: proxy.Crash, roles: nodeRoles, service: true, keys: []string{"share"}, read: readShare, predict: predictor.predictLoss},
		{name: proxy.Hang, roles: nodeRoles, service: true, keys: []string{"share"}, read: readShare, predict: predictor.predictLoss},
		{name: proxy.WANLoss, roles: []string{target.RoleWAN}, keys: []string{"mode"}, read: readMode(ModeCut, ModeSilent), predict: predictor.predictLink},
		{name: proxy.WANDegrade, roles: []string{target.RoleWAN}, keys: []string{"latency", "jitter", "bandwidth", "reset", "reset_after", "slow_close"}, read: readDegrade,
			complete: predictor.completeDegrade, unpredicted: "what users make of a link that gets worse is for them to show: no timer is about it"},
		{name: proxy.WANFlap, roles: []string{target.RoleWAN}, keys: []string{"mode", "period"}, read: readFlap,
			unpredicted: "the link is back, and gone again, at its own period and not at a timer of the design"},
		{name: proxy.Partition, roles: nodeRoles, keys: []string{"from"}, read: readPartition, complete: predictor.completePartition, predict: predictor.predictPartition},
		{name: proxy.ConfigBreak, roles: nodeRoles, service: true, keys: []string{"program"}, read: readConfigBreak,
			complete: predictor.completeConfigBreak, predict: predictor.predictConfigBreak},
		{name: proxy.RollingRestart, roles: []string{target.RoleProxy, target.RoleEntry, target.RoleBalancer}, service: true, keys: []string{"gap"}, read: readRolling,
			complete: predictor.completeRolling, unpredicted: "each service is away for as long as it takes to stop and to start"},
		{name: proxy.Surge, roles: []string{target.RoleUsers}, keys: []string{"factor"}, read: readSurge,
			unpredicted: "what gives way under more load, and whether anything does, no timer says"},
		{name: proxy.PSUFailure, roles: nodeRoles, keys: []string{"psu"}, read: readPSU, complete: predictor.completePSU, predict: predictor.predictHardware},
		{name: proxy.FanFailure, roles: nodeRoles, predict: predictor.predictHardware},
		{name: proxy.Overheat, roles: nodeRoles, keys: []string{"rise"}, read: readRise, predict: predictor.predictHardware},
		{name: proxy.CoolingZoneFailure, roles: []string{target.RoleZone}, keys: []string{"rise"}, read: readRise, predict: predictor.predictHardware},
		{name: proxy.ColdCache, roles: []string{target.RoleProxy}, service: true, complete: predictor.completeColdCache,
			unpredicted: "the service is away for as long as it takes to start, and its cache is cold for as long as users take to warm it"},
		{name: proxy.DiskFull, roles: []string{target.RoleProxy}, service: true, complete: predictor.completeDiskFull,
			unpredicted: "a service may die of a full disk or go on, and when it next writes no timer says"},
		{name: proxy.SlowOrigin, roles: []string{target.RoleOrigin}, keys: []string{"latency"}, read: readSlow,
			unpredicted: "no timer of the design is about how long the origin takes"},
		{name: proxy.DNSFailure, roles: []string{target.RoleDNS}, service: true, keys: []string{"mode"}, read: readMode(ModeDead, ModeServfail, ModeSilent),
			predict: predictor.predictDNS},
		{name: proxy.FeedLoss, roles: []string{target.RoleFeed}, complete: predictor.completeFeed, predict: predictor.predictFeed},
		{name: proxy.MainsOutage, roles: []string{target.RoleFeed}, complete: predictor.completeFeed, predict: predictor.predictFeed},
		{name: proxy.ExitBlock, roles: []string{target.RoleEntry, target.RoleProxy}, keys: []string{"share", "status"}, read: readExitBlock,
			complete: predictor.completeExitBlock, predict: predictor.predictExitBlock},
	}
}

// readMode reads the key mode; the first of the modes is the default.
func readMode(modes ...string) func(yamlfile.Object, *Fault) {
	return func(o yamlfile.Object, f *Fault) { f.Mode = o.Get("mode").OneOf(modes[0], modes...) }
}

func kindOf(name proxy.FaultKind) (kind, bool) {
	for _, k := range kinds() {
		if k.name == name {
			return k, true
		}
	}
	return kind{}, false
}

func kindNames() []string {
	var names []string
	for _, k := range kinds() {
		names = append(names, string(k.name))
	}
	return names
}

// faultKeys are the keys that a fault may have, whatever its kind.
func faultKeys() []string {
	keys := []string{"kind", "target", "role", "at", "for"}
	for _, k := range kinds() {
		for _, key := range k.keys {
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// refuseForeign refuses the parameters of other kinds.
func (k kind) refuseForeign(o yamlfile.Object) {
	owners := map[string][]string{}
	for _, other := range kinds() {
		for _, key := range other.keys {
			owners[key] = append(owners[key], string(other.name))
		}
	}
	for key, names := range owners {
		if v := o.Get(key); v.Present() && !slices.Contains(k.keys, key) {
			has := "has"
			if len(names) > 1 {
				has = "have"
			}
			v.Problemf("%s has no %s; only %s %s one", k.name, key, strings.Join(names, ", "), has)
		}
	}
}
