package policy

import "time"

// WholeSeconds bounds a timeout of Squid, whose clock of timeouts has whole seconds: T takes more than T-1 and at most T.
func WholeSeconds(timeout time.Duration) Bounds {
	return Bounds{max(0, timeout-time.Second), timeout}
}

// PeerTimers are those by which a Squid gives up a peer.
type PeerTimers struct {
	Connect time.Duration // connect-timeout of the peer, else peer_connect_timeout
	Limit   int           // connect-fail-limit: failed connections in a row until the peer is dead
	Read    time.Duration // read_timeout, on a connection that is open
	Silence time.Duration // dead_peer_timeout, of a peer that does not answer ICP or HTCP
}

// Connecting bounds the time that a request waits for a peer that fails, before Squid tries the next one.
func (t PeerTimers) Connecting(f Failure) Bounds {
	switch f {
	case Refused:
		return Bounds{}
	case Blackholed:
		return WholeSeconds(t.Connect)
	}
	return WholeSeconds(t.Read)
}

// Dead bounds the time until Squid takes a peer for dead at a rate of new connections to it in a second: the first of Limit connections
// in a row fails after Connecting, the last one (Limit-1)/rate later (Squid 5.7, neighbors.cc, peerConnectFailed); the first begins up to
// 1/rate after the fault. ok is false for a frozen peer, to which connecting succeeds, and without new connections.
func (t PeerTimers) Dead(f Failure, rate float64) (b Bounds, ok bool) {
	if f == Frozen || rate <= 0 {
		return Bounds{}, false
	}
	between := time.Duration(float64(t.Limit-1) / rate * float64(time.Second))
	first := time.Duration(float64(time.Second) / rate)
	return t.Connecting(f).Plus(Bounds{between, between + first}), true
}

// Mute bounds the time until Squid no longer waits for answers of a sibling that it asks at a rate in a second: no answer for more than
// Silence, in whole seconds, from the first question on (neighbors.cc, neighborUp).
func (t PeerTimers) Mute(rate float64) (b Bounds, ok bool) {
	if rate <= 0 {
		return Bounds{}, false
	}
	return Bounds{t.Silence, t.Silence + time.Second + time.Duration(float64(time.Second)/rate)}, true
}

// SquidStop is how long Squid goes on after SIGTERM, busy or not: shutdown_lifetime and a second (Squid 5.7, main.cc, doShutdown). It
// accepts no connections from the signal on.
func SquidStop(lifetime time.Duration) time.Duration { return lifetime + time.Second }
