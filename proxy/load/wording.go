package load

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// wording writes the requests of one run. An object of its own is asked for once, by nobody else, so that caches miss.
type wording struct {
	own     string // /o/BYTES/RUN-: the path of a request's own object but for its number
	shared  string // /c/BYTES/CATALOGUE-: the path of an object of the catalogue but for its rank
	origins []originWording
}

// originWording is what stands before and after the object's path, for one origin.
type originWording struct {
	host               string
	urls               [2]string // http and https, without a path
	connect            []byte
	plain, tunnel      string
	plainEnd, plainBye string
	innerEnd, innerBye string
}

func newWording(s *Spec) wording {
	const agent, bye = "User-Agent: spof\r\n", "Connection: close\r\n"
	w := wording{own: fmt.Sprintf("/o/%d/%016x-", s.BodyBytes, rand.Uint64())}
	if s.Objects != nil {
		w.shared = fmt.Sprintf("/c/%d/%s-", s.BodyBytes, s.Objects.Catalogue)
	}
	for _, name := range s.Origins {
		http := net.JoinHostPort(name, strconv.Itoa(s.HTTPPort))
		https := net.JoinHostPort(name, strconv.Itoa(s.HTTPSPort))
		end := func(host string) string { return " HTTP/1.1\r\nHost: " + host + "\r\n" + agent }
		w.origins = append(w.origins, originWording{
			host:     name,
			urls:     [2]string{"http://" + http, "https://" + https},
			connect:  []byte("CONNECT " + https + end(https) + "\r\n"),
			plain:    "GET http://" + http,
			plainEnd: end(http) + "\r\n",
			plainBye: end(http) + bye + "\r\n",
			tunnel:   "GET ",
			innerEnd: end(https) + "\r\n",
			innerBye: end(https) + bye + "\r\n",
		})
	}
	return w
}

// appendRequest appends the whole request; one on a fresh connection asks the other side to close it, so that the
// closed ports wait there (TIME_WAIT) and the client does not run out of its own. Without a proxy the target is in
// origin form (RFC 9112, section 3.2).
func (w *wording) appendRequest(dst []byte, req request, hop Hop) []byte {
	o := &w.origins[req.origin]
	start, end, bye := o.plain, o.plainEnd, o.plainBye
	switch {
	case req.tunnel:
		start, end, bye = o.tunnel, o.innerEnd, o.innerBye
	case hop == Direct:
		start = o.tunnel
	}
	if req.fresh {
		end = bye
	}
	dst = w.appendObject(append(dst, start...), req)
	return append(dst, end...)
}

// url is what the request asks for, as its user would write it.
func (w *wording) url(req request) string {
	scheme := 0
	if req.tunnel {
		scheme = 1
	}
	return string(w.appendObject([]byte(w.origins[req.origin].urls[scheme]), req))
}

// appendObject appends the path that the origin repeats in Spof-Object.
func (w *wording) appendObject(dst []byte, req request) []byte {
	if req.rank > 0 {
		return strconv.AppendInt(append(dst, w.shared...), int64(req.rank), 10)
	}
	return strconv.AppendInt(append(dst, w.own...), int64(req.index), 10)
}
