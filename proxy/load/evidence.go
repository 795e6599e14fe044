package load

import (
	"bytes"
	"strconv"
)

// evidence is what an answer proves: that the body is the origin's, and who served it on the way.
type evidence struct {
	spec  *Spec
	nodes map[string]uint8 // Sample.Node by name
}

func newEvidence(s *Spec) evidence {
	e := evidence{spec: s, nodes: make(map[string]uint8, len(s.Nodes))}
	for i, name := range s.Nodes {
		e.nodes[name] = uint8(i + 1)
	}
	return e
}

// node finds the last forward proxy that a Via field names, which is the one the user spoke to: each hop appends itself
// (RFC 9110, section 7.6.3). 0: none that is known.
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

// flags gives what the head of an answer proves about its way. What comes out of a tunnel proves nothing.
func (e *evidence) flags(h *head, tunnel bool) (f Flags) {
	switch {
	case isHit(h.xCache):
		f |= CacheHit
	case isHit(h.beyond):
		f |= PeerHit
	}
	if !tunnel && string(h.spofVia) == "-" {
		f |= Bypassed
	}
	return f
}

// isHit reads the form of X-Cache that all caches share: HIT from NODE. A stored answer keeps the fields it came with.
func isHit(cache []byte) bool { return len(cache) >= 3 && is(cache[:3], "hit") }

// promise is what the origin says of the body that follows.
type promise struct {
	sum    uint32
	honest bool // there is a sum, for the object that was asked for
}

// promise reads the head of an answer to a request for object.
func (e *evidence) promise(h *head, object []byte) promise {
	sum, err := strconv.ParseUint(string(h.sum), 16, 32)
	return promise{sum: uint32(sum), honest: err == nil && len(h.sum) == 8 && bytes.Equal(h.object, object)}
}

// check compares the body with its promise.
func (e *evidence) check(p promise, length int64, sum uint32) error {
	if !p.honest || length != int64(e.spec.BodyBytes) || sum != p.sum {
		return failure(Corrupt)
	}
	return nil
}
