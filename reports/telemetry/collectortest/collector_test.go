// Package collectortest runs spof against the OTLP receiver of the OpenTelemetry Collector and, where it is installed, promtool. It is a module
// of its own: the collector has more dependencies than all of spof.
package collectortest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

func TestCollector(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "spof and a collector")
}

// program is the spof of this repository.
var program string

var _ = SynchronizedBeforeSuite(func() []byte {
	program := os.Getenv("SPOF_BINARY")
	if program == "" {
		dir, err := os.MkdirTemp("", "spof-collectortest-")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(os.RemoveAll, dir)
		program = filepath.Join(dir, "spof")
		build := exec.Command("go", "build", "-o", program, "./cmd/spof")
		build.Dir, build.Env = "../../..", append(os.Environ(), "CGO_ENABLED=0")
		out, err := build.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), "%s", out)
	}
	return []byte(program)
}, func(data []byte) { program = string(data) })

// collecting starts the receiver of a collector that passes its traces on to next, and gives its URL.
func collecting(next consumer.Traces) string {
	GinkgoHelper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	address := free.Addr().String()
	Expect(free.Close()).To(Succeed())

	factory := otlpreceiver.NewFactory()
	config := factory.CreateDefaultConfig().(*otlpreceiver.Config)
	config.Protocols.HTTP.GetOrInsertDefault().ServerConfig.NetAddr.Endpoint = address
	receiver, err := factory.CreateTraces(context.Background(), receivertest.NewNopSettings(factory.Type()), config, next)
	Expect(err).NotTo(HaveOccurred())
	Expect(receiver.Start(context.Background(), componenttest.NewNopHost())).To(Succeed())
	DeferCleanup(func() error { return receiver.Shutdown(context.Background()) })
	return "http://" + address
}

// root is the root of a trace with the lengths of the spans below it, by name.
type root struct {
	ptrace.Span
	lengths map[string]time.Duration
}

// traces are the traces at a sink, by trial and attempt.
func traces(sink *consumertest.TracesSink) map[[2]int64]root {
	roots, below := map[[16]byte]root{}, map[[16]byte]map[string]time.Duration{}
	for _, all := range sink.AllTraces() {
		spans := all.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
		for i := range spans.Len() {
			s := spans.At(i)
			id := [16]byte(s.TraceID())
			if below[id] == nil {
				below[id] = map[string]time.Duration{}
			}
			below[id][s.Name()] = s.EndTimestamp().AsTime().Sub(s.StartTimestamp().AsTime())
			if s.ParentSpanID().IsEmpty() {
				roots[id] = root{s, below[id]}
			}
		}
	}
	by := map[[2]int64]root{}
	for _, r := range roots {
		trial, _ := r.Attributes().Get("spof.trial")
		attempt, _ := r.Attributes().Get("spof.attempt")
		by[[2]int64{trial.Int(), attempt.Int()}] = r
	}
	return by
}

// running is a run of spof.
type running struct {
	cmd    *exec.Cmd
	stdout bytes.Buffer
	mu     sync.Mutex
	stderr bytes.Buffer
	lines  chan string
}

// run starts spof run on loopback with n trials, and more arguments.
func run(dir string, n int, args ...string) *running {
	GinkgoHelper()
	scenario := filepath.Join(dir, "brief.yaml")
	Expect(os.WriteFile(scenario, []byte(brief), 0o600)).To(Succeed())
	r := &running{lines: make(chan string, 10_000)}
	r.cmd = exec.Command(program, append([]string{"run", scenario, "-t", "active-passive", "--runtime", "local", "-n", strconv.Itoa(n), "--seed", "7",
		"-o", filepath.Join(dir, "out"), "--format", "json"}, args...)...)
	r.cmd.Stdout = &r.stdout
	r.cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+dir)
	stderr, err := r.cmd.StderrPipe()
	Expect(err).NotTo(HaveOccurred())
	Expect(r.cmd.Start()).To(Succeed())
	DeferCleanup(func() { _ = r.cmd.Process.Kill() }) // fails for a run that has ended
	go func() {
		defer close(r.lines)
		for scan := bufio.NewScanner(stderr); scan.Scan(); {
			r.mu.Lock()
			r.stderr.WriteString(scan.Text() + "\n")
			r.mu.Unlock()
			r.lines <- scan.Text()
		}
	}()
	return r
}

// brief is node-death with short phases.
const brief = `scenario: brief
about: For a test.
load: {rate: 60/s, tls: 20%, new: 30%, body: 1KiB, timeout: 2s, patience: 1s}
phases: {warm_up: 500ms, baseline: 2500ms, fault: 6s, recovery: 3s}
faults:
  - {kind: power-loss, target: serving}
expect: {failover: "<= 5s"}
`

// line waits for a line of standard error, and gives the submatches.
func (r *running) line(pattern string) []string {
	GinkgoHelper()
	re := regexp.MustCompile(pattern)
	for line := range r.lines {
		if found := re.FindStringSubmatch(line); found != nil {
			return found
		}
	}
	Fail("no line " + pattern + " in " + r.told())
	return nil
}

