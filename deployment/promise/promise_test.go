package promise_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/deployment/promise"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology/pac"
)

func TestMain(m *testing.M) {
	pac.Child()
	os.Exit(m.Run())
}

func TestPromise(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "promise")
}

// files are a set of two balancers with an address in front of two proxies with a parent each turn; the words in capitals are replaced.
var files = map[string]string{
	"haproxy.cfg": "defaults\n mode tcp\n timeout connect 4s\n PATIENCE\n REDISPATCH\nlisten a\n bind :3128\n balance BALANCE\n PROBE\n" +
		" server p1 10.9.0.11:3128 CHECK\n server p2 10.9.0.12:3128 CHECK\n",
	"keepalived-one.conf": "vrrp_script alive {\n script \"SCRIPT\"\n interval 2\n fall 2\n weight WEIGHT\n}\n" + instance("10.9.0.21", "100"),
	"keepalived-two.conf": "vrrp_script alive {\n script \"SCRIPT\"\n interval 2\n fall 2\n weight WEIGHT\n}\n" + instance("10.9.0.22", "90"),
	"p1.conf":             proxy + "visible_hostname p1\n", "p2.conf": proxy + "visible_hostname p2\n", "up.conf": "http_port 8080\nhttp_access allow all\n",
}

const proxy = "http_port 3128\nhttp_access allow all\nnever_direct allow all\npeer_connect_timeout 6 seconds\n" +
	"cache_peer 10.9.0.31 parent 8080 0 no-query round-robin connect-fail-limit=2 name=up1\ncache_peer 10.9.0.32 parent 8080 0 no-query round-robin connect-fail-limit=2 name=up2\n"

func instance(own, priority string) string {
	return "vrrp_instance V {\n interface eth0\n NOPREEMPT\n virtual_router_id 7\n priority " + priority + "\n unicast_src_ip " + own +
		"\n virtual_ipaddress {\n  10.9.0.100/24\n }\n track_script {\n  alive\n }\n}\n"
}

// words are what stands for the words in capitals.
var words = map[string]string{"PATIENCE": "", "REDISPATCH": "option redispatch", "BALANCE": "roundrobin", "PROBE": "option httpchk", "CHECK": "check inter 3s fall 3 rise 2",
	"SCRIPT": "/usr/bin/killall -0 haproxy", "WEIGHT": "-20", "NOPREEMPT": ""}

// load reads the set with other words, given as WORD=TEXT.
func load(changes ...string) *deployment.System {
	GinkgoHelper()
	var pairs []string
	for word, text := range words {
		for _, c := range changes {
			if name, other, _ := strings.Cut(c, "="); name == word {
				text = other
			}
		}
		pairs = append(pairs, word, text)
	}
	all := map[string]string{}
	for name, text := range files {
		all[name] = strings.NewReplacer(pairs...).Replace(text)
	}
	return read(all)
}

func read(all map[string]string, nodes ...string) *deployment.System {
	GinkgoHelper()
	dir := GinkgoT().TempDir()
	for name, text := range all {
		Expect(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)).To(Succeed())
	}
	GinkgoT().Chdir(dir)
	hints, err := deployment.ParseHints(nodes, nil, nil, "")
	Expect(err).NotTo(HaveOccurred())
	found, err := deployment.Find([]string{"."}, hints)
	Expect(err).NotTo(HaveOccurred())
	sys, err := deployment.Load(&found.Deployment)
	Expect(err).NotTo(HaveOccurred())
	return sys
}

// answers gives the answers for a fault.
func answers(sys *deployment.System, fault string) []promise.Answer {
	GinkgoHelper()
	faults, err := promise.ParseFaults(sys, []string{fault})
	Expect(err).NotTo(HaveOccurred())
	return promise.Predict(sys, faults, promise.Assumptions{Rate: 20})
}

func one(sys *deployment.System, fault string) promise.Answer {
	GinkgoHelper()
	all := answers(sys, fault)
	Expect(all).To(HaveLen(1))
	return all[0]
}

var _ = DescribeTable("the terms of a formula differ, and have no more than milliseconds", func(fault string, texts ...string) {
	var got []string
	for _, t := range one(load("PATIENCE=timeout check 1s"), fault).Terms {
		got = append(got, t.Text)
	}
	Expect(got).To(Equal(texts))
},
	Entry(nil, "power-loss:one", "two: master-down interval 3.648s less a phase of 1s"),
	Entry(nil, "hang:p1/squid", "phase 0-3s", "failing check 1s", "pauses (fall 3 - 1) x 3s", "failing checks (fall 3 - 1) x 1s"),
)

