package chassis

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Access says who may do what at a Redfish service. Everybody may read.
type Access struct {
	// Token is the password of those who subscribe to events, read them as a stream, or end a subscription; empty: everybody may.
	Token string `json:"token,omitempty"`
	// Hosts gives the addresses of the lab by their names in the design: where events may be sent to.
	Hosts map[string]string `json:"hosts,omitempty"`
}

// admits reports whether a request comes with the token, in HTTP Basic authentication (RFC 7617), which DSP0266 requires.
func (a Access) admits(q *http.Request) bool {
	_, password, _ := q.BasicAuth()
	return a.Token == "" || subtle.ConstantTimeCompare([]byte(password), []byte(a.Token)) == 1
}

// dial gives the host:port of a destination of events, which must be in the lab: no other name is looked up.
func (a Access) dial(destination string) (addr string, err error) {
	to, err := url.Parse(destination)
	if err != nil || to.Scheme != "http" || to.Host == "" {
		return "", errors.New("want an http URL")
	}
	host, port := to.Hostname(), to.Port()
	if known, ok := a.Hosts[host]; ok {
		host = known
	} else if !slices.Contains(slices.Collect(maps.Values(a.Hosts)), host) {
		return "", fmt.Errorf("%q is not in the lab; valid hosts: %s", host, a.list())
	}
	if port == "" {
		port = "80"
	}
	return net.JoinHostPort(host, port), nil
}

// list names the hosts of the lab.
func (a Access) list() string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(a.Hosts)) {
		list = append(list, name+" ("+a.Hosts[name]+")")
	}
	return strings.Join(list, ", ")
}
