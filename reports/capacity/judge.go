package capacity

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/units"
	"github.com/seed-ab8b6914/spof/topology"
)

// Standard is what a rate must reach to hold.
type Standard struct {
	Share   float64 // of the requests that must be answered within the patience, 0-1
	LimitMS float64 // the largest p95 latency; 0: no limit
	// Demand is what the requests need of each WAN link, bytes per second, as far as tries that held have shown it.
	Demand map[string]float64
}

// because is a finding with its reason.
func because(code string, o Outcome, format string, args ...any) Finding {
	return Finding{o, code, fmt.Sprintf(format, args...)}
}

// DemandOf is what a rate needs of each link, bytes per second, by a try at another rate, at which all requests were served.
func DemandOf(held analyze.Served, at, rate float64) map[string]float64 {
	need := map[string]float64{}
	for link, bytes := range held.Links {
		need[link] = bytes / at * rate
	}
	return need
}

// ShareOf is the share of n requests to expect in time if a share reach of them has a path. theta is the share of those. Chance decides in
// part which requests have one: two standard deviations of a binomial sample are allowed.
func ShareOf(theta, reach float64, n int) float64 {
	return max(0, theta*reach-2*math.Sqrt(max(0, reach*(1-reach))/float64(max(n, 1))))
}

// LimitOf is the largest p95 latency under load: factor times that of the idle design, at least floor, at most the patience; in ms.
func LimitOf(idleP95, factor, floor, patience float64) float64 {
	return min(max(factor*idleP95, floor), patience)
}

// Finding is what a try shows: its outcome, and why the rate did not hold.
type Finding struct {
	Outcome   Outcome
	Code, Why string
}

// A link or a core is full from these shares. The rest is the error of the meters' instants.
const (
	fullLink   = 0.95 // that it carries
	fullCore   = 0.95 // of one core, by a service's busiest thread
	fullDemand = 0.97 // that the requests need: a link that makes up for a pause of the machine carries as much as a full one
)

// Judge says whether a rate held. A full WAN link is a limit of the design, however busy the machine is, and so is a service with a thread
// that ran nearly all the time: nothing else kept it from its core. Otherwise a machine that was the limit leaves open what a faster one
// would show.
func (s Standard) Judge(got analyze.Served, links []topology.Link) Finding {
	if got.Void != "" {
		return because("trial-void", Machine, "%s", got.Void) // says: the trial shows nothing
	}
	// One failure among few requests is below the resolution.
	lost := int(math.Round((1 - got.Share) * float64(got.Offered)))
	served := lost <= max(1, int((1-s.Share)*float64(got.Offered)+1e-6)) && lost < got.Offered
	if served && (s.LimitMS == 0 || got.P95MS <= s.LimitMS) {
		return Finding{Outcome: Held}
	}
	if full := s.fullLinks(got, links); full != "" {
		return because("link-full", GaveWay, "%s", full) // says: WAN link isp is full: 1.98 of 2 Mbit/s
	}
	if got.Ended != "" {
		return because("service-ended", GaveWay, "%s", got.Ended) // says: squid on proxy-a ended by itself
	}
	if full := fullCores(got); full != "" {
		return because("core-full", GaveWay, "%s", full) // says: the CPU of squid on proxy-a is full: 98 % of one core
	}
	if got.Machine != "" {
		return because("machine-limit", Machine, "%s", got.Machine) // says: this machine's processors were 98 % busy
	}
	return s.unserved(got, served)
}

// unserved says how the users met a limit that nothing else shows.
func (s Standard) unserved(got analyze.Served, served bool) Finding {
	if served {
		return because("slow-answers", GaveWay, "answers are slow: p95 %s, above %s", units.Write(got.P95MS, "ms"), units.Write(s.LimitMS, "ms"))
	}
	kinds := slices.SortedFunc(maps.Keys(got.Failures), func(a, b string) int {
		return cmp.Or(cmp.Compare(got.Failures[b], got.Failures[a]), cmp.Compare(a, b))
	})
	if len(kinds) == 0 || got.Late > got.Failures[kinds[0]] {
		return because("late-answers", GaveWay, "%d of %d answers came after the patience", got.Late, got.Offered)
	}
	return because("failed-requests", GaveWay, "%d of %d requests: %s", got.Failures[kinds[0]], got.Offered, kinds[0]) // says: 20 of 400 requests: refused
}

// fullLinks names the WAN links that are full, with what they carry; empty: none is.
func (s Standard) fullLinks(got analyze.Served, links []topology.Link) string {
	var full []string
	for _, l := range links {
		bandwidth, bits := float64(l.Bandwidth), 8*got.Links[l.Name]
		need, known := s.Demand[l.Name]
		if bandwidth > 0 && bits >= fullLink*bandwidth && (!known || 8*need >= fullDemand*bandwidth) {
			full = append(full, fmt.Sprintf("WAN link %s is full: %.3g of %.3g Mbit/s", l.Name, bits/1e6, bandwidth/1e6))
		}
	}
	return strings.Join(full, "; ")
}

// fullCores names the services that use a whole core, with the share; empty: none does.
func fullCores(got analyze.Served) string {
	var full []string
	for _, name := range slices.Sorted(maps.Keys(got.Cores)) {
		if used := got.Cores[name]; used >= fullCore {
			full = append(full, fmt.Sprintf("the CPU of %s is full: %.3g %% of one core", name, 100*used))
		}
	}
	return strings.Join(full, "; ")
}
