package agent

import (
	"context"
	"io"
	"path/filepath"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
)

// engine is a program that reloads on SIGHUP, after 0.2 s. It refuses a configuration with the word bad. $2 is its manner: dies and
// slow exit after a refusal, stubborn ignores SIGTERM.
const engine = `
read_config() { echo "begun"; sleep 0.2; if grep -q bad "$1"; then echo "refused: bad word"; [ "$2" = dies ] && exit 1; [ "$2" = slow ] && { sleep 1; exit 1; }; else echo "accepted"; fi; }
trap 'read_config "$1" "$2"' HUP
[ "$2" = stubborn ] && trap '' TERM
echo "up"
while :; do sleep 0.05 & wait $!; done
`

// running is a node with one such engine, and its events.
type running struct {
	*host
	mu     sync.Mutex
	events []proxy.Event
}

func (r *running) kindsOfEvents() []proxy.EventKind {
	r.mu.Lock()
	defer r.mu.Unlock()
	var kinds []proxy.EventKind
	for _, e := range r.events {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

func startEngine(ctx context.Context, manner string) *running {
	GinkgoHelper()
	r := &running{}
	r.host = newHost(context.Background(), Options{Log: io.Discard}, func(e proxy.Event) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.events = append(r.events, e)
	})
	file := filepath.Join(GinkgoT().TempDir(), "conf")
	p := proxy.Process{
		Service: "squid", Engine: "squid", Files: []proxy.File{{Path: file, Mode: 0o600, Content: "good\n"}},
		Command: []string{"env", "--default-signal=HUP", "sh", "-c", engine, "sh", file, manner}, // nohup ignores it
		Reload:  &proxy.Reload{Signal: 1, Begun: "^begun$", Accepted: "^accepted$", Refused: "^refused: ", Spoil: "bad\n"},
	}
	r.install([]proxy.Process{p})
	DeferCleanup(r.end)
	up, err := r.services[0].hear("^up$")
	Expect(err).NotTo(HaveOccurred())
	Expect(boot(ctx, r.host)).To(Succeed())
	Eventually(ctx, up.lines).Should(Receive())
	up.stop()
	return r
}

var _ = Describe("a broken configuration", func() {
	fault := Fault{ID: "f1", Service: "squid"}

	It("is refused by an engine that still runs, and restored", func(ctx context.Context) {
		r := startEngine(ctx, "lives")
		pids := r.services[0].pids()
		asked := proxy.Monotonic()
		effect, err := r.inject(ctx, ConfigBreak, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(Equal(`it said "refused: bad word", and still runs`))
		liesWithin(effect, asked)
		began := effect.At + effect.Uncertainty.Nanoseconds() // the engine refuses 200 ms later, and is watched for diesWithin
		Expect(time.Duration(proxy.Monotonic() - began)).To(BeNumerically(">", diesWithin+100*time.Millisecond))
		effect, err = r.recover(ctx, ConfigBreak, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Uncertainty).To(BeNumerically(">=", 100*time.Millisecond), "the effect may be at the signal")
		Expect(effect.Proof).To(Equal(`it said "accepted"`))
		Expect(r.services[0].pids()[0]).To(Equal(pids[0]), "never restarted")
	}, SpecTimeout(2*patience))

	It("may end the engine, which is an expected end and needs a restart", func(ctx context.Context) {
		r := startEngine(ctx, "dies")
		effect, err := r.inject(ctx, ConfigBreak, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(Equal(`it said "refused: bad word", and its processes ended`))
		Expect(r.services[0].pids()).To(BeEmpty())
		_, err = r.recover(ctx, ConfigBreak, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(r.services[0].pids()).NotTo(BeEmpty())
		Expect(r.kindsOfEvents()).To(Equal([]proxy.EventKind{proxy.EventServiceReady, proxy.EventServiceReady}), "no service-exit")
	}, SpecTimeout(2*patience))

	It("waits for a slow engine with a closed port", func(ctx context.Context) {
		r := startEngine(ctx, "slow")
		r.services[0].p.Ready = "127.0.0.1:1"
		effect, err := r.inject(ctx, ConfigBreak, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(Equal(`it said "refused: bad word", and its processes ended`))
	}, SpecTimeout(2*patience))

	It("has no effect if the engine does not refuse it", func(ctx context.Context) {
		r := startEngine(ctx, "lives")
		r.services[0].p.Reload.Spoil = "good too\n"
		_, err := r.inject(ctx, ConfigBreak, fault)
		Expect(err).To(MatchError(ContainSubstring("service squid did not refuse its invalid configuration")))
	}, SpecTimeout(2*patience))

	It("needs an engine that can reload", func(ctx context.Context) {
		r := startEngine(ctx, "lives")
		r.services[0].p.Reload = nil
		_, err := r.inject(ctx, ConfigBreak, fault)
		Expect(err).To(MatchError(ContainSubstring("engine squid cannot reload")))
	}, SpecTimeout(2*patience))
})

var _ = Describe("a restart", func() {
	fault := Fault{ID: "f1", Service: "squid"}

	It("ends a service in order and starts it again, with nothing to undo", func(ctx context.Context) {
		r := startEngine(ctx, "lives")
		before := r.services[0].pids()[0]
		effect, err := r.inject(ctx, RollingRestart, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(MatchRegexp(`^\d+ process\(es\) ended in order; listening again `))
		Expect(r.services[0].pids()[0]).NotTo(Equal(before))
		_, err = r.recover(ctx, RollingRestart, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(r.kindsOfEvents()).To(Equal([]proxy.EventKind{proxy.EventServiceReady, proxy.EventServiceReady}))
	}, SpecTimeout(2*patience))

	It("kills a service that does not end", func(ctx context.Context) {
		r := startEngine(ctx, "stubborn")
		began := proxy.Monotonic()
		_, err := r.inject(ctx, RollingRestart, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(time.Duration(proxy.Monotonic() - began)).To(BeNumerically(">=", stopsWithin))
	}, SpecTimeout(2*patience))
})
