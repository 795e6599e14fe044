package scenarios_test

import (
	"errors"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// edited is the good file with one part replaced.
func edited(old, new string) string {
	GinkgoHelper()
	Expect(scenariotest.Trip).To(ContainSubstring(old))
	return strings.Replace(scenariotest.Trip, old, new, 1)
}

var _ = Describe("reading a scenario file", func() {
	It("reads every field in its unit", func() {
		s, err := scenarios.Read("trip.yaml", []byte(scenariotest.Trip), analyze.Expectable())
		Expect(err).NotTo(HaveOccurred())
		Expect(*s).To(Equal(scenarios.Scenario{
			Name: "trip", About: "A trip.",
			Load:   scenarios.Load{Rate: 200, TLSShare: 0.2, NewShare: 0.1, Body: 4096, Timeout: 5 * time.Second, Patience: 2 * time.Second},
			Phases: scenarios.Phases{WarmUp: time.Second, Baseline: 3 * time.Second, Fault: 8 * time.Second, Recovery: 6 * time.Second},
			Faults: []fault.Fault{
				{Kind: fault.PowerLoss, Target: target.Target{Pick: "serving", Role: "entry", Where: "trip.yaml:6:32"}, At: time.Second, For: 2 * time.Second},
				{Kind: fault.WANLoss, Target: target.Target{Pick: "wan-1", Role: "wan", Where: "trip.yaml:7:30"}, FaultParams: proxy.FaultParams{Mode: "cut"}},
			},
			Expect: []scenarios.Expectation{
				{Measure: "corrupted", Op: "==", Value: 0, Text: "== 0"},
				{Measure: "failover", Op: "<=", Value: 5000, Text: "<= 5s"},
				{Measure: "latency_inflation", Op: "<", Value: 2.5, Text: "< 2.5"},
				{Measure: "lost_ratio", Op: "<=", Value: 0.6, Text: "<= 60%"},
				{Measure: "resilience_loss", Op: "<", Value: 1.5, Text: "< 1.5s"},
			},
			Measure: scenarios.Measure{Theta: 0.98, Window: 2 * time.Second, LatencyFactor: 4, LatencyFloor: 10 * time.Millisecond},
		}))
	})

	DescribeTable("refuses an expectation made in Go", func(measure, op string, value float64, code ...string) {
		err := analyze.Expectable().Check(scenarios.Expectation{Measure: measure, Op: op, Value: value})
		Expect(reason.Codes(err)).To(HaveExactElements(code))
	},
		Entry("none", "failover", "<=", 4000.0),
		Entry("a whole share", "lost_ratio", "==", 1.0),
		Entry("an unknown measure", "failovr", "<=", 1.0, "unknown-measure"),
		Entry("an unknown operator", "failover", "=<", 1.0, "unknown-operator"),
		Entry("a negative value", "failover", ">", -1.0, "wrong-bound"),
		Entry("no number", "failover", "<=", math.NaN(), "wrong-bound"),
		Entry("no finite value", "failover", "<=", math.Inf(1), "wrong-bound"),
		Entry("a share above 1", "lost_ratio", "<=", 5.0, "wrong-bound"),
		Entry("a share of no number", "lost_ratio", "<=", math.NaN(), "wrong-bound"),
	)

	It("reads a factor as a plain number", func() {
		s, err := scenarios.Read("t.yaml", []byte(edited("latency_inflation: \"< 2.5\"", "origin_surge: \"<= 1.5\"")), analyze.Expectable())
		Expect(err).NotTo(HaveOccurred())
		Expect(s.Expect).To(ContainElement(scenarios.Expectation{Measure: "origin_surge", Op: "<=", Value: 1.5, Text: "<= 1.5"}))
	})

	It("fills in defaults", func() {
		s, err := scenarios.Read("x.yaml", []byte("scenario: x\nload: {rate: 10/s}\nphases: {baseline: 1s}\nexpect: {error_ratio: \"== 0%\"}\n"), analyze.Expectable())
		Expect(err).NotTo(HaveOccurred())
		Expect(s.Load).To(Equal(scenarios.Load{Rate: 10, TLSShare: 0.2, NewShare: 0.2, Body: 4096, Retry: true, Timeout: 5 * time.Second, Patience: 2 * time.Second}))
		Expect(s.Phases).To(Equal(scenarios.Phases{WarmUp: time.Second, Baseline: time.Second}))
		Expect(s.Measure).To(Equal(scenarios.Measure{Theta: 0.99, Window: time.Second, LatencyFactor: 3, LatencyFloor: 100 * time.Millisecond}))
		Expect(s.Faults).To(BeEmpty())
	})

	measures := strings.Join(slices.Sorted(maps.Keys(analyze.Expectable())), ", ")
	var kinds []string
	for _, k := range fault.Kinds() {
		kinds = append(kinds, string(k.Name))
	}

	DescribeTable("says what is wrong, where, and what would be right",
		func(old, new, want string, values ...string) {
			_, err := scenarios.Read("t.yaml", []byte(edited(old, new)), analyze.Expectable())
			Expect(strings.Join(scenariotest.Problems(err), ", ")).To(Equal(want))
			for _, value := range values {
				Expect(err).To(MatchError(ContainSubstring(value)))
			}
		},
		Entry("unknown key", "load:", "laod: {}\nload:", "3:1 unknown-key", `"load"?`, "measure, needs, alike"),
		Entry("bad name", "trip\n", "Trip\n", "1:11 wrong-value", "a-z, 0-9 and -"),
		Entry("a name with a hyphen at its end", "trip\n", "trip-\n", "1:11 wrong-value", "a-z, 0-9 and -"),
		Entry("no rate", "rate: 200/s, ", "", "3:7 missing-key", `"rate"`),
		Entry("rate without unit", "200/s", "200", "3:14 unit-missing", "200/s"),
		Entry("patience beyond the timeout", "patience: 2s", "patience: 6s", "3:76 patience-above-timeout", "6s", "5s"),
		Entry("unknown kind", "kind: power-loss", "kind: power-los", "6:12 unknown-value", `"power-loss"?`, "valid: "+strings.Join(kinds, ", ")),
		Entry("role wan for a node", "role: entry", "role: wan", "6:47 unknown-value", "valid: entry, proxy, balancer"),
		Entry("another role for a link", "target: wan-1", "target: wan-1, role: entry", "7:43 unknown-value", "valid: wan"),
		Entry("a mode of a power loss", "at: 1s", "mode: cut", "6:60 foreign-parameter", "no mode; only wan-loss, wan-flap, dns-failure have one"),
		Entry("an unknown side of a partition", "kind: power-loss, target: serving, role: entry,", "kind: partition, target: serving, from: peers,",
			"6:46 unknown-value", "valid: members, nodes"),
		Entry("a partition's parameter elsewhere", "at: 1s", "from: nodes", "6:60 foreign-parameter", "no from; only partition has one"),
		Entry("an unknown program", "kind: power-loss, target: serving, role: entry,", "kind: config-break, target: serving, program: vrrp,",
			"6:52 unknown-value", "valid: service, keepalived"),
		Entry("a loss that is too rare", "kind: power-loss, target: serving, role: entry,", "kind: packet-loss, target: serving, loss: 0.5%,", "6:48 loss-too-rare", "1%"),
		Entry("a loss of no direction", "kind: power-loss, target: serving, role: entry,", "kind: packet-loss, target: serving, direction: up,",
			"6:53 unknown-value", "valid: both, in, out"),
		Entry("a surge by the factor 1", "kind: power-loss, target: serving, role: entry,", "kind: surge, target: all, factor: 1,", "6:40 wrong-value", "2 to 100"),
		Entry("a surge without a factor", "kind: power-loss, target: serving, role: entry,", "kind: surge, target: all,", "6:5 missing-key", `"factor"`),
		Entry("a share without target: all", "at: 1s", "share: 30%", "6:61 share-without-all"),
		Entry("a share of 0%", "target: serving, role: entry, at: 1s", "target: all, share: 0%", "6:44 zero-share"),
		Entry("a share of more than all", "target: serving, role: entry, at: 1s", "target: all, share: 150%", "6:44 wrong-value", "0% to 100%"),
		Entry("a status of success", "kind: power-loss, target: serving, role: entry,", "kind: exit-block, target: all, status: 200,",
			"6:45 unknown-value", "valid: 403, 429"),
		Entry("a catalogue of no objects", "rate: 200/s,", "rate: 200/s, objects: {count: 0},", "3:38 wrong-value", "1 to 1000000"),
		Entry("a popularity that is no number", "rate: 200/s,", "rate: 200/s, objects: {count: 9, zipf: steep},", "3:47 wrong-value", "0 to 3"),
		Entry("a popularity too steep", "rate: 200/s,", "rate: 200/s, objects: {count: 9, zipf: 4},", "3:47 wrong-value", "0 to 3"),
		Entry("a share without a sign", "rate: 200/s,", "rate: 200/s, objects: {count: 9, cacheable: 0.8},", "3:52 unit-missing", "80%"),
		Entry("streams of 0% of the users", "rate: 200/s,", "rate: 200/s, streams: {share: 0%},", "3:38 zero-share"),
		Entry("streams without a share", "rate: 200/s,", "rate: 200/s, streams: {every: 1s},", "3:30 missing-key", `"share"`),
		Entry("streams with too short a silence", "rate: 200/s,", "rate: 200/s, streams: {share: 50%, silence: 1ms},", "3:52 wrong-value", "100ms to 10m"),
		Entry("a slow origin without a latency", "kind: power-loss, target: serving, role: entry,", "kind: slow-origin, target: all,", "6:5 missing-key", `"latency"`),
		Entry("an origin too slow", "kind: power-loss, target: serving, role: entry,", "kind: slow-origin, target: all, latency: 1m,", "6:47 wrong-value", "1ms to 30s"),
		Entry("a gap without unit", "kind: power-loss, target: serving, role: entry,", "kind: rolling-restart, target: all, gap: 2,", "6:47 unit-missing", "5s or 500ms"),
		Entry("the same symbol at the same instant", "target: serving, role: entry, at: 1s, for: 2s}", "target: serving, at: 1s, for: 2s}\n  - {kind: crash, target: serving, at: 1s}",
			"7:5 overlapping-faults", "fault 1", "from 1s to 3s"),
		Entry("a fault that begins too late", "at: 1s, for: 2s", "at: 8s", "6:58 fault-outside-phase", "begins at 8s", "ends at 8s"),
		Entry("a fault that ends too late", "for: 2s", "for: 8s", "6:67 fault-outside-phase", "from 1s to 9s", "ends at 8s"),
		Entry("a degradation of nothing", "kind: wan-loss", "kind: wan-degrade",
			"7:12 nothing-degraded", "latency, bandwidth, reset or slow_close"),
		Entry("a bandwidth above the maximum", "kind: wan-loss, target: wan-1", "kind: wan-degrade, target: wan-1, bandwidth: 900Mbit/s",
			"7:51 wrong-value", "100kbit/s to 500Mbit/s"),
		Entry("resets of 0% of the connections", "kind: wan-loss, target: wan-1", "kind: wan-degrade, target: wan-1, reset: 0%",
			"7:47 reset-too-rare", "1%"),
		Entry("more jitter than latency", "kind: wan-loss, target: wan-1", "kind: wan-degrade, target: wan-1, latency: 10ms, jitter: 20ms",
			"7:63 jitter-above-latency", "20ms", "10ms"),
		Entry("a latency in parts of a millisecond", "kind: wan-loss, target: wan-1", "kind: wan-degrade, target: wan-1, latency: 1500us",
			"7:49 not-whole-milliseconds", "1.5ms"),
		Entry("resets too rare to be proven", "kind: wan-loss, target: wan-1", "kind: wan-degrade, target: wan-1, reset: 0.5%",
			"7:47 reset-too-rare", "1%"),
		Entry("reset_after without reset", "kind: wan-loss, target: wan-1", "kind: wan-degrade, target: wan-1, latency: 10ms, reset_after: 1s",
			"7:68 missing-reset"),
		Entry("a bandwidth of a loss", "target: wan-1}", "target: wan-1, bandwidth: 1Mbit/s}", "7:48 foreign-parameter", "no bandwidth; only wan-degrade has one"),
		Entry("a flap without a period", "kind: wan-loss", "kind: wan-flap", "7:5 missing-key", `"period"`),
		Entry("a flap with too short a period", "kind: wan-loss, target: wan-1", "kind: wan-flap, target: wan-1, period: 100ms",
			"7:45 wrong-value", "500ms to 1h"),
		Entry("overlapping faults on one target", "target: wan-1}", "target: wan-1, at: 1s, for: 2s}\n  - {kind: wan-loss, target: wan-1, at: 2s}",
			"8:5 overlapping-faults", "fault 2", "from 1s to 3s"),
		Entry("no baseline to compare with", "baseline: 3s", "baseline: 0s", "4:33 no-baseline"),
		Entry("window longer than the recovery", "window: 2s", "window: 7s", "4:58 phase-below-window", "6s", "7s"),
		Entry("window longer than the fault", "window: 2s", "window: 9s", "4:44 phase-below-window, 4:58 phase-below-window", "fault phase, 8s", "recovery phase, 6s", "window, 9s"),
		Entry("a theta of 0%", "theta: 98%", "theta: 0%", "14:18 zero-share"),
	)

	DescribeTable("says what is wrong with an expectation",
		func(old, new, problem, says string) {
			_, err := scenarios.Read("t.yaml", []byte(edited(old, new)), analyze.Expectable())
			Expect(scenariotest.Problems(err)).To(Equal([]string{problem}))
			Expect(err).To(MatchError(ContainSubstring(says)))
		},
		Entry("unknown measure", `failover: "<= 5s"`, `failovr: "<= 5s"`, "9:3 unknown-key", "did you mean \"failover\"?); valid: "+measures),
		Entry("a time without unit", `"<= 5s"`, `"<= 5"`, "9:13 wrong-bound", "a time with its unit, such as 5s or"),
		Entry("no operator", `"<= 5s"`, `"5s"`, "9:13 wrong-bound", "one of <=, <, >=, >, =="),
		Entry("an operator of another language", `"<= 5s"`, `"=< 5s"`, "9:13 wrong-bound", "one of <=, <, >=, >, =="),
		Entry("a bare zero", `"<= 5s"`, `"<= 0"`, "9:13 wrong-bound", "a time with its unit, such as 5s or"),
		Entry("a negative time", `"<= 5s"`, `"<= -5s"`, "9:13 wrong-bound", "a time with its unit, such as 5s or"),
		Entry("a share without sign", `"<= 60%"`, `"<= 0.6"`, "11:15 wrong-bound", "a share from 0% to 100%"),
		Entry("a share above all", `"<= 60%"`, `"<= 160%"`, "11:15 wrong-bound", "a share from 0% to 100%"),
		Entry("not a number", `"<= 60%"`, `"<= NaN%"`, "11:15 wrong-bound", "a share from 0% to 100%"),
		Entry("a factor in percent", `"< 2.5"`, `"< 250%"`, "12:22 wrong-bound", "a plain number, 0 or more"),
		Entry("bytes without a time", `corrupted: "== 0"`, `wan_bytes: "<= 5KiB"`, "13:14 wrong-bound", "bytes per second with their unit, su"),
		Entry("a share of a count", `corrupted: "== 0"`, `users_noticed: "<= 20%"`, "13:18 wrong-bound", `write users_noticed_ratio: "<= 20%"`),
		Entry("a count of a share", `lost_ratio: "<= 60%"`, `lost_ratio: "<= 5"`, "11:15 wrong-bound", `write lost: "<= 5"`),
		Entry("half a request", `"== 0"`, `"== 0.5"`, "13:14 wrong-bound", "a whole number, 0 or more"),
		Entry("a number that is no text", `"<= 5s"`, `5`, "9:13 not-text", "want text"),
		Entry("nothing expected", scenariotest.Trip[strings.Index(scenariotest.Trip, "expect:"):strings.Index(scenariotest.Trip, "measure:")], "expect: {}\n", "8:9 nothing-expected", "at least one of: "+measures),
		Entry("a failover without a fault", scenariotest.Trip[strings.Index(scenariotest.Trip, "faults:"):strings.Index(scenariotest.Trip, "measure:")], "expect: {failover: \"<= 5s\", bypassed: \"== 0\"}\n",
			"5:20 no-fault-to-measure", "failover"),
	)

	It("gives every problem at once", func() {
		_, err := scenarios.Read("t.yaml", []byte("scenario: x\nload: {rate: 10}\nphases: {baseline: 1}\nexpect: {failovers: \"<= 5s\"}\n"), analyze.Expectable())
		var problems *yamlfile.Problems
		Expect(errors.As(err, &problems)).To(BeTrue())
		Expect(*problems).To(HaveLen(3))
	})

	It("refuses more faults than it could run", func() {
		_, err := scenarios.Read("t.yaml", []byte(edited("faults:\n", "faults:\n"+strings.Repeat("  - {}\n", 31))), analyze.Expectable())
		Expect(scenariotest.Problems(err)).To(Equal([]string{"6:3 too-many-faults"}))
		Expect(err).To(MatchError(ContainSubstring("at most 32")))
	})
})

var _ = Describe("opening a scenario", func() {
	It("has the bundled ones", func() {
		files, err := os.ReadDir("library")
		Expect(err).NotTo(HaveOccurred())
		var names []string
		for _, f := range files {
			names = append(names, strings.TrimSuffix(f.Name(), ".yaml"))
		}
		slices.Sort(names)
		Expect(names).To(ContainElements("node-death", "steady", "wan-loss-silent"))
		Expect(scenarios.Library()).To(Equal(names))
	})
	It("names each like its file", func() {
		for _, name := range scenarios.Library() {
			s := scenariotest.Bundled(name)
			Expect(s.Name).To(Equal(name))
			Expect(s.About).NotTo(BeEmpty())
		}
	})
	It("reads a file by its path", func() {
		file := filepath.Join(GinkgoT().TempDir(), "own.yaml")
		Expect(os.WriteFile(file, []byte(scenariotest.Trip), 0o600)).To(Succeed())
		Expect(scenarios.Open(file, analyze.Expectable())).To(HaveField("Name", "trip"))
	})
	It("lists the bundled ones if the name is unknown", func() {
		_, err := scenarios.Open("node-deth", analyze.Expectable())
		Expect(err).To(MatchError(fs.ErrNotExist))
		Expect(reason.Codes(err)).To(HaveExactElements("unknown-scenario", "no-such-file"))
		Expect(err).To(MatchError(And(ContainSubstring(`(did you mean "node-death"?)`), ContainSubstring(strings.Join(scenarios.Library(), ", ")))))
	})
})
