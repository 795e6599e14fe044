package scenarios_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
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
				{Kind: proxy.PowerLoss, Target: target.Target{Pick: "serving", Role: "entry", Where: "trip.yaml:6:32"}, At: time.Second, For: 2 * time.Second},
				{Kind: proxy.WANLoss, Target: target.Target{Pick: "wan-1", Role: "wan", Where: "trip.yaml:7:30"}, FaultParams: proxy.FaultParams{Mode: "cut"}},
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

	It("takes a surge for the multiple that it is", func() {
		s, err := scenarios.Read("t.yaml", []byte(edited("latency_inflation: \"< 2.5\"", "origin_surge: \"<= 1.5\"")), analyze.Expectable())
		Expect(err).NotTo(HaveOccurred())
		Expect(s.Expect).To(ContainElement(scenarios.Expectation{Measure: "origin_surge", Op: "<=", Value: 1.5, Text: "<= 1.5"}))
	})

	It("fills in what may be left out", func() {
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
		func(old, new, want string) {
			_, err := scenarios.Read("t.yaml", []byte(edited(old, new)), analyze.Expectable())
			Expect(err).To(MatchError(want))
		},
		Entry("unknown key", "load:", "laod: {}\nload:", `t.yaml:3:1: unknown key "laod" (did you mean "load"?); valid: scenario, about, load, phases, faults, expect, measure, needs, alike`),
		Entry("bad name", "trip\n", "Trip\n", `t.yaml:1:11: want a name of a-z, 0-9 and -, beginning with a letter and not ending with -, at most 31 long`),
		Entry("a name that no host could have", "trip\n", "trip-\n", `t.yaml:1:11: want a name of a-z, 0-9 and -, beginning with a letter and not ending with -, at most 31 long`),
		Entry("no rate", "rate: 200/s, ", "", `t.yaml:3:7: key "rate" is missing`),
		Entry("rate without unit", "200/s", "200", `t.yaml:3:14: unit missing, write 200/s`),
		Entry("patience beyond the timeout", "patience: 2s", "patience: 6s", `t.yaml:3:76: patience 6s is longer than the timeout 5s; want at most the timeout`),
		Entry("unknown kind", "kind: power-loss", "kind: power-los", `t.yaml:6:12: unknown value "power-los" (did you mean "power-loss"?); valid: `+strings.Join(kinds, ", ")),
		Entry("role wan for a node", "role: entry", "role: wan", `t.yaml:6:47: unknown value "wan"; valid: entry, proxy, balancer`),
		Entry("another role for a link", "target: wan-1", "target: wan-1, role: entry", `t.yaml:7:43: unknown value "entry"; valid: wan`),
		Entry("a mode of a power loss", "at: 1s", "mode: cut", `t.yaml:6:60: power-loss has no mode; only wan-loss, wan-flap, dns-failure have one`),
		Entry("a partition from nobody known", "kind: power-loss, target: serving, role: entry,", "kind: partition, target: serving, from: peers,",
			`t.yaml:6:46: unknown value "peers"; valid: members, nodes`),
		Entry("a partition's parameter elsewhere", "at: 1s", "from: nodes", `t.yaml:6:60: power-loss has no from; only partition has one`),
		Entry("a program that holds nothing", "kind: power-loss, target: serving, role: entry,", "kind: config-break, target: serving, program: vrrp,",
			`t.yaml:6:52: unknown value "vrrp"; valid: service, keepalived`),
		Entry("a surge of nothing", "kind: power-loss, target: serving, role: entry,", "kind: surge, target: all, factor: 1,", `t.yaml:6:40: want a whole number from 2 to 100, got "1"`),
		Entry("a surge without a factor", "kind: power-loss, target: serving, role: entry,", "kind: surge, target: all,", `t.yaml:6:5: key "factor" is missing`),
		Entry("a share of one", "at: 1s", "share: 30%", `t.yaml:6:61: share is of all targets; say target: all`),
		Entry("a share of nothing", "target: serving, role: entry, at: 1s", "target: all, share: 0%", `t.yaml:6:44: a share of nothing strikes nobody; want more than 0%`),
		Entry("a share of more than all", "target: serving, role: entry, at: 1s", "target: all, share: 150%", `t.yaml:6:44: want a share from 0% to 100%, got "150%"`),
		Entry("an answer that refuses nobody", "kind: power-loss, target: serving, role: entry,", "kind: exit-block, target: all, status: 200,",
			`t.yaml:6:45: unknown value "200"; valid: 403, 429`),
		Entry("no object", "rate: 200/s,", "rate: 200/s, objects: {count: 0},", `t.yaml:3:38: want a whole number from 1 to 1000000, got "0"`),
		Entry("a popularity that is none", "rate: 200/s,", "rate: 200/s, objects: {count: 9, zipf: steep},", `t.yaml:3:47: want a number from 0 to 3, got "steep"`),
		Entry("a popularity too steep", "rate: 200/s,", "rate: 200/s, objects: {count: 9, zipf: 4},", `t.yaml:3:47: want a number from 0 to 3, got "4"`),
		Entry("a share without a sign", "rate: 200/s,", "rate: 200/s, objects: {count: 9, cacheable: 0.8},", `t.yaml:3:52: unit missing, write 20%`),
		Entry("streams of nobody", "rate: 200/s,", "rate: 200/s, streams: {share: 0%},", `t.yaml:3:38: streams of 0% of the users are none; want more than 0%, or leave streams out`),
		Entry("streams of no share", "rate: 200/s,", "rate: 200/s, streams: {every: 1s},", `t.yaml:3:30: key "share" is missing`),
		Entry("streams that are never silent", "rate: 200/s,", "rate: 200/s, streams: {share: 50%, silence: 1ms},", `t.yaml:3:52: want a time from 100ms to 10m, got "1ms"`),
		Entry("a slow origin at full speed", "kind: power-loss, target: serving, role: entry,", "kind: slow-origin, target: all,", `t.yaml:6:5: key "latency" is missing`),
		Entry("an origin too slow", "kind: power-loss, target: serving, role: entry,", "kind: slow-origin, target: all, latency: 1m,", `t.yaml:6:47: want a time from 1ms to 30s, got "1m"`),
		Entry("a gap without unit", "kind: power-loss, target: serving, role: entry,", "kind: rolling-restart, target: all, gap: 2,", `t.yaml:6:47: unit missing, write 5s or 500ms`),
		Entry("the same symbol at the same instant", "target: serving, role: entry, at: 1s, for: 2s}", "target: serving, at: 1s, for: 2s}\n  - {kind: crash, target: serving, at: 1s}",
			`t.yaml:7:5: overlaps fault 1 on the same target, serving (role entry): that one lasts from 1s to 3s`),
		Entry("a fault that begins too late", "at: 1s, for: 2s", "at: 8s", `t.yaml:6:58: the fault begins at 8s, but the fault phase ends at 8s`),
		Entry("a fault that ends too late", "for: 2s", "for: 8s", `t.yaml:6:67: the fault lasts from 1s to 9s, but the fault phase ends at 8s`),
		Entry("a degradation of nothing", "kind: wan-loss", "kind: wan-degrade",
			`t.yaml:7:12: wan-degrade with nothing degraded; want latency, bandwidth, reset or slow_close`),
		Entry("a degradation to more than is measured", "kind: wan-loss, target: wan-1", "kind: wan-degrade, target: wan-1, bandwidth: 900Mbit/s",
			`t.yaml:7:51: want a bit rate from 100kbit/s to 500Mbit/s, got "900Mbit/s"`),
		Entry("resets of no connection", "kind: wan-loss, target: wan-1", "kind: wan-degrade, target: wan-1, reset: 0%",
			`t.yaml:7:47: so few resets cannot be proven; want at least 1%`),
		Entry("more jitter than latency", "kind: wan-loss, target: wan-1", "kind: wan-degrade, target: wan-1, latency: 10ms, jitter: 20ms",
			`t.yaml:7:63: the jitter, 20ms, is more than the latency it varies, 10ms`),
		Entry("a latency in parts of a millisecond", "kind: wan-loss, target: wan-1", "kind: wan-degrade, target: wan-1, latency: 1500us",
			`t.yaml:7:49: a WAN link knows whole milliseconds, got 1.5ms`),
		Entry("resets too rare to be seen", "kind: wan-loss, target: wan-1", "kind: wan-degrade, target: wan-1, reset: 0.5%",
			`t.yaml:7:47: so few resets cannot be proven; want at least 1%`),
		Entry("resets of nothing", "kind: wan-loss, target: wan-1", "kind: wan-degrade, target: wan-1, latency: 10ms, reset_after: 1s",
			`t.yaml:7:68: reset_after says when connections are reset, and reset says how many; want reset too`),
		Entry("a bandwidth of a loss", "target: wan-1}", "target: wan-1, bandwidth: 1Mbit/s}", `t.yaml:7:48: wan-loss has no bandwidth; only wan-degrade has one`),
		Entry("a flap without a period", "kind: wan-loss", "kind: wan-flap", `t.yaml:7:5: key "period" is missing`),
		Entry("a flap too fast to be proven", "kind: wan-loss, target: wan-1", "kind: wan-flap, target: wan-1, period: 100ms",
			`t.yaml:7:45: want a time from 500ms to 1h, got "100ms"`),
		Entry("overlapping faults on one target", "target: wan-1}", "target: wan-1, at: 1s, for: 2s}\n  - {kind: wan-loss, target: wan-1, at: 2s}",
			`t.yaml:8:5: overlaps fault 2 on the same target, wan-1 (role wan): that one lasts from 1s to 3s`),
		Entry("no baseline to compare with", "baseline: 3s", "baseline: 0s", `t.yaml:4:33: a scenario with faults needs a baseline to compare with; want more than 0s`),
		Entry("window longer than the recovery", "window: 2s", "window: 7s", `t.yaml:4:58: the recovery phase, 6s, is shorter than the measure's window, 7s; no recovery can be seen in it`),
		Entry("window longer than the fault", "window: 2s", "window: 9s", `t.yaml:4:44: the fault phase, 8s, is shorter than the measure's window, 9s; no failover can be seen in it
t.yaml:4:58: the recovery phase, 6s, is shorter than the measure's window, 9s; no recovery can be seen in it`),
		Entry("theta of nothing", "theta: 98%", "theta: 0%", `t.yaml:14:18: theta 0% calls everything service; want more than 0%`),
		Entry("unknown measure", `failover: "<= 5s"`, `failovr: "<= 5s"`, `t.yaml:9:3: unknown key "failovr" (did you mean "failover"?); valid: `+measures),
		Entry("a time without unit", `"<= 5s"`, `"<= 5"`, `t.yaml:9:13: want a time with its unit, such as 5s or 500ms, got "5"`),
		Entry("no operator", `"<= 5s"`, `"5s"`, `t.yaml:9:13: want a bound such as "<= 5s" (one of <=, <, >=, >, == and a value), got "5s"`),
		Entry("an operator of another language", `"<= 5s"`, `"=< 5s"`, `t.yaml:9:13: want a bound such as "<= 5s" (one of <=, <, >=, >, == and a value), got "=< 5s"`),
		Entry("a bare zero", `"<= 5s"`, `"<= 0"`, `t.yaml:9:13: want a time with its unit, such as 5s or 500ms, got "0"`),
		Entry("a negative time", `"<= 5s"`, `"<= -5s"`, `t.yaml:9:13: want a time with its unit, such as 5s or 500ms, got "-5s"`),
		Entry("a share without sign", `"<= 60%"`, `"<= 0.6"`, `t.yaml:11:15: want a share from 0% to 100%, got "0.6"`),
		Entry("a share above all", `"<= 60%"`, `"<= 160%"`, `t.yaml:11:15: want a share from 0% to 100%, got "160%"`),
		Entry("not a number", `"<= 60%"`, `"<= NaN%"`, `t.yaml:11:15: want a share from 0% to 100%, got "NaN%"`),
		Entry("a factor in percent", `"< 2.5"`, `"< 250%"`, `t.yaml:12:22: want a plain number, 0 or more, got "250%"`),
		Entry("bytes without a time", `corrupted: "== 0"`, `wan_bytes: "<= 5KiB"`, `t.yaml:13:14: want bytes per second with their unit, such as 500KiB/s or 2MiB/s, got "5KiB"`),
		Entry("a share of a count", `corrupted: "== 0"`, `users_noticed: "<= 20%"`, `t.yaml:13:18: want a whole number, 0 or more, got "20%"; write users_noticed_ratio: "<= 20%"`),
		Entry("a count of a share", `lost_ratio: "<= 60%"`, `lost_ratio: "<= 5"`, `t.yaml:11:15: want a share from 0% to 100%, got "5"; write lost: "<= 5"`),
		Entry("half a request", `"== 0"`, `"== 0.5"`, `t.yaml:13:14: want a whole number, 0 or more, got "0.5"`),
		Entry("a number that is no text", `"<= 5s"`, `5`, `t.yaml:9:13: want text, got "5"; put it in quotes`),
		Entry("nothing expected", scenariotest.Trip[strings.Index(scenariotest.Trip, "expect:"):strings.Index(scenariotest.Trip, "measure:")], "expect: {}\n", `t.yaml:8:9: nothing is expected, so nothing could fail; name at least one of: `+measures),
		Entry("a failover without a fault", scenariotest.Trip[strings.Index(scenariotest.Trip, "faults:"):strings.Index(scenariotest.Trip, "measure:")], "expect: {failover: \"<= 5s\", bypassed: \"== 0\"}\n",
			`t.yaml:5:20: failover is counted from a fault, and this scenario has none`),
	)

	It("gives every problem at once", func() {
		_, err := scenarios.Read("t.yaml", []byte("scenario: x\nload: {rate: 10}\nphases: {baseline: 1}\nexpect: {failovers: \"<= 5s\"}\n"), analyze.Expectable())
		var problems *yamlfile.Problems
		Expect(errors.As(err, &problems)).To(BeTrue())
		Expect(*problems).To(HaveLen(3))
	})

	It("refuses more faults than it could run", func() {
		_, err := scenarios.Read("t.yaml", []byte(edited("faults:\n", "faults:\n"+strings.Repeat("  - {}\n", 31))), analyze.Expectable())
		Expect(err).To(MatchError(ContainSubstring("t.yaml:6:3: 33 faults; want at most 32")))
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
	It("calls each by its own name", func() {
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
	It("names the bundled ones where there is neither", func() {
		_, err := scenarios.Open("node-deth", analyze.Expectable())
		Expect(err).To(MatchError(fs.ErrNotExist))
		Expect(err).To(MatchError(HavePrefix(`scenario "node-deth" (did you mean "node-death"?) is neither bundled (` + strings.Join(scenarios.Library(), ", ") + `) nor a file that can be read: `)))
	})
})
