package proxy

// Part is a part of a failover. The parts follow each other from the effect of the fault until service holds again.
type Part string

// The parts of a failover, in order.
const (
	PartDetect Part = "detect" // until a mechanism notices the failure
	PartDecide Part = "decide" // until it decides to move users
	PartSwitch Part = "switch" // until the network or the balancer sends users elsewhere
	PartClient Part = "client" // until the users are served again
)
