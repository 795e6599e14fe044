package pac

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// Hop is one element of the result of a script: a forward proxy, or DIRECT if Host is empty.
type Hop struct {
	Host string
	Port int
}

// Direct reports whether the hop goes without a proxy.
func (h Hop) Direct() bool { return h.Host == "" }

// String writes the hop as a script does.
func (h Hop) String() string {
	if h.Direct() {
		return "DIRECT"
	}
	return "PROXY " + net.JoinHostPort(h.Host, strconv.Itoa(h.Port))
}

// ErrResult marks a result that is not a list of hops.
var ErrResult = errors.New(`want a list such as "PROXY a:3128; PROXY b:3128; DIRECT"`)

// defaultPort is the port of a PROXY without a port, as in Chrome and Firefox.
const defaultPort = 80

// Bounds of a result: hops, and length in bytes.
const (
	maxHops   = 32
	maxResult = 4096
)

// ParseResult reads the result of FindProxyForURL. Browsers skip elements that they cannot read, and read an empty list as DIRECT. A
// lab does not guess: an element other than PROXY (or HTTP, Firefox's name for it) and DIRECT is an error.
func ParseResult(text string) ([]Hop, error) {
	if len(text) > maxResult {
		return nil, fmt.Errorf("a result of %d bytes: %w", len(text), ErrResult)
	}
	var hops []Hop
	for part := range strings.SplitSeq(text, ";") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		hop, err := parseHop(words)
		if err != nil {
			return nil, fmt.Errorf("result %q: %w", text, err)
		}
		if hops = append(hops, hop); len(hops) > maxHops {
			return nil, fmt.Errorf("more than %d hops: %w", maxHops, ErrResult)
		}
	}
	if len(hops) == 0 {
		return nil, fmt.Errorf("result %q: %w", text, ErrResult)
	}
	return hops, nil
}

func parseHop(words []string) (Hop, error) {
	switch kind := strings.ToUpper(words[0]); kind {
	case "DIRECT":
		if len(words) == 1 {
			return Hop{}, nil
		}
	case "PROXY", "HTTP":
		if len(words) == 2 {
			return parseProxy(words[1])
		}
	case "HTTPS", "SOCKS", "SOCKS4", "SOCKS5", "QUIC":
		return Hop{}, fmt.Errorf("%s is not supported: users of a lab connect to their proxy by plain HTTP; use PROXY", kind)
	}
	return Hop{}, fmt.Errorf("%q: %w", strings.Join(words, " "), ErrResult)
}

func parseProxy(text string) (Hop, error) {
	host, digits, found := strings.Cut(text, ":")
	port := defaultPort
	if found {
		var err error
		if port, err = strconv.Atoi(digits); err != nil || port < 1 || port > 65535 || strconv.Itoa(port) != digits {
			return Hop{}, fmt.Errorf("%q has no port from 1 to 65535: %w", text, ErrResult)
		}
	}
	if strings.Trim(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") != "" || host == "" {
		return Hop{}, fmt.Errorf("%q is not a host name: %w", host, ErrResult)
	}
	return Hop{Host: strings.ToLower(host), Port: port}, nil
}
