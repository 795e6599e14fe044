// Package policy holds the decisions of the failover mechanisms as state machines without a clock: VRRP election,
// health checks, the choice of a server and its retries. Time comes in as nanoseconds of any monotonic clock, decisions
// go out as plain values; nothing here sleeps, reads a clock, starts a goroutine or opens a socket, so that real
// processes and virtual time run the same code. It imports the standard library alone and knows no topology.
//
// The machines are not safe for use by several goroutines at once; each has one owner.
package policy