func (r *running) told() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stderr.String()
}

// report waits for the end of the run and reads its report.
func (r *running) report() (rep analyze.Report) {
	GinkgoHelper()
	for range r.lines { // to the end
	}
	err := r.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() > 3) {
		Fail(err.Error() + "\n" + r.told())
	}
	Expect(json.Unmarshal(r.stdout.Bytes(), &rep)).To(Succeed())
	return rep
}

var _ = Describe("a run with a collector and metrics", Ordered, func() {
	sink := new(consumertest.TracesSink)
	var last string // scrape, after the first trial
	var served bool // all users were served at a time
	var rep analyze.Report
	BeforeAll(func() {
		r := run(GinkgoT().TempDir(), 2, "--otlp", collecting(sink), "--metrics", "127.0.0.1:0")
		url := r.line(`^metrics at (http://\S+) until the run ends$`)[1]
		all := regexp.MustCompile(`(?m)^spof_users_served\{[^}]*\} 50$`)
		Eventually(func() string {
			last = scraped(url, last)
			served = served || all.MatchString(last)
			return last
		}).WithTimeout(2 * time.Minute).WithPolling(50 * time.Millisecond).Should(MatchRegexp(`(?m)^spof_trials_total\{[^}]*\} 1$`))
		rep = r.report()
		Expect(r.told()).NotTo(ContainSubstring("[traces-not-delivered]"))
	})

	It("sends each attempt as a trace, with the figures and the split of its report", func() {
		cell := rep.Cells[0]
		attempts := append(cell.Trials, cell.Repeated...)
		got, split := traces(sink), 0
		Expect(got).To(HaveLen(len(attempts)))
		for _, t := range attempts {
			root, has := got[[2]int64{int64(t.Trial), int64(t.Attempt)}]
			Expect(has).To(BeTrue())
			told := root.Attributes().AsRaw()
			Expect(root.Name()).To(Equal("trial"))
			Expect(told).To(And(HaveKeyWithValue("spof.design", "active-passive"), HaveKeyWithValue("spof.scenario", "brief"),
				HaveKeyWithValue("spof.verdict", string(t.Verdict)), HaveKeyWithValue("spof.seed", "7"), HaveKeyWithValue("spof.plan_hash", cell.PlanHash)))
			for key, value := range t.Measures {
				Expect(told).To(HaveKeyWithValue("spof."+key, value))
			}
			Expect(root.lengths).To(HaveKey("fault"))
			if t.Split != nil {
				split++
				agrees(root, t.Split)
			}
		}
		Expect(split).To(BeNumerically(">", 0), "a split to compare")
	})

	It("serves metrics that agree with its report, and users live", func() {
		first := rep.Cells[0].Trials[0]
		Expect(served).To(BeTrue())
		Expect(last).To(MatchRegexp(`(?m)^spof_trials_total\{[^}]*verdict="%s"\} 1$`, first.Verdict))
		if !first.Void {
			Expect(last).To(MatchRegexp(`(?m)^spof_lost_total\{[^}]*\} %s$`, regexp.QuoteMeta(float(first.Lost))))
		}
	})

	It("serves metrics that the linter of Prometheus accepts, in the library and in promtool", func() {
		problems, err := promlint.New(strings.NewReader(last)).Lint()
		Expect(err).NotTo(HaveOccurred())
		Expect(problems).To(BeEmpty())
		promtool, err := exec.LookPath("promtool")
		if err != nil {
			Skip("promtool is not installed (Debian: prometheus)")
		}
		check := exec.Command(promtool, "check", "metrics")
		check.Stdin = strings.NewReader(last)
		out, err := check.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), "%s", out)
		Expect(out).To(BeEmpty())
	})
})

// agrees expects the spans of a split, and no others.
func agrees(root root, s *analyze.Split) {
	GinkgoHelper()
	for name, length := range map[string]*float64{"detect": s.Detect, "decide": s.Decide, "switch": s.Switch, "client": s.Client} {
		if length == nil {
			Expect(root.lengths).NotTo(HaveKey(name))
			continue
		}
		Expect(root.lengths[name]).To(BeNumerically("~", time.Duration(*length*1e6), time.Microsecond), name)
	}
}

// scraped gets the metrics; old if the run has ended.
func scraped(url, old string) string {
	answer, err := http.Get(url)
	if err != nil {
		return old
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return old
	}
	return string(body)
}

var _ = Describe("a run with a collector that refuses its traces", func() {
	It("has its report, and warns of each trace", func() {
		r := run(GinkgoT().TempDir(), 1, "--otlp", collecting(consumertest.NewErr(errors.New("no room"))))
		rep := r.report()
		n := len(rep.Cells[0].Trials) + len(rep.Cells[0].Repeated)
		Expect(r.told()).To(MatchRegexp(`(?m)^warning: %d of %[1]d traces were not delivered to http://127.0.0.1:\d+: .*\[traces-not-delivered\]$`, n))
	})
})

// float formats a number as an exposition does.
func float(v float64) string {
	text, err := json.Marshal(v)
	Expect(err).NotTo(HaveOccurred())
	return string(text)
}
