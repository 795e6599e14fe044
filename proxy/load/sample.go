// Package load sends the requests of the users of one group. It is an open-loop HTTP load generator. It runs on a client node
// and records a sample of every request. Begin at Run, Spec and Sample. It does not analyse samples. It knows addresses and
// schedules, but no topology.
package load

// Outcome classifies how a request ended.
type Outcome uint8

// The outcomes. Only OK is a success.
const (
	OK          Outcome = iota
	Refused             // connection refused
	Reset               // connection reset, or closed before the answer was complete
	Timeout             // no complete answer within the timeout
	Unreachable         // no route to host, network or host down
	Status4xx           // 4xx from the proxy or the origin
	Status5xx           // 5xx from the proxy or the origin
	Corrupt             // the body is not what the origin sent
	TLSFailed           // TLS inside the tunnel failed
	Malformed           // the answer is not HTTP
	NoName              // the lookup of the proxy's name failed or timed out
	NotSent             // the generator could not send: no socket, or a target outside the lab
	NumOutcomes
)

var outcomeNames = [NumOutcomes]string{"ok", "refused", "reset", "timeout", "unreachable", "4xx", "5xx", "corrupt", "tls-failed", "malformed", "dns", "not-sent"}

// String gives the outcome's name in files and reports.
func (o Outcome) String() string {
	if o < NumOutcomes {
		return outcomeNames[o]
	}
	return "unknown"
}

// Flags of a sample.
type Flags uint8

// The flags.
const (
	Reused   Flags = 1 << iota // sent on a kept connection
	Tunnel                     // HTTPS through CONNECT
	CacheHit                   // the proxy answered from its cache
	Bypassed                   // the answer came from the origin without a proxy
	Retried                    // sent again on a new connection, because the kept one ended without an answer
	PeerHit                    // the proxy did not have the object, and got it from another cache's store
)

// Sample is one request. It takes 32 bytes in memory (a spec holds this). Values that are too large are saturated, not wrapped.
type Sample struct {
	Scheduled int64  // ns from the start of the load: when the request was due
	Late      uint32 // ns from Scheduled to the send (dial or write), at most 4.29 s
	FirstByte uint32 // us from Scheduled to the first byte of the answer; 0: none arrived
	Done      uint32 // us from Scheduled to the end: the latency
	Bytes     uint32 // body bytes received
	User      uint16
	Node      uint8 // 1-based index into the trace header's nodes of the forward proxy that served it; 0: unknown
	Outcome   Outcome
	Flags     Flags
	// SYNs is the number of SYNs that the kernel repeated for the connection that this request opened (TCP_INFO), at most 255.
	// More than 0 means that the address did not answer at first. It is 0 on a kept connection.
	SYNs uint8
	// Resent is the number of segments without SYN that were sent again on the request's connection between its send and its
	// end (TCP_INFO), at most 255.
	Resent uint8
	_      [1]uint8
}