var _ = DescribeTable("the files promise", func(fault, detect, failover string, changes ...string) {
	a := one(load(changes...), fault)
	Expect([]string{a.Detect.String(), a.Failover.String()}).To(Equal([]string{detect, failover}), "%+v", a)
},
	// MDI - phase = 3 x 1 + (256-90)/256 - [0, 1]
	Entry("the address moves when its node is lost", "power-loss:one", "2.65-3.65 s", "2.65-3.65 s"),
	Entry("keepalived alone is killed: its node keeps the address", "crash:one/keepalived", "2.65-3.65 s", "0-0.1 s"),
	Entry("keepalived alone is frozen", "hang:one/keepalived", "2.65-3.65 s", "0-0.1 s"),
	// phase [0, 2] + (2-1) x 2 + run [0, 0.05], then MDI
	Entry("a crash lowers the priority", "crash:one/haproxy", "2-4.05 s", "4.65-7.7 s"),
	Entry("a crash, and a weight that gives equal priorities", "crash:one/haproxy", "2-4.05 s", "never", "WEIGHT=-10"),
	Entry("a crash, and a backup that does not preempt", "crash:one/haproxy", "2-4.05 s", "never", "NOPREEMPT=nopreempt"),
	Entry("a crash, and a weight of 0: FAULT, priority 0, skew", "crash:one/haproxy", "2-4.05 s", "2.65-4.7 s", "WEIGHT=0"),
	Entry("a hang is not seen by killall -0", "hang:one/haproxy", "never", "never"),
	Entry("a hang is seen by a request", "hang:one/haproxy", "4-6.05 s", "6.65-9.7 s", "SCRIPT=/usr/bin/curl -s http://127.0.0.1:3128/"),
	// refused: the first retry takes the other server; the check: phase [0, 3] + 2 x 3
	Entry("a refused server, roundrobin", "crash:p1/squid", "6-9 s", "0-0.1 s"),
	Entry("a refused server, no redispatch", "crash:p1/squid", "6-9 s", "6-9 s", "REDISPATCH="),
	Entry("a refused server, a hash that gives it again", "crash:p1/squid", "6-9 s", "6-9 s", "BALANCE=source", "REDISPATCH=option redispatch 1"),
	Entry("a refused server, a consistent hash that leaves it out", "crash:p1/squid", "6-9 s", "0-0.1 s", "BALANCE=source\n hash-type consistent", "REDISPATCH=option redispatch 1"),
	Entry("a refused server that nothing checks", "crash:p1/squid", "never", "never", "CHECK=", "REDISPATCH="),
	// no timeout check: inter; with one: timeout connect if shorter than inter
	Entry("a silent server", "power-loss:p1", "15-18 s", "15-18 s"),
	Entry("a frozen server, timeout check 1s", "hang:p1/squid", "9-12 s", "9-12 s", "PATIENCE=timeout check 1s"),
	Entry("a frozen server, checks that only connect", "hang:p1/squid", "never", "never", "PROBE="),
	Entry("both servers", "power-loss:p1,p2", "15-18 s", "never"),
	// (6-1, 6], and 2 x 2 requests at 20/s
	Entry("a silent parent", "power-loss:up1", "5-6.2 s", "5-6.2 s"),
	Entry("a refused parent", "crash:up1/squid", "0-0.2 s", "0-0.1 s"),
	Entry("a frozen parent", "hang:up1/squid", "never", "never"),
	Entry("both parents", "power-loss:up1,up2", "5-6.2 s", "never"),
)

var _ = Describe("an answer", func() {
	It("has terms whose sum it is, each with the line of its timer", func() {
		for _, fault := range []string{"power-loss:p1", "hang:p1/squid", "crash:one/haproxy", "power-loss:one", "power-loss:up1"} {
			a := one(load(), fault)
			var lo, hi float64
			for _, t := range a.Terms {
				lo, hi = lo+t.Bounds.Lo.Seconds(), hi+t.Bounds.Hi.Seconds()
				Expect(t.At.Line > 0 || strings.Contains(t.Setting, "default") || t.Setting == "").To(BeTrue(), "%+v", t)
			}
			Expect(lo).To(BeNumerically("~", a.Detect.Lo.Seconds()+(a.Failover.Lo-a.Detect.Lo).Seconds(), 1e-6), fault)
			Expect(hi).To(BeNumerically("~", a.Failover.Hi.Seconds(), 1e-6), fault)
		}
	})

	It("names what shortens it most, and what the change gives", func() {
		a := one(load("CHECK=check inter 5s", "PROBE=", "REDISPATCH="), "crash:p1/squid")
		Expect(a.Failover.String()).To(Equal("10-15 s"))
		Expect(a.Levers[0].String()).To(Equal("haproxy.cfg:10 inter 5s is 100 % of it; fastinter 500ms gives 1-6 s"))
		Expect(one(load("CHECK=check inter 5s fastinter 500ms", "PROBE=", "REDISPATCH="), "crash:p1/squid").Failover.String()).To(Equal("1-6 s"))
	})

	It("is not changed by the search for levers", func() {
		sys := load()
		before := answers(sys, "power-loss")
		Expect(answers(sys, "power-loss")).To(Equal(before))
	})

	It("says which weight moves the address", func() {
		a := one(load("WEIGHT=-10"), "crash:one/haproxy")
		Expect(a.Levers).NotTo(BeEmpty())
		Expect(a.Levers[0].Change).To(Equal("weight -11 on all members"))
		Expect(a.Levers[0].Gives.String()).To(Equal("4.65-7.7 s"))
	})

	It("names a script that it does not understand", func() {
		a := one(load("SCRIPT=/opt/own-check"), "crash:one/haproxy")
		Expect(a.Failover.Never).To(BeTrue())
		Expect(a.Doubts).To(ContainElement(HaveField("Text", "script /opt/own-check")))
	})

	It("says after what time a repaired server serves", func() {
		Expect(one(load(), "crash:p1/squid").Back.String()).To(Equal("3-6 s"))
	})

	It("is not there for who does not use the part", func() {
		Expect(answers(load(), "power-loss:two")).To(BeEmpty())
	})

	It("has times in seconds as JSON", func() {
		b, err := json.Marshal(one(load("CHECK=", "REDISPATCH="), "crash:p1/squid"))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(b)).To(ContainSubstring(`"failover_s":"never","back_s":null`))
		b, err = json.Marshal(one(load(), "power-loss:up1"))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(b)).To(ContainSubstring(`"failover_s":[5,6.2]`))
	})
})

