package docker

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/topology"
)

const (
	costRate   = 200              // requests/s
	costWarmUp = 12 * time.Second // until connections are kept, checks have passed, and an address is held
	costWindow = 10 * time.Second
)

// BenchmarkCPUPerRequest runs a steady load on active-active with real engines, and reads the CPU time of each container from its
// cgroup. It reports milliseconds of CPU per request, by node and in total. Target on two cores: 2.1 in total.
func BenchmarkCPUPerRequest(b *testing.B) {
	t, err := topology.Load("active-active")
	if err != nil {
		b.Fatal(err)
	}
	r, _ := benchEngine(b)
	ctx := context.Background()
	if err := r.Prepare(ctx, *t, func(string) {}); err != nil {
		b.Fatal(err)
	}
	l, err := r.Deploy(ctx, *t, func(string) {})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = l.Close(ctx) })
	heard := &outcomes{}
	ca, err := sim.StartServices(ctx, l, *t, heard, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	meters := cpuMeters(b, r.engine, l.ID())
	spent, rounds := map[string]time.Duration{}, 0
	for b.Loop() {
		rounds++
		maps.Copy(spent, costOf(b, l, ca, meters, spent))
	}
	all := 0.0
	for _, node := range slices.Sorted(maps.Keys(spent)) {
		perRequest := spent[node].Seconds() * 1000 / (costRate * costWindow.Seconds() * float64(rounds))
		all += perRequest
		b.ReportMetric(perRequest, node+"-ms/req")
	}
	b.ReportMetric(all, "all-ms/req")
	b.ReportMetric(heard.failedShare(), "failed-share")
}

// costOf runs the load once and gives spent plus the CPU time of every container in the window.
func costOf(b *testing.B, l sim.Lab, ca []byte, meters map[string]cpuMeter, spent map[string]time.Duration) map[string]time.Duration {
	b.Helper()
	ended := make(chan error, 1)
	go func() {
		err := l.Node("office").Load(context.Background(), load.Spec{
			Start: l.Now() + (100 * time.Millisecond).Nanoseconds(), Duration: costWarmUp + costWindow + time.Second, Rate: costRate, Users: 50,
			Seed: 1, Proxy: fmt.Sprintf("%s:3128", l.Site().VIP["proxy"]), Origins: []string{"web.test"}, HTTPPort: topology.OriginHTTP,
			HTTPSPort: topology.OriginHTTPS, CA: ca, TLSShare: 0.2, NewShare: 0.2, Retry: true, BodyBytes: 4096, Timeout: 5 * time.Second,
			Nodes: []string{"proxy-a", "proxy-b", "proxy-c"}, Allowed: l.Node("office").Hello().Prefixes,
		})
		ended <- err
	}()
	time.Sleep(costWarmUp)
	before := readAll(b, meters)
	time.Sleep(costWindow)
	sum := map[string]time.Duration{}
	for node, now := range readAll(b, meters) {
		sum[node] = spent[node] + now - before[node]
	}
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	return sum
}

// cpuMeter is the file with the CPU time of a cgroup.
type cpuMeter string

// read takes cpuacct.usage (version 1, ns) or cpu.stat (version 2, whose first line is usage_usec).
func (m cpuMeter) read() (time.Duration, error) {
	text, err := os.ReadFile(string(m))
	if err != nil {
		return 0, err
	}
	unit, number := time.Nanosecond, strings.TrimSpace(string(text))
	if rest, ok := strings.CutPrefix(number, "usage_usec "); ok {
		number, _, _ = strings.Cut(rest, "\n")
		unit = time.Microsecond
	}
	n, err := strconv.ParseInt(number, 10, 64)
	return time.Duration(n) * unit, err
}

func readAll(b *testing.B, meters map[string]cpuMeter) map[string]time.Duration {
	b.Helper()
	all := map[string]time.Duration{}
	for node, m := range meters {
		used, err := m.read()
		if err != nil {
			b.Fatal(err)
		}
		all[node] = used
	}
	return all
}

// cpuMeters finds the cgroups of a lab's containers by the names of their directories. The cgroups of a remote engine are not here.
func cpuMeters(b *testing.B, e *engine, lab string) map[string]cpuMeter {
	b.Helper()
	list, err := e.api.ContainerList(context.Background(), client.ContainerListOptions{Filters: labelled(lab)})
	if err != nil {
		b.Fatal(err)
	}
	meters := map[string]cpuMeter{}
	err = filepath.WalkDir("/sys/fs/cgroup", func(path string, d fs.DirEntry, err error) error {
		if err != nil { // cgroups come and go
			return nil
		}
		if name := d.Name(); name != "cpuacct.usage" && name != "cpu.stat" {
			return nil
		}
		for _, c := range list.Items {
			if strings.Contains(filepath.Base(filepath.Dir(path)), c.ID) {
				if _, err := cpuMeter(path).read(); err == nil { // version 1 has a cpu.stat too, without the usage
					meters[c.Labels[LabelNode]] = cpuMeter(path)
				}
			}
		}
		return nil
	})
	if err != nil || len(meters) != len(list.Items) {
		b.Skip("needs the cgroups of the engine's containers on this machine: ", err)
	}
	return meters
}

// outcomes counts samples.
type outcomes struct {
	mu          sync.Mutex
	all, failed int
}

func (*outcomes) Event(proxy.Event) {}

// Samples implements agent.Handler.
func (o *outcomes) Samples(_ string, samples []load.Sample) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range samples {
		o.all++
		if s.Outcome != load.OK {
			o.failed++
		}
	}
}

func (o *outcomes) failedShare() float64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return float64(o.failed) / float64(max(o.all, 1))
}
