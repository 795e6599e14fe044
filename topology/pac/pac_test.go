package pac

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/reason"
)

func TestPAC(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(30 * time.Second) // on a busy machine
	RunSpecs(t, "pac")
}

// holdEnv makes the test program load a script, print the number of its process, and wait.
const holdEnv = "SPOF_TEST_HOLD"

// TestMain lets this test program be the process of a PAC file, or the parent of one.
func TestMain(m *testing.M) {
	Child()
	if source := os.Getenv(holdEnv); source != "" {
		c, err := start()
		if err != nil {
			panic(err)
		}
		fmt.Println(c.cmd.Process.Pid)
		_ = c.exchange(request{Load: &loading{Source: source}}, nil)
		select {}
	}
	m.Run()
}

var lab = Environment{
	Now:   time.Date(2026, time.November, 25, 14, 30, 5, 0, time.FixedZone("x", 2*3600)), // a Wednesday
	Own:   netip.MustParseAddr("10.0.0.9"),
	Hosts: map[string]netip.Addr{"proxy-a": netip.MustParseAddr("10.0.0.2")},
}

func find(source string) ([]Hop, error) {
	s, err := Load("p.pac", source, lab)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return s.Find("http://web.test:8080/o/1", "web.test")
}

var _ = Describe("a PAC file", func() {
	It("gives hops in order", func() {
		hops, err := find(`function FindProxyForURL(url, host) {
			return shExpMatch(url, "http://*/o/*") && host == "web.test" ? "PROXY proxy-a:3128; http B; DIRECT;" : "DIRECT"; }`)
		Expect(err).NotTo(HaveOccurred())
		Expect(hops).To(Equal([]Hop{{"proxy-a", 3128}, {"b", 80}, {}}))
		Expect(hops[0].String() + "; " + hops[2].String()).To(Equal("PROXY proxy-a:3128; DIRECT"))
	})

	DescribeTable("has the helper", func(expression string, want string) {
		hops, err := find(`function FindProxyForURL() { return "PROXY x" + (` + expression + `); }`)
		Expect(err).NotTo(HaveOccurred())
		Expect(hops[0].Host).To(Equal("x"+want), expression)
	},
		Entry(nil, `isPlainHostName("a")`, "true"), Entry(nil, `isPlainHostName("a.b")`, "false"),
		Entry(nil, `dnsDomainIs("www.a.b", ".a.b")`, "true"), Entry(nil, `dnsDomainIs("www", ".a.b")`, "false"),
		Entry(nil, `localHostOrDomainIs("www", "www.a.b")`, "true"), Entry(nil, `localHostOrDomainIs("www.c.d", "www.a.b")`, "false"),
		Entry(nil, `localHostOrDomainIs("ww", "www.a.b")`, "false"),
		Entry(nil, `isResolvable("proxy-a")`, "true"), Entry("lab names only", `isResolvable("example.com")`, "false"),
		Entry(nil, `dnsResolve("proxy-a") == "10.0.0.2"`, "true"), Entry(nil, `dnsResolve("example.com")`, "null"),
		Entry(nil, `myIpAddress()`, "10.0.0.9"), Entry(nil, `dnsDomainLevels("a.b.c")`, "2"),
		Entry(nil, `isInNet("proxy-a", "10.0.0.0", "255.255.255.0")`, "true"), Entry(nil, `isInNet("10.0.1.2", "10.0.0.0", "255.255.255.0")`, "false"),
		Entry(nil, `shExpMatch("a.b", "a?b")`, "true"), Entry("no regular expression", `shExpMatch("aab", "a+b")`, "false"), Entry(nil, `shExpMatch("ab", "b*")`, "false"),
		Entry(nil, `shExpMatch("a.b.a.c", "*a.c")`, "true"), Entry(nil, `shExpMatch("a.b.a.c", "*a.?**")`, "true"), Entry(nil, `shExpMatch("abab", "*ab?")`, "false"),
		Entry(nil, `shExpMatch("", "*")`, "true"), Entry(nil, `shExpMatch("", "?")`, "false"), Entry(nil, `shExpMatch("\u00e4\n", "??")`, "true"), Entry(nil, `shExpMatch("a*c", "a*?")`, "true"),
		Entry(nil, `weekdayRange("WED")`, "true"), Entry(nil, `weekdayRange("FRI", "WED")`, "true"), Entry(nil, `weekdayRange("THU", "TUE", "GMT")`, "false"),
		Entry(nil, `timeRange(14)`, "true"), Entry(nil, `timeRange(12, "GMT")`, "true"), Entry(nil, `timeRange(22, 6)`, "false"),
		Entry(nil, `timeRange(14, 30, 14, 31)`, "true"), Entry(nil, `timeRange(14, 30, 6, 14, 31, 0)`, "false"),
		Entry(nil, `dateRange(25)`, "true"), Entry(nil, `dateRange("OCT", "DEC")`, "true"), Entry(nil, `dateRange("DEC", "JAN")`, "false"),
		Entry(nil, `dateRange(24, "NOV", 26, "NOV")`, "true"), Entry(nil, `dateRange(1, "JAN", 2027, 2, "JAN", 2027)`, "false"), Entry(nil, `dateRange(2026)`, "true"),
	)

	DescribeTable("fails with position and code", func(source, position, code, text string) {
		_, err := find(source)
		Expect(err).To(MatchError(And(HavePrefix("p.pac"+position+": "), ContainSubstring(text), Not(ContainSubstring("\n")))))
		Expect(reason.Codes(err)).To(HaveExactElements(code))
	},
		Entry("no JavaScript", "function FindProxyForURL( {", ":1:28", "pac-error", ""),
		Entry("throws", "function FindProxyForURL() {\n  return nowhere;\n}", ":2:10", "pac-error", ""),
		Entry("no function", "var x = 1", "", "pac-error", ""),
		Entry("no string", "function FindProxyForURL() { return null }", "", "pac-result", `FindProxyForURL("http://web.test:8080/o/1", "web.test") returned null`),
		Entry("no list", `function FindProxyForURL() { return "proxy-a:3128" }`, "", "pac-result", `FindProxyForURL("http://web.test:8080/o/1", "web.test"): result "proxy-a:3128"`),
		Entry("SOCKS", `function FindProxyForURL() { return "SOCKS a:1" }`, "", "pac-result", "SOCKS is not supported"),
		Entry("control characters", `function FindProxyForURL() { throw "\x1b[31mred\nx.yaml:1:1: fine" }`, ":1:30", "pac-error", ":  [31mred x.yaml:1:1: fine"),
		Entry("a recursion", `function FindProxyForURL() { return FindProxyForURL() + "x" }`, ":1:52", "pac-error", ""),
		Entry("an object whose toString throws", `function FindProxyForURL() { throw {toString: function() { throw 1 }} }`, ":1:30", "pac-error", "without text"),
		Entry("an object whose toString loops", `function FindProxyForURL() { throw {toString: function() { for (;;) {} }} }`, ":1:30", "pac-error", "without text"),
		Entry("an object whose getter loops", `function FindProxyForURL() { return {get a() { for (;;) {} }} }`, "", "pac-result", "returned [object Object]"),
		Entry("a String of its own", `String = function() { for (;;) {} }; function FindProxyForURL() { return 42 }`, "", "pac-result", "returned 42"),
	)

	It("gets no more requests after no interrupt stopped it", func() {
		s, err := Load("p.pac", `function FindProxyForURL() { /^(?=(a+)+$)a/.test("a".repeat(28) + "b"); return "DIRECT" }`, lab)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(s.Close)
		_, err = s.Find("http://a/", "a")
		Expect(err).To(MatchError(ErrDeadline))
		Expect(Over(err)).To(BeTrue())
		used := s.Used()
		_, err = s.Find("http://a/", "a")
		Expect(err).To(MatchError(ErrDeadline))
		Expect(s.Used()).To(Equal(used))
	})

	It("is interrupted when it loops, at its load and at a request, and continues after that", func() {
		_, err := load("p.pac", "for (;;) {}", lab)
		Expect(errors.Is(err, ErrDeadline)).To(BeTrue())
		s, err := load("p.pac", `var n = 0; function FindProxyForURL() { while (n == 0) {} return "DIRECT" }`, lab)
		Expect(err).NotTo(HaveOccurred())
		_, err = s.hops("http://a/", "a")
		Expect(errors.Is(err, ErrDeadline)).To(BeTrue())
		_, err = s.vm.RunString("n = 1")
		Expect(err).NotTo(HaveOccurred())
		Expect(s.hops("http://a/", "a")).To(Equal([]Hop{{}}))
	})

	It("is stopped by its processor time, not by time that it waits", func() {
		s, err := load("p.pac", `function FindProxyForURL() { return "DIRECT" }`, lab)
		Expect(err).NotTo(HaveOccurred())
		s.used = func() time.Duration { return 0 }
		Expect(s.within(func() error { time.Sleep(2 * Deadline); return nil })).To(Succeed())
	})

	It("keeps its state between requests", func() {
		s, err := Load("p.pac", `var n = 0; function FindProxyForURL() { return "PROXY a:" + ++n }`, lab)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(s.Close)
		Expect(s.Find("http://a/", "a")).To(Equal([]Hop{{"a", 1}}))
		Expect(s.Find("http://a/", "a")).To(Equal([]Hop{{"a", 2}}))
		s.Close()
		_, err = s.Find("http://a/", "a")
		Expect(err).To(MatchError(ErrDied))
	})

	It("can be as long as MaxSource", func() {
		line := `if (host == "host-4242.department-42.example.com") return "PROXY proxy-a:3128; DIRECT";` + "\n"
		source := "function FindProxyForURL(url, host) {\n" + strings.Repeat(line, (MaxSource-100)/len(line)) + `return "DIRECT" }`
		Expect(find(source)).To(Equal([]Hop{{}}))
		_, err := find(source + strings.Repeat(" ", 100+len(line)))
		Expect(reason.Codes(err)).To(HaveExactElements("pac-error"))
	})
})

