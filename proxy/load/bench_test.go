package load

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

const (
	benchBody     = 1024
	benchDuration = 5 * time.Second
	benchUsers    = 200
)

// The figures to reach: 10,000/s direct and through HAProxy, 5,000/s through Squid, late-p99-us below 250 with the
// generator, the proxy and the origin sharing the machine.

func BenchmarkDirect(b *testing.B) {
	origin := startOrigin(b)
	b.Run("spof", func(b *testing.B) { benchRun(b, 10_000, 0, origin, origin) })
	b.Run("vegeta", func(b *testing.B) { benchVegeta(b, 10_000, origin, "") })
}

func BenchmarkThroughHAProxy(b *testing.B) {
	origin := startOrigin(b)
	proxy := startHAProxy(b, origin)
	b.Run("spof", func(b *testing.B) { benchRun(b, 10_000, 0, proxy, origin) })
	b.Run("spof-5pc-new", func(b *testing.B) { benchRun(b, 10_000, 0.05, proxy, origin) })
	b.Run("vegeta", func(b *testing.B) { benchVegeta(b, 10_000, proxy, "") })
}

func BenchmarkThroughSquid(b *testing.B) {
	origin := startOrigin(b)
	proxy := startSquid(b)
	b.Run("spof", func(b *testing.B) { benchRun(b, 5_000, 0, proxy, origin) })
	b.Run("spof-5pc-new", func(b *testing.B) { benchRun(b, 5_000, 0.05, proxy, origin) })
	b.Run("vegeta", func(b *testing.B) { benchVegeta(b, 5_000, origin, proxy) })
}

func benchRun(b *testing.B, rate, newShare float64, proxy, origin string) {
	Tune()
	spec := benchSpec(b, rate, proxy, origin)
	spec.NewShare = newShare
	for b.Loop() {
		spec.Start = Monotonic() + int64(50*time.Millisecond)
		var late, latency []time.Duration
		failed := 0
		_, err := Run(context.Background(), spec, nil, func(samples []Sample) {
			for _, s := range samples {
				late = append(late, time.Duration(s.Late))
				latency = append(latency, time.Duration(s.Done)*time.Microsecond)
				if s.Outcome != OK {
					failed++
				}
			}
		})
		if err != nil {
			b.Fatal(err)
		}
		reportMetrics(b, late, latency, failed)
	}
}

func benchSpec(b *testing.B, rate float64, proxy, origin string) Spec {
	host, port, err := net.SplitHostPort(origin)
	if err != nil {
		b.Fatal(err)
	}
	var originPort int
	if _, err := fmt.Sscan(port, &originPort); err != nil {
		b.Fatal(err)
	}
	return Spec{
		Duration: benchDuration, Rate: rate, Users: benchUsers, Seed: 1, Proxy: proxy, Origins: []string{host},
		HTTPPort: originPort, BodyBytes: benchBody, Timeout: 5 * time.Second, Nodes: []string{"proxy-a"},
		Allowed: []string{"127.0.0.0/8"},
	}
}

// benchVegeta has vegeta's library do the same work. Its results carry the instant of dispatch but not the one that was
// due; due are the instants of the same spacing that lie as early as vegeta itself ever was.
func benchVegeta(b *testing.B, rate int, target, proxy string) {
	options := []func(*vegeta.Attacker){
		vegeta.Timeout(5 * time.Second), vegeta.Connections(benchUsers), vegeta.Workers(benchUsers),
	}
	if proxy != "" {
		address := url.URL{Scheme: "http", Host: proxy}
		options = append(options, vegeta.Proxy(http.ProxyURL(&address)))
	}
	for b.Loop() {
		attacker := vegeta.NewAttacker(options...)
		n := 0
		targeter := func(t *vegeta.Target) error {
			n++
			t.Method, t.URL = "GET", fmt.Sprintf("http://%s/o/%d/%d", target, benchBody, n)
			return nil
		}
		var sent, latency []time.Duration
		var epoch time.Time
		failed := 0
		for r := range attacker.Attack(targeter, vegeta.Rate{Freq: rate, Per: time.Second}, benchDuration, "") {
			if epoch.IsZero() {
				epoch = r.Timestamp
			}
			sent = append(sent, r.Timestamp.Sub(epoch)-time.Duration(r.Seq)*time.Second/time.Duration(rate))
			latency = append(latency, r.Latency)
			if r.Code != http.StatusOK {
				failed++
			}
		}
		first := slices.Min(sent)
		for i := range sent {
			sent[i] -= first
			latency[i] += sent[i] // from the due instant, like ours
		}
		reportMetrics(b, sent, latency, failed)
	}
}

func reportMetrics(b *testing.B, late, latency []time.Duration, failed int) {
	for _, m := range []struct {
		name   string
		values []time.Duration
	}{{"late", late}, {"latency", latency}} {
		slices.Sort(m.values)
		for _, q := range []int{50, 99} {
			v := m.values[(len(m.values)-1)*q/100]
			b.ReportMetric(float64(v)/float64(time.Microsecond), fmt.Sprintf("%s-p%d-us", m.name, q))
		}
	}
	b.ReportMetric(float64(len(late)-failed)/benchDuration.Seconds(), "ok/s")
	b.ReportMetric(float64(failed), "failed")
}

// startOrigin runs this test binary as an origin, and gives its address.
func startOrigin(b *testing.B) string {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), originEnv+"=127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	start(b, cmd)
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal("origin did not say its address: ", err)
	}
	return strings.TrimSpace(address)
}

// start runs a command until the benchmark ends.
func start(b *testing.B, cmd *exec.Cmd) {
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

func startHAProxy(b *testing.B, origin string) string {
	return startProxy(b, "haproxy", `global
  maxconn 4000
defaults
  mode tcp
  timeout connect 1s
  timeout client 30s
  timeout server 30s
listen in
  bind LISTEN
  server origin ORIGIN
`, origin, "-db", "-f")
}

func startSquid(b *testing.B) string {
	return startProxy(b, "squid", `http_port LISTEN
visible_hostname proxy-a
http_access allow all
cache deny all
access_log none
cache_log /dev/null
pid_filename none
coredump_dir DIR
shutdown_lifetime 0 seconds
via on
`, "", "-N", "-n", fmt.Sprintf("bench%d", os.Getpid()), "-f")
}

// startProxy runs a real proxy with the given configuration on a free port, and gives its address once it accepts.
func startProxy(b *testing.B, name, config, origin string, args ...string) string {
	binary, err := exec.LookPath(name)
	if err != nil {
		b.Skipf("%s is not installed here: %v", name, err)
	}
	dir := b.TempDir()
	address := freeAddress(b)
	path := filepath.Join(dir, name+".conf")
	text := strings.NewReplacer("LISTEN", address, "ORIGIN", origin, "DIR", dir).Replace(config)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
	start(b, exec.Command(binary, append(args, path)...))
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			return address
		}
	}
	b.Fatalf("%s does not accept connections at %s", name, address)
	return ""
}

func freeAddress(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
