package load

import (
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology/pac"
)

var _ = Describe("browsers with a PAC file", func() {
	var spec Spec
	BeforeEach(func() {
		plain := httptest.NewServer(answers)
		DeferCleanup(plain.CloseClientConnections)
		spec = Spec{
			Start: Monotonic(), Duration: 400 * time.Millisecond, Rate: 100, Users: 4, Seed: 1, Origins: []string{"127.0.0.1"},
			HTTPPort: port(plain), BodyBytes: 100, Timeout: 2 * time.Second, NewShare: 0.5, Direct: "127.0.0.1",
			Nodes: []string{"proxy-a", "proxy-b"}, Allowed: []string{"127.0.0.0/8"},
		}
	})
	// script returns the list; LIVE stands for a proxy that answers, DEAD for one that refuses.
	run := func(script, browser string) (samples []Sample, events []Event, err error) {
		b := testProxy{name: "proxy-b"}
		_, live, err := net.SplitHostPort(b.start())
		Expect(err).NotTo(HaveOccurred())
		_, dead, err := net.SplitHostPort(freePort())
		Expect(err).NotTo(HaveOccurred())
		spec.PAC = &PAC{Browser: browser, Hosts: map[string]string{"dead": "127.0.0.2", "live": "127.0.0.1"},
			Script: "var dead = 'PROXY dead:" + dead + ";', live = 'PROXY live:" + live + ";'; function FindProxyForURL(url, host) { " + script + " }"}
		var mu sync.Mutex
		_, err = Run(context.Background(), spec, func(e Event) { mu.Lock(); events = append(events, e); mu.Unlock() },
			func(batch []Sample) { samples = append(samples, batch...) })
		return samples, events, err
	}
	by := func(script, browser string) ([]Sample, []Event) {
		samples, events, err := run(script, browser)
		Expect(err).NotTo(HaveOccurred())
		return samples, events
	}

	DescribeTable("mark a dead proxy as bad once each, and report it", func(browser, span string) {
		samples, events := by("return dead + live", browser)
		Expect(count(samples, ended(OK))).To(Equal(len(samples)))
		Expect(count(samples, func(s Sample) bool { return s.Node == 2 })).To(Equal(len(samples)))
		Expect(events).To(HaveLen(spec.Users))
		for _, e := range events {
			Expect(e.Kind).To(Equal(EventPACBad))
			Expect(e.Subject).To(Equal("dead"))
			Expect(e.Text).To(MatchRegexp(`^user [0-3] .* ` + span + `$`))
		}
	}, Entry(nil, "chrome", "5m0s"), Entry(nil, "firefox", "30m0s"))

	It("go DIRECT where the script says so, and where it fails", func() {
		samples, events := by("return dead + 'DIRECT'", "chrome")
		Expect(count(samples, has(Bypassed))).To(Equal(len(samples)))
		Expect(events).To(HaveLen(spec.Users))
		spec.Start = Monotonic()
		samples, events = by("return nowhere", "chrome")
		Expect(count(samples, has(Bypassed))).To(Equal(len(samples)))
		Expect(events).NotTo(BeEmpty())
		Expect(events[0].Kind).To(Equal(EventPACError))
		Expect(events[0].Text).To(ContainSubstring("nowhere is not defined"))
	})

	It("choose proxies by the URL of the request", func() {
		samples, _ := by(fmt.Sprintf("return shExpMatch(url, 'http://127.0.0.1:%s/o/100/*1') ? live : 'DIRECT'", strconv.Itoa(spec.HTTPPort)), "chrome")
		Expect(count(samples, has(Bypassed))).To(Equal(len(samples) * 9 / 10))
	})

	DescribeTable("end the load if the script exceeds a limit later", func(then string, want error) {
		_, _, err := run("if (!/[5-9]$/.test(url)) return live; "+then, "chrome")
		Expect(reason.Codes(err)).To(HaveExactElements("pac-failed", HavePrefix("pac-d")))
		Expect(err).To(MatchError(want))
	},
		Entry("of time", "for (;;) {}", pac.ErrDeadline),
		Entry("of memory", "return new ArrayBuffer(8e9)", pac.ErrDied),
		Entry("of the engine", `"a".repeat(1e15)`, pac.ErrDied),
	)
})