var _ = DescribeTable("behind nginx", func(fault, failover string) {
	sys := read(map[string]string{"nginx.conf": "events {}\nstream {\n upstream u {\n  zone u 64k;\n  server 10.9.0.11:3128 max_fails=2 fail_timeout=5s;\n  server 10.9.0.12:3128 backup;\n }\n" +
		" server {\n  listen 3128;\n  proxy_pass u;\n  proxy_connect_timeout 2s;\n }\n}\n"}, "p1=10.9.0.11", "p2=10.9.0.12", "front=10.9.0.1")
	Expect(one(sys, fault).Failover.String()).To(Equal(failover))
},
	Entry("a refused server", "crash:p1", "0-0.1 s"),
	Entry("a silent server: 2 s, and 2 connections at 20/s", "power-loss:p1", "2-2.1 s"),
	Entry("a frozen server", "hang:p1", "never"),
	Entry("nginx itself", "crash:front/nginx", "never"),
)

var _ = It("says that the number of workers is assumed", func() {
	sys := read(map[string]string{"nginx.conf": "worker_processes auto;\nevents {}\nhttp {\n upstream u {\n  server 10.9.0.11:80;\n  server 10.9.0.12:80;\n }\n" +
		" server {\n  listen 80;\n  location / {\n   proxy_pass http://u;\n  }\n }\n}\n"}, "p1=10.9.0.11", "p2=10.9.0.12", "front=10.9.0.1")
	Expect(one(sys, "power-loss:p1").Assumed).To(ContainElement(ContainSubstring("one worker")))
	Expect(one(sys, "hang:p1").Failover.Lo.Seconds()).To(Equal(60.0)) // proxy_read_timeout by default
})

var _ = DescribeTable("by a PAC file", func(list, fault, failover string) {
	sys := read(map[string]string{"p.pac": "function FindProxyForURL(u, h) { return '" + list + "'; }"}, "a=10.9.0.11", "b=10.9.0.12")
	Expect(one(sys, fault).Failover.String()).To(Equal(failover))
},
	Entry("a refused proxy", "PROXY a:1; PROXY b:1", "crash:a", "0-0.1 s"),
	Entry("a silent proxy: Chrome's timeout, and the next new connection", "PROXY a:1; PROXY b:1", "power-loss:a", "30-32 s"),
	Entry("a frozen proxy", "PROXY a:1; PROXY b:1", "hang:a", "never"),
	Entry("both", "PROXY a:1; PROXY b:1", "crash:a,b", "never"),
	Entry("both, with DIRECT", "PROXY a:1; PROXY b:1; DIRECT", "crash:a,b", "0-0.1 s"),
)

var _ = Describe("two deployments", func() {
	It("differ by a line for each answer, with the line that is the cause", func() {
		before, after := load(), load("WEIGHT=-10")
		changes := promise.Compare(before, after, promise.Assumptions{Rate: 20})
		Expect(changes).To(HaveLen(1))
		Expect(changes[0].String()).To(Equal("crash of one/haproxy, users of 10.9.0.100:3128: 4.65-7.7 s -> never (keepalived-one.conf:5 weight -20 -> -10)"))
		Expect(changes[0].Worse).To(BeTrue())
		Expect(promise.Compare(after, before, promise.Assumptions{Rate: 20})[0].Worse).To(BeFalse())
		Expect(promise.Compare(before, before, promise.Assumptions{Rate: 20})).To(BeEmpty())
	})
})

var _ = DescribeTable("a fault is refused", func(fault, code string) {
	_, err := promise.ParseFaults(load(), []string{fault})
	Expect(reason.Codes(err)).To(Equal([]string{code}))
},
	Entry("a kind", "fire:one", "unknown-fault"),
	Entry("a node", "crash:three", "unknown-target"),
	Entry("a service", "crash:one/squid", "unknown-target"),
)
