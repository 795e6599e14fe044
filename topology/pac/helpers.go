package pac

import (
	"errors"
	"net/netip"
	"strings"
	"time"

	"github.com/dop251/goja"
)

// helpers defines the functions that a PAC file may call.
func helpers(vm *goja.Runtime, env Environment) error {
	now := func() time.Time {
		if env.Now.IsZero() {
			return time.Now()
		}
		return env.Now
	}
	resolve := func(host string) (netip.Addr, bool) {
		if addr, err := netip.ParseAddr(host); err == nil {
			return addr, true
		}
		addr, known := env.Hosts[host]
		return addr, known
	}
	var errs []error
	for name, f := range map[string]any{
		"isPlainHostName": func(host string) bool { return !strings.ContainsAny(host, ".:") },
		"dnsDomainIs": func(host, domain string) bool {
			return strings.HasSuffix(strings.ToLower(host), strings.ToLower(domain))
		},
		"localHostOrDomainIs": func(host, full string) bool {
			host, full = strings.ToLower(host), strings.ToLower(full)
			return host == full || !strings.Contains(host, ".") && strings.HasPrefix(full, host+".")
		},
		"isResolvable": func(host string) bool { _, ok := resolve(host); return ok },
		"dnsResolve": func(host string) any {
			if addr, ok := resolve(host); ok {
				return addr.String()
			}
			return nil
		},
		"myIpAddress": func() string {
			if env.Own.IsValid() {
				return env.Own.String()
			}
			return "127.0.0.1" // as in browsers without a network
		},
		"isInNet": func(host, pattern, mask string) bool {
			addr, ok := resolve(host)
			return ok && inNet(addr, pattern, mask)
		},
		"dnsDomainLevels": func(host string) int { return strings.Count(host, ".") },
		"shExpMatch":      shExpMatch,
		"alert":           func(string) {},
		"weekdayRange": func(call goja.FunctionCall) goja.Value {
			return vm.ToValue(weekdayRange(now(), words(call)))
		},
		"dateRange": func(call goja.FunctionCall) goja.Value { return vm.ToValue(dateRange(now(), words(call))) },
		"timeRange": func(call goja.FunctionCall) goja.Value { return vm.ToValue(timeRange(now(), words(call))) },
	} {
		errs = append(errs, vm.Set(name, f))
	}
	return errors.Join(errs...)
}

// inNet reports whether an IPv4 address is in a network, given by a pattern and a mask in dotted form.
func inNet(addr netip.Addr, pattern, mask string) bool {
	p, errP := netip.ParseAddr(pattern)
	m, errM := netip.ParseAddr(mask)
	addr = addr.Unmap()
	if errP != nil || errM != nil || !addr.Is4() || !p.Is4() || !m.Is4() {
		return false
	}
	a, b, c := addr.As4(), p.As4(), m.As4()
	for i := range a {
		if a[i]&c[i] != b[i]&c[i] {
			return false
		}
	}
	return true
}

// shExpMatch matches a shell expression: * matches any text, ? any character, other characters themselves. At a mismatch the last *
// takes one more character.
func shExpMatch(text, pattern string) bool {
	t, p := []rune(text), []rune(pattern)
	star, taken := -1, 0 // the last * of the pattern, and where the text behind it begins
	i, j := 0, 0
	for i < len(t) {
		switch {
		case j < len(p) && p[j] == '*':
			star, taken = j, i
			j++
		case j < len(p) && (p[j] == '?' || p[j] == t[i]):
			i, j = i+1, j+1
		case star >= 0:
			taken++
			i, j = taken, star+1
		default:
			return false
		}
	}
	return strings.Trim(string(p[j:]), "*") == ""
}

func words(call goja.FunctionCall) []string {
	list := make([]string, 0, len(call.Arguments))
	for _, a := range call.Arguments {
		list = append(list, strings.ToUpper(a.String()))
	}
	return list
}
