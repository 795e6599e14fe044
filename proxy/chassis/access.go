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

// Access controls the use of a Redfish service. Reading resources needs no token.
type Access struct {
	// Token is the password for subscribing to events, for ending a subscription, and for the stream of events; empty: no password.
	Token string `json:"token,omitempty"`
	// Hosts are the allowed destinations of events: name in the design -> address.
	Hosts map[string]string `json:"hosts,omitempty"`
}

// authorized reports whether a request has the token as its password. DSP0266 requires HTTP Basic authentication (RFC 7617).
func (a Access) authorized(q *http.Request) bool {
	_, password, _ := q.BasicAuth()
	return a.Token == "" || subtle.ConstantTimeCompare([]byte(password), []byte(a.Token)) == 1
}

// dial gives the host:port of a destination of events. The host must be in the lab; no other name is resolved.
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

// list gives the hosts of the lab, for a message.
func (a Access) list() string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(a.Hosts)) {
		list = append(list, name+" ("+a.Hosts[name]+")")
	}
	return strings.Join(list, ", ")
}
