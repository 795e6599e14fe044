package proxy

// FaultKind is the name of a kind of fault in scenario files, agents, runtimes and reports. scenarios/fault describes each kind,
// proxy/agent executes it.
type FaultKind string

// The kinds of fault.
const (
	// Faults of a node or of one of its services.
	PowerLoss      FaultKind = "power-loss"
	Crash          FaultKind = "crash"
	Hang           FaultKind = "hang"
	Partition      FaultKind = "partition"
	ConfigBreak    FaultKind = "config-break"
	RollingRestart FaultKind = "rolling-restart"
	ColdCache      FaultKind = "cold-cache"
	DiskFull       FaultKind = "disk-full"
	DNSFailure     FaultKind = "dns-failure"

	// Faults of the hardware and of its power.
	PSUFailure         FaultKind = "psu-failure"
	FanFailure         FaultKind = "fan-failure"
	Overheat           FaultKind = "overheat"
	CoolingZoneFailure FaultKind = "cooling-zone-failure"
	FeedLoss           FaultKind = "feed-loss"
	MainsOutage        FaultKind = "mains-outage"

	// Faults of a WAN link, of the origin, and of the load.
	WANLoss    FaultKind = "wan-loss"
	WANDegrade FaultKind = "wan-degrade"
	WANFlap    FaultKind = "wan-flap"
	SlowOrigin FaultKind = "slow-origin"
	ExitBlock  FaultKind = "exit-block"
	Surge      FaultKind = "surge"
)
