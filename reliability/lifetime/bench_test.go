package lifetime_test

import (
	"fmt"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/reliability/lifetime"
)

// kind is a number of equal components of the bench's site.
type kind struct {
	name          string
	n             int
	fails, repair string
	crew, stock   string
}

// Times to failure: servers 0.55 a year and racks, cooling and routers of Dean (2008); load balancers and switches of Gill, Jain and
// Nagappan (2011); disks of Backblaze (2025); WAN links of Meza et al. (2018); feeds of EIA (2023); UPS of IEEE 493. Repairs: Schroeder and
// Gibson (2006) find lognormal ones; their medians are assumed.
var kinds = []kind{
	{"server", 20, "weibull shape=0.8 mean=1.8y", "lognormal median=1h p90=10h", "site", ""},
	{"psu", 24, "exponential mean=30y", "lognormal median=2h p90=8h", "site", "psu"},
	{"disk", 20, "weibull shape=1.3 mean=60y", "lognormal median=2h p90=8h", "site", "disk"},
	{"switch", 12, "exponential mean=10y", "lognormal median=3h p90=12h", "site", ""},
	{"balancer", 4, "exponential mean=5y", "lognormal median=1h p90=6h", "site", ""},
	{"router", 4, "exponential mean=1y", "lognormal median=1h p90=4h", "site", ""},
	{"wan", 4, "exponential mean=2326h", "lognormal median=13h p90=60h", "", ""},
	{"feed", 2, "exponential mean=0.98y", "lognormal median=2h p90=8h", "", ""},
	{"ups", 2, "exponential mean=200y", "lognormal median=26h p90=100h", "site", ""},
	{"generator", 2, "exponential mean=1506h", "lognormal median=18h p90=72h", "", ""},
	{"cooling", 2, "exponential mean=2y", "lognormal median=6h p90=30h", "site", ""},
	{"service", 4, "exponential mean=1y", "fixed 5m", "", ""},
}

// site is a service of 100 components: a pair of balancers with an address each, 20 servers, WAN links in pairs, power and cooling.
func site() *lifetime.Model {
	m := &lifetime.Model{
		Crews:  []lifetime.Crew{{Name: "site", Members: 2}},
		Stocks: []lifetime.Stock{{Name: "psu", Parts: 2, Lead: law("fixed 7d")}, {Name: "disk", Parts: 2, Lead: law("fixed 7d")}},
	}
	first := map[string]int{}
	for _, k := range kinds {
		first[k.name] = len(m.Components)
		for i := range k.n {
			m.Components = append(m.Components, lifetime.Component{
				Name: fmt.Sprint(k.name, i), Cause: k.name, Fails: law(k.fails), Repair: law(k.repair), Crew: k.crew, Stock: k.stock,
			})
		}
	}
	share := func(up lifetime.State, kind string, n int) float64 {
		working := 0
		for i := range n {
			if up.Up(first[kind] + i) {
				working++
			}
		}
		return float64(working) / float64(n)
	}
	any := func(up lifetime.State, kind string, from, to int) bool {
		for i := from; i < to; i++ {
			if up.Up(first[kind] + i) {
				return true
			}
		}
		return false
	}
	for i := range 2 {
		m.Components[first["generator"]+i].Standby = &lifetime.Standby{
			Needed: func(up lifetime.State) bool { return !up.Up(first["feed"] + i) }, StartFails: 0.0165,
		}
	}
	powered := func(up lifetime.State) bool { return any(up, "feed", 0, 2) || any(up, "generator", 0, 2) }
	m.Capacity = func(up lifetime.State) float64 {
		if !powered(up) || !any(up, "balancer", 0, 4) || !any(up, "router", 0, 4) || !any(up, "wan", 0, 4) || !any(up, "cooling", 0, 2) {
			return 0
		}
		return min(1, 1.25*share(up, "server", 20), 2*share(up, "switch", 12))
	}
	for i, mechanism := range []string{"balancer", "wan"} {
		s := lifetime.Switch{Name: mechanism, Outage: law("empirical 2.9s 3.1s 3.3s 3.4s 3.6s 3.6s 14s"), Ineffective: 0.33, Manual: law("lognormal median=30m p90=2h")}
		for k := range 4 - 2*i {
			s.Members = append(s.Members, lifetime.Member{Name: fmt.Sprint(mechanism, k), Works: func(up lifetime.State) bool { return up.Up(first[mechanism] + k) }})
		}
		m.Switches = append(m.Switches, s)
	}
	m.Shocks = []lifetime.Shock{{Name: "change", Every: law("exponential mean=2000h"), Hits: []string{"service0", "service1", "service2", "service3"}, Undo: law("fixed 20m")}}
	m.Windows = []lifetime.Window{{Name: "patches", Components: []string{"server0", "balancer0"}, Start: 26, Weeks: 4, Lasts: law("fixed 1h"), Careful: true}}
	var week lifetime.Week
	for hour := range week {
		week[hour] = 0.2
		if day, of := hour/24, hour%24; day < 5 && of >= 8 && of < 18 {
			week[hour] = 1
		}
	}
	m.Demand = &week
	return m
}

// BenchmarkLifetimes simulates a site of 100 components on two cores. Target: 50,000 years a second.
func BenchmarkLifetimes(b *testing.B) {
	m, years, before := site(), 0.0, processorTime(b)
	if len(m.Components) != 100 {
		b.Fatalf("%d components", len(m.Components))
	}
	for seed := uint64(0); b.Loop(); seed++ {
		r, err := lifetime.Simulate(m, lifetime.Options{Years: 20_000, Seed: seed, Workers: 2})
		if err != nil {
			b.Fatal(err)
		}
		years += r.Years
	}
	b.ReportMetric(years/b.Elapsed().Seconds(), "years/s")
	b.ReportMetric(years/(processorTime(b)-before).Seconds(), "years/cpu-s")
}

// processorTime gives the processor time of this process so far (getrusage(2)). Beside other programs it says more than the clock.
func processorTime(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
