package policy

import (
	"cmp"
	"time"
)

// Bounds is a closed interval of time. The phase of a timer at a fault is unknown, so a prediction is an interval. The phase is
// uniform over it unless stated otherwise.
type Bounds struct {
	Lo, Hi time.Duration
}

// Plus adds an interval that follows this one.
func (b Bounds) Plus(c Bounds) Bounds { return Bounds{b.Lo + c.Lo, b.Hi + c.Hi} }

// Union gives the smallest interval that contains both.
func (b Bounds) Union(c Bounds) Bounds { return Bounds{min(b.Lo, c.Lo), max(b.Hi, c.Hi)} }

// VRRP are the timers of one router in an election.
type VRRP struct {
	Version  int           // 2 (RFC 3768) or 3 (RFC 5798)
	Advert   time.Duration // the advertisement interval
	Priority int           // 1-255
	Misses   int           // keepalived's down_timer_adverts; 0: DownAdverts
}

// Skew is Skew_Time. With it the backup of the highest priority becomes master first. (256 - priority) / 256 seconds in version
// 2 (RFC 3768, 6.1), (256 - priority) * Advert / 256 in version 3 (RFC 5798, 6.1).
func (v VRRP) Skew() time.Duration {
	unit := time.Second
	if v.Version == 3 {
		unit = v.Advert
	}
	return time.Duration(256-v.Priority) * unit / 256
}

// DownAdverts is the number of advertisement intervals for which a backup waits before it takes a master for dead.
const DownAdverts = 3

// MasterDown is Master_Down_Interval, 3 * Advert + Skew: the time that a backup waits after the last advertisement (RFC 3768
// and RFC 5798, 6.1). keepalived's down_timer_adverts replaces the 3 (vrrp.h, VRRP_MS_DOWN_TIMER).
func (v VRRP) MasterDown() time.Duration {
	return time.Duration(cmp.Or(v.Misses, DownAdverts))*v.Advert + v.Skew()
}

// Silence bounds the time from the silent death of a master until this backup is master. At the death the last advertisement is
// 0 to Advert old.
func (v VRRP) Silence() Bounds { return Bounds{v.MasterDown() - v.Advert, v.MasterDown()} }

// Release is the time from a master's advertisement of priority 0 until this backup is master. The backup's timer is set to
// Skew (RFC 3768 and RFC 5798, 6.4.2).
func (v VRRP) Release() Bounds { return Bounds{v.Skew(), v.Skew()} }

// Failure is the behaviour of a dead service towards a check.
type Failure int

// The ways to fail.
const (
	Refused    Failure = iota // no process listens; the host answers at once
	Blackholed                // the host is silent
	Frozen                    // the kernel accepts the connection, the process never answers
)

// String gives the name for people.
func (f Failure) String() string {
	switch f {
	case Refused:
		return "refused"
	case Blackholed:
		return "silent"
	}
	return "frozen"
}

// Check are the timers of an active health check.
type Check struct {
	HTTP     bool          // the service must answer a request; false: a connection is enough
	TLS      bool          // the service must complete a TLS handshake, which is a part of connecting
	Interval time.Duration // HAProxy inter, keepalived interval
	Fast     time.Duration // HAProxy fastinter, used between two states; 0: Interval
	Down     time.Duration // HAProxy downinter, used while the service is down; 0: Interval
	Timeout  time.Duration // HAProxy timeout check, keepalived script timeout; 0: none
	Connect  time.Duration // HAProxy timeout connect; 0: none
	Fall     int           // failures in a row that take the service down
	Rise     int           // successes in a row that bring it back
}

// Sees reports whether the check can detect the failure. A TCP check cannot detect a frozen process, because connections to it
// succeed.
func (c Check) Sees(f Failure) bool { return f != Frozen || c.HTTP || c.TLS }

// BalancerFail is the time that one HAProxy check takes to fail, without the round trip. Refused: 0. Blackholed: inter, or
// min(timeout connect, inter) if timeout check is set. Frozen: timeout check, which may be longer than inter, else inter
// (HAProxy configuration manual, "timeout check"); with TLS as Blackholed, because the handshake does not end (tcpcheck.c,
// tcpcheck_eval_connect).
func (c Check) BalancerFail(f Failure) time.Duration {
	switch {
	case f == Refused:
		return 0
	case c.Timeout == 0:
		return c.Interval
	case f == Frozen && !c.TLS:
		return c.Timeout
	case c.Connect == 0:
		return c.Interval
	}
	return min(c.Connect, c.Interval)
}

// BalancerDown bounds HAProxy's detection of a failure that the check Sees. A check starts an interval after the end of the
// previous one: phase + T_fail + (fall-1) * (I + T_fail), phase in [0, inter], I = fastinter or inter (HAProxy configuration
// manual, "inter" and "fall").
func (c Check) BalancerDown(f Failure) Bounds {
	fail := c.BalancerFail(f)
	lo := fail + time.Duration(c.Fall-1)*(c.fast()+fail)
	return Bounds{lo, lo + c.Interval}
}

// BalancerUp bounds HAProxy's detection that a refused service answers again: phase + (rise-1) * I, phase in [0, downinter], I =
// fastinter or inter (HAProxy configuration manual, "downinter").
func (c Check) BalancerUp() Bounds {
	lo := time.Duration(c.Rise-1) * c.fast()
	return Bounds{lo, lo + cmp.Or(c.Down, c.Interval)}
}

func (c Check) fast() time.Duration { return cmp.Or(c.Fast, c.Interval) }

// ObservedDown bounds the time until HAProxy's passive checks (observe, on-error mark-down) take a server down: after limit errors in
// a row. rate > 0 is of the connections or requests that reach the server, in 1/s, and each takes fail to fail (HAProxy configuration manual,
// "error-limit"; check.c, __health_adjust).
func ObservedDown(limit int, rate float64, fail time.Duration) Bounds {
	each := float64(time.Second) / rate
	return Bounds{fail + time.Duration(float64(limit-1)*each), fail + time.Duration(float64(limit)*each)}
}

// ScriptRun is the longest run of a keepalived track script that is refused: a fork, an exec and a connection on the node
// itself.
const ScriptRun = 50 * time.Millisecond

// ScriptFail bounds the run time of one failing track script: 0 to ScriptRun if refused, else from its timeout to its timeout
// plus ScriptRun. The timeout is the interval unless set.
func (c Check) ScriptFail(f Failure) Bounds {
	if f == Refused {
		return Bounds{0, ScriptRun}
	}
	timeout := c.Timeout
	if timeout == 0 {
		timeout = c.Interval
	}
	return Bounds{timeout, timeout + ScriptRun}
}

// ScriptDown bounds keepalived's detection, by a vrrp_script, of a failure that the check Sees: phase + (fall-1) * interval +
// run time, phase in [0, interval]. Scripts start at multiples of the interval. If a run is longer than the interval,
// keepalived 2.2.7 logs that it skips the next run, but starts it (vrrp_script_thread; seen with a run of 1.05 s and an
// interval of 1 s).
func (c Check) ScriptDown(f Failure) Bounds {
	run := c.ScriptFail(f)
	lo := time.Duration(c.Fall-1) * c.Interval
	return Bounds{lo, lo + c.Interval}.Plus(run)
}
