package load

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"github.com/seed-ab8b6914/spof/reason"
)

// ErrForbidden marks a target outside Spec.Allowed. It has the code outside-lab.
var ErrForbidden = reason.Errorf("outside-lab", "the target is outside the lab")

// Limits of a Spec. They come from the widths of Sample's fields.
const (
	maxUsers = math.MaxUint16
	maxNodes = math.MaxUint8
)

// Validate reports everything that is wrong with the spec. The error of a target outside Allowed wraps ErrForbidden.
func (s Spec) Validate() error {
	var errs []error
	require := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("load: "+format, args...))
		}
	}
	require(s.Rate > 0 && s.Rate <= 1e6, "rate %v/s: want more than 0 and at most 1e6", s.Rate)
	require(s.Duration > 0, "duration %v: want more than 0s", s.Duration)
	require(s.Timeout > 0, "timeout %v: want more than 0s", s.Timeout)
	require(s.Users >= 1 && s.Users <= maxUsers, "%d users: want 1 to %d", s.Users, maxUsers)
	require(s.BodyBytes >= 0, "body of %d bytes: want at least 0", s.BodyBytes)
	require(isShare(s.TLSShare), "tls share %v: want 0 to 1", s.TLSShare)
	require(isShare(s.NewShare), "new share %v: want 0 to 1", s.NewShare)
	require(isPort(s.HTTPPort), "http port %d: want 1 to 65535", s.HTTPPort)
	require(isPort(s.HTTPSPort) || s.TLSShare == 0 && s.Streams == nil, "https port %d: want 1 to 65535", s.HTTPSPort)
	if o := s.Objects; o != nil {
		require(o.Count >= 1 && o.Count <= MaxObjects, "%d objects: want 1 to %d", o.Count, MaxObjects)
		require(o.Zipf >= 0 && o.Zipf <= maxZipf, "zipf exponent %v: want 0 to %v", o.Zipf, maxZipf)
		require(isShare(o.Cacheable), "cacheable share %v: want 0 to 1", o.Cacheable)
		require(isIdentity(o.Catalogue), "catalogue %q: want 1 to %d letters and digits", o.Catalogue, maxCatalogue)
	}
	if s.Streams != nil {
		if err := s.Streams.validate(); err != nil {
			errs = append(errs, err)
		}
	}
	if s.Pool != nil {
		if err := s.Pool.validate(); err != nil {
			errs = append(errs, err)
		}
		require(s.Proxy == "", "proxy and pool: want one of them")
	}
	if s.DNS != nil {
		if err := s.DNS.validate(s.Users); err != nil {
			errs = append(errs, err)
		}
		require(s.Proxy == "" && s.Pool == nil && s.PAC == nil, "dns, and proxy, pool or pac: want one of them")
	}
	for _, surge := range s.Surges {
		if err := surge.validate(); err != nil {
			errs = append(errs, err)
		}
	}
	require(!s.Web || s.Proxy != "" && s.TLSShare == 0 && s.Streams == nil, "web: want one server as proxy, and neither TLS nor streams")
	require(isAccount(s.Account), "account: want user:password without control characters") // the error must not have it
	require(len(s.Nodes) <= maxNodes, "%d nodes: want at most %d", len(s.Nodes), maxNodes)
	require(len(s.Origins) > 0, "no origin: want at least 1")
	for _, origin := range s.Origins {
		require(isHostName(origin), "origin %q: want a host name or an address", origin)
	}
	return errors.Join(append(errs, s.checkTargets())...)
}

// checkTargets refuses every target outside Allowed: proxies, exits, DNS servers, the hosts of a PAC file, the direct address,
// and origins that are addresses.
func (s Spec) checkTargets() error {
	var errs []error
	allowed := make([]netip.Prefix, 0, len(s.Allowed))
	for _, text := range s.Allowed {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("load: allowed: %w", err))
			continue
		}
		allowed = append(allowed, prefix)
	}
	check := func(what string, addr netip.Addr) {
		if !within(allowed, addr) {
			errs = append(errs, fmt.Errorf("load: %s %v: %w (allowed: %s)", what, addr, ErrForbidden, strings.Join(s.Allowed, ", ")))
		}
	}
	proxy := func(what, text string) {
		if proxy, err := netip.ParseAddrPort(text); err != nil {
			errs = append(errs, fmt.Errorf("load: %s: %w", what, err))
		} else {
			check(what, proxy.Addr())
		}
	}
	if s.Proxy != "" {
		proxy("proxy", s.Proxy)
	}
	if s.Pool != nil {
		for _, exit := range s.Pool.Exits {
			proxy("exit", exit)
		}
	}
	if s.DNS != nil {
		for _, server := range s.DNS.Servers {
			proxy("DNS server", server)
		}
	}
	if s.PAC != nil {
		for name, addr := range s.PAC.Hosts {
			proxy("pac: "+name, addr+":1")
		}
	}
	for _, source := range s.Sources {
		if addr, err := netip.ParseAddr(source); err != nil {
			errs = append(errs, fmt.Errorf("load: source: %w", err))
		} else if !addr.Is4() {
			errs = append(errs, fmt.Errorf("load: source %v: want an IPv4 address", addr))
		} else {
			check("source", addr)
		}
	}
	if s.Direct != "" {
		if direct, err := netip.ParseAddr(s.Direct); err != nil {
			errs = append(errs, fmt.Errorf("load: direct: %w", err))
		} else {
			check("direct", direct)
		}
	}
	for _, origin := range s.Origins {
		if addr, err := netip.ParseAddr(origin); err == nil {
			check("origin", addr)
		}
	}
	return errors.Join(errs...)
}

// within reports whether one of the prefixes contains the address.
func within(prefixes []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(addr.Unmap()) })
}

func isShare(x float64) bool { return x >= 0 && x <= 1 }

func isPort(p int) bool { return p >= 1 && p <= math.MaxUint16 }

// isAccount reports whether s is empty or a user and a password of Basic authentication (RFC 7617, section 2).
func isAccount(s string) bool {
	return s == "" || strings.Contains(s, ":") && !strings.ContainsFunc(s, unicode.IsControl)
}

// isIdentity reports whether a path can contain s unchanged as the name of a catalogue.
func isIdentity(s string) bool {
	return s != "" && len(s) <= maxCatalogue && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// isHostName reports whether a request line can contain s: letters, digits, dots and hyphens, at most 253.
func isHostName(s string) bool {
	return s != "" && len(s) <= 253 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == ""
}
