package load

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// requestText makes the text of the requests of one run. The object of a request without a catalogue has a path that no other
// request uses, so caches miss.
type requestText struct {
	own     string // /o/BYTES/RUN-: path of a request's own object, without its number
	shared  string // /c/BYTES/CATALOGUE-: path of an object of the catalogue, without its rank
	origins []originText
	web     bool // the hop of all requests is a web server
}

// originText is the text before and after the object's path, for one origin.
type originText struct {
	host                 string
	urls                 [2]string // http and https, without a path
	connect              []byte
	plain, tunnel        string
	plainEnd, plainClose string // to a proxy, or with Web to the server: with the account
	openEnd, openClose   string // to the origin itself
	innerEnd, innerClose string
}

func newRequestText(s *Spec) requestText {
	const agent, closing = "User-Agent: spof\r\n", "Connection: close\r\n"
	w := requestText{web: s.Web, own: fmt.Sprintf("/o/%d/%016x-", s.BodyBytes, rand.Uint64())}
	if s.Objects != nil {
		w.shared = fmt.Sprintf("/c/%d/%s-", s.BodyBytes, s.Objects.Catalogue)
	}
	for _, name := range s.Origins {
		http, https := authority(name, s.HTTPPort, 80), authority(name, s.HTTPSPort, 443)
		tunnel := net.JoinHostPort(name, strconv.Itoa(s.HTTPSPort)) // CONNECT always names the port
		end := func(host string) string { return " HTTP/1.1\r\nHost: " + host + "\r\n" + agent }
		toHop := func(host string) string { return end(host) + s.credentials() } // the hop must know the user
		w.origins = append(w.origins, originText{
			host:       name,
			urls:       [2]string{"http://" + http, "https://" + https},
			connect:    []byte("CONNECT " + tunnel + toHop(tunnel) + "\r\n"),
			plain:      "GET http://" + http,
			plainEnd:   toHop(http) + "\r\n",
			plainClose: toHop(http) + closing + "\r\n",
			openEnd:    end(http) + "\r\n",
			openClose:  end(http) + closing + "\r\n",
			tunnel:     "GET ",
			innerEnd:   end(https) + "\r\n",
			innerClose: end(https) + closing + "\r\n",
		})
	}
	return w
}

// appendRequest appends the whole request. A request on a new connection asks the other side to close it. Then the closed ports
// wait on that side (TIME_WAIT), and the client does not run out of ports. Without a proxy the target is in origin form (RFC
// 9112, section 3.2).
func (w *requestText) appendRequest(dst []byte, req request, hop Hop) []byte {
	o := &w.origins[req.origin]
	start, end, closing := o.plain, o.plainEnd, o.plainClose
	switch {
	case req.tunnel:
		start, end, closing = o.tunnel, o.innerEnd, o.innerClose
	case hop == Direct: // the account is the proxy's, not the origin's
		start, end, closing = o.tunnel, o.openEnd, o.openClose
	case w.web:
		start = o.tunnel
	}
	if req.fresh {
		end = closing
	}
	dst = w.appendObject(append(dst, start...), req)
	return append(dst, end...)
}

// authority gives the host and port of a URL and of Host, without the port that the scheme implies (RFC 9110, section 4.2.3).
func authority(host string, port, implied int) string {
	if port == implied {
		return host
	}
	return net.JoinHostPort(host, strconv.Itoa(port))
}

// credentials is the field by which the users say who they are; empty: they do not.
func (s *Spec) credentials() string {
	field := "Proxy-Authorization"
	switch {
	case s.Account == "":
		return ""
	case s.Web:
		field = "Authorization"
	}
	return field + ": Basic " + base64.StdEncoding.EncodeToString([]byte(s.Account)) + "\r\n"
}

// url gives the URL of the request, as its user would write it.
func (w *requestText) url(req request) string {
	scheme := 0
	if req.tunnel {
		scheme = 1
	}
	return string(w.appendObject([]byte(w.origins[req.origin].urls[scheme]), req))
}

// appendObject appends the path, which the origin repeats in Spof-Object.
func (w *requestText) appendObject(dst []byte, req request) []byte {
	if req.rank > 0 {
		return strconv.AppendInt(append(dst, w.shared...), int64(req.rank), 10)
	}
	return strconv.AppendInt(append(dst, w.own...), int64(req.index), 10)
}
