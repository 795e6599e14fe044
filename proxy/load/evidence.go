package load

import (
	"bytes"
	"strconv"
)

// evidence checks what an answer proves: that the body is the origin's, and which node served it.
type evidence struct {
	spec  *Spec
	nodes map[string]uint8 // Sample.Node by node name
}

func newEvidence(s *Spec) evidence {
	e := evidence{spec: s, nodes: make(map[string]uint8, len(s.Nodes))}
	for i, name := range s.Nodes {
		e.nodes[name] = uint8(i + 1)
	}
	return e
}

// node gives the last forward proxy that a Via field names. This is the proxy to which the user connected, because each hop
// appends its own name (RFC 9110, section 7.6.3). 0: the field names no known node.
func (e *evidence) node(via []byte) (last uint8) {
	for element := range bytes.SplitSeq(via, []byte(",")) {
		_, by, _ := bytes.Cut(bytes.TrimLeft(element, " \t"), []byte(" "))
		if i := bytes.IndexAny(by, " :"); i >= 0 { // a comment or a port follows
			by = by[:i]
		}
		if n := e.nodes[string(by)]; n != 0 {
			last = n
		}
	}
	return last
}

// flags gives what the head of an answer proves about its path. An answer through a tunnel proves nothing about it.
func (e *evidence) flags(h *head, tunnel bool) (f Flags) {
	switch {
	case isHit(h.xCache):
		f |= CacheHit
	case isHit(h.peerXCache):
		f |= PeerHit
	}
	if !tunnel && string(h.spofVia) == "-" {
		f |= Bypassed
	}
	return f
}

// isHit reads an element of X-Cache. All caches write a hit as "HIT from NODE". A stored answer keeps the fields with which it
// arrived.
func isHit(cache []byte) bool { return len(cache) >= 3 && is(cache[:3], "hit") }

// declaration is what the origin declares about the body that follows.
type declaration struct {
	sum   uint32
	valid bool // the checksum is well-formed, and the object is the requested one
}

// declared reads the declaration in the head of an answer to a request for object.
func (e *evidence) declared(h *head, object []byte) declaration {
	sum, err := strconv.ParseUint(string(h.sum), 16, 32)
	return declaration{sum: uint32(sum), valid: err == nil && len(h.sum) == 8 && bytes.Equal(h.object, object)}
}

// check compares a body with its declaration.
func (e *evidence) check(d declaration, length int64, sum uint32) error {
	if !d.valid || length != int64(e.spec.BodyBytes) || sum != d.sum {
		return failure(Corrupt)
	}
	return nil
}