func FuzzParseResult(f *testing.F) {
	f.Add("PROXY a:3128; DIRECT")
	f.Add("SOCKS5 a; ;")
	f.Fuzz(func(t *testing.T, text string) {
		fuzzcost.Bound(t)
		hops, err := ParseResult(text)
		if err != nil {
			return
		}
		again := ""
		for _, h := range hops {
			again += h.String() + ";"
		}
		same, err := ParseResult(again)
		if err != nil || len(same) != len(hops) {
			t.Fatalf("%q became %q: %v", text, again, err)
		}
	})
}

// FuzzLoad gives scripts to processes, one after the other. This process survives every script and gets an answer.
func FuzzLoad(f *testing.F) {
	f.Add(`function FindProxyForURL(url, host) { return "DIRECT" }`)
	f.Add("for (;;) {}")
	var s *Script
	f.Cleanup(func() {
		if s != nil {
			s.Close()
		}
	})
	f.Fuzz(func(t *testing.T, source string) {
		fuzzcost.Bound(t)
		if len(source) > 1000 {
			return
		}
		var err error
		var had time.Duration
		if s == nil || s.over != nil {
			if s, err = Load("p.pac", source, lab); err != nil {
				s = nil
			}
		} else {
			had = s.Used()
			err = s.load(source, lab)
		}
		if err == nil {
			_, err = s.Find("http://a/", "a")
		}
		if s != nil && s.Used()-had > 2*fuzzcost.Time { // two evaluations
			t.Errorf("%q: its process took %s of processor time", source, s.Used()-had)
		}
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("%q: %v", source, err)
		}
	})
}

// BenchmarkFind measures the cost of one request.
func BenchmarkFind(b *testing.B) {
	s, err := Load("p.pac", `function FindProxyForURL(url, host) { return shExpMatch(url, "http://*/o/*1") ? "PROXY a:3128; PROXY b:3128" : "DIRECT" }`, lab)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for b.Loop() {
		if _, err := s.Find("http://web.test:8080/o/100/1", "web.test"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoad measures the cost of a script before its first request.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		s, err := Load("p.pac", `function FindProxyForURL(url, host) { return "DIRECT" }`, lab)
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}
