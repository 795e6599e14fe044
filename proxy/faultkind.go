package proxy

// FaultKind is the name of a kind of fault, as scenario files, agents, runtimes and reports spell it. What a kind is stands in
// scenarios/fault, and how an agent carries it out in proxy/agent.
type FaultKind string

// The kinds of fault.
const (
	// What becomes of a node, or of one service of it.
	PowerLoss      FaultKind = "power-loss"
	Crash          FaultKind = "crash"
	Hang           FaultKind = "hang"
	Partition      FaultKind = "partition"
	ConfigBreak    FaultKind = "config-break"
	RollingRestart FaultKind = "rolling-restart"
	ColdCache      FaultKind = "cold-cache"
	DiskFull       FaultKind = "disk-full"
	DNSFailure     FaultKind = "dns-failure"

	// What becomes of its hardware, and of the power before that.
	PSUFailure         FaultKind = "psu-failure"
	FanFailure         FaultKind = "fan-failure"
	Overheat           FaultKind = "overheat"
	CoolingZoneFailure FaultKind = "cooling-zone-failure"
	FeedLoss           FaultKind = "feed-loss"
	MainsOutage        FaultKind = "mains-outage"

	// What becomes of a WAN link, of the origin, or of the load.
	WANLoss    FaultKind = "wan-loss"
	WANDegrade FaultKind = "wan-degrade"
	WANFlap    FaultKind = "wan-flap"
	SlowOrigin FaultKind = "slow-origin"
	ExitBlock  FaultKind = "exit-block"
	Surge      FaultKind = "surge"
)
