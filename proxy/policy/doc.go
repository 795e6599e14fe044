// Package policy holds the decisions of the failover mechanisms as state machines without a clock: VRRP election, health checks,
// the choice of a server and its retries, an outage of power. Time comes in as nanoseconds of any monotonic clock, and decisions
// go out as plain values. Nothing here sleeps, reads a clock, starts a goroutine or opens a socket, so real processes and virtual
// time run the same code. Apart from the standard library it imports topology alone, for the power of a design.
//
// The machines are not safe for use by several goroutines at once; each has one owner.
package policy
