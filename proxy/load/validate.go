package load

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
)

// ErrForbidden marks a target outside Spec.Allowed.
var ErrForbidden = errors.New("target is outside the lab")

// Limits of a Spec, from the widths of Sample's fields.
const (
	maxUsers = math.MaxUint16
	maxNodes = math.MaxUint8
)

// Validate reports everything that keeps the spec from being run. A target outside Allowed is an ErrForbidden.
func (s Spec) Validate() error {
	var errs []error
	require := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("load: "+format, args...))
		}
	}
	require(s.Rate > 0 && s.Rate <= 1e6, "rate %v/s is not above 0 and at most 1e6", s.Rate)
	require(s.Duration > 0, "duration %v is not positive", s.Duration)
	require(s.Timeout > 0, "timeout %v is not positive", s.Timeout)
	require(s.Users >= 1 && s.Users <= maxUsers, "users %d are not 1-%d", s.Users, maxUsers)
	require(s.BodyBytes >= 0, "body of %d bytes", s.BodyBytes)
	require(isShare(s.TLSShare), "tls share %v is not 0-1", s.TLSShare)
	require(isShare(s.NewShare), "new share %v is not 0-1", s.NewShare)
	require(isPort(s.HTTPPort), "http port %d", s.HTTPPort)
	require(isPort(s.HTTPSPort) || s.TLSShare == 0 && s.Streams == nil, "https port %d", s.HTTPSPort)
	if o := s.Objects; o != nil {
		require(o.Count >= 1 && o.Count <= MaxObjects, "%d objects are not 1-%d", o.Count, MaxObjects)
		require(o.Zipf >= 0 && o.Zipf <= maxZipf, "zipf exponent %v is not 0-%v", o.Zipf, maxZipf)
		require(isShare(o.Cacheable), "cacheable share %v is not 0-1", o.Cacheable)
		require(isIdentity(o.Catalogue), "catalogue %q is no word of letters and digits, at most %d long", o.Catalogue, maxCatalogue)
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
		require(s.Proxy == "", "a proxy and a pool")
	}
	if s.DNS != nil {
		if err := s.DNS.validate(s.Users); err != nil {
			errs = append(errs, err)
		}
		require(s.Proxy == "" && s.Pool == nil && s.PAC == nil, "a DNS name, and another way to a proxy")
	}
	for _, surge := range s.Surges {
		if err := surge.validate(); err != nil {
			errs = append(errs, err)
		}
	}
	require(len(s.Nodes) <= maxNodes, "%d nodes are more than %d", len(s.Nodes), maxNodes)
	require(len(s.Origins) > 0, "no origin")
	for _, origin := range s.Origins {
		require(isHostName(origin), "origin %q is not a host name or address", origin)
	}
	return errors.Join(append(errs, s.checkTargets())...)
}

// checkTargets refuses a proxy, or an origin given as an address, that is not within Allowed.
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

// isIdentity accepts what may stand in a path as it is.
func isIdentity(s string) bool {
	return s != "" && len(s) <= maxCatalogue && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// isHostName accepts what may stand in a request line: letters, digits, dots and hyphens.
func isHostName(s string) bool {
	return s != "" && len(s) <= 253 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == ""
}
