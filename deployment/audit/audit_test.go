package audit_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/deployment/audit"
	"github.com/seed-ab8b6914/spof/topology/pac"
)

func TestMain(m *testing.M) {
	pac.Child()
	os.Exit(m.Run())
}

func TestAudit(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "audit")
}

// check gives the findings over several files as code file:line.
func check(files map[string]string) (all []string) {
	GinkgoHelper()
	dir := GinkgoT().TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
		Expect(os.WriteFile(path, []byte(text), 0o600)).To(Succeed())
	}
	GinkgoT().Chdir(dir)
	found, err := deployment.Find([]string{"."}, deployment.Hints{})
	Expect(err).NotTo(HaveOccurred())
	sys, err := deployment.Load(&found.Deployment)
	Expect(err).NotTo(HaveOccurred())
	for _, f := range audit.Check(sys) {
		all = append(all, fmt.Sprintf("%s %s:%d", f.Code, f.At.File, f.At.Line))
	}
	return all
}

const front = "listen a\n bind :3128\n option httpchk\n option redispatch\n server p1 10.9.0.11:3128 check inter 2s\n server p2 10.9.0.12:3128 check inter 2s\n"

func vrrp(script, own string) string {
	return "vrrp_script s {\n script \"" + script + "\"\n interval 2\n fall 2\n weight -60\n}\nvrrp_instance V {\n interface eth0\n virtual_router_id 7\n priority 100\n unicast_src_ip " + own +
		"\n virtual_ipaddress {\n  10.9.0.100/24\n }\n track_script {\n  s\n }\n}\n"
}

func pair(script string) map[string]string {
	return map[string]string{"haproxy-one.cfg": front, "haproxy-two.cfg": front, "keepalived-one.conf": vrrp(script, "10.9.0.21"), "keepalived-two.conf": vrrp(script, "10.9.0.22")}
}

func with(files map[string]string, name, text string) map[string]string {
	files[name] = text
	return files
}

const compose = "services:\n  a:\n    build: ./img\n    networks: {n: {ipv4_address: 10.9.0.5}}\n    volumes: [\"./s.conf:/etc/squid/squid.conf\"]\n    healthcheck: {test: [CMD-SHELL, \"squid -k parse\"]}\n"

var _ = DescribeTable("several files together", func(files map[string]string, finds, clears []string) {
	all := check(files)
	for _, one := range finds {
		Expect(all).To(ContainElement(one))
	}
	for _, one := range clears {
		Expect(all).NotTo(ContainElement(HavePrefix(one)))
	}
},
	// HAProxy: up to 2 + 2 + 2 x (2+2) = 12 s for a frozen server; the script decides after 2 s
	Entry("a script that asks through HAProxy and is faster than its checks", pair("/usr/bin/curl -s -x 127.0.0.1:3128 http://x/"), []string{"check-race keepalived-one.conf:1", "check-race keepalived-two.conf:1"}, nil),
	Entry("a script that looks for the process", pair("/usr/bin/killall -0 haproxy"), nil, []string{"check-race", "service-untracked"}),
	Entry("a script that watches another service", pair("/usr/bin/killall -0 squid"), []string{"service-untracked keepalived-one.conf:7"}, nil),
	Entry("members with other servers", with(pair("/usr/bin/killall -0 haproxy"), "haproxy-two.cfg", "listen a\n bind :3128\n server p1 10.9.0.11:3128 check\n"), []string{"members-differ haproxy-two.cfg:1"}, nil),
	Entry("members with the same servers", pair("/usr/bin/killall -0 haproxy"), nil, []string{"members-differ"}),
	Entry("a PAC file with DIRECT", map[string]string{"p.pac": "function FindProxyForURL(u, h) { return 'PROXY a:1; DIRECT'; }"}, []string{"pac-direct p.pac:1"}, nil),
	Entry("a PAC file without", map[string]string{"p.pac": "function FindProxyForURL(u, h) { return 'PROXY a:1'; }"}, nil, []string{"pac-direct"}),
	Entry("one parent for two Squids", map[string]string{
		"a.conf": "visible_hostname a\nhttp_port 1\nnever_direct allow all\ncache_peer 10.9.0.9 parent 1 0 name=up\n", "b.conf": "visible_hostname b\nhttp_port 1\nnever_direct allow all\ncache_peer 10.9.0.9 parent 1 0 name=up\n",
	}, []string{"one-parent-for-all b.conf:4"}, nil),
	Entry("a health check that only parses, and a Squid that stops later than compose waits", map[string]string{"compose.yml": compose, "s.conf": "http_port 3128\n"},
		[]string{"health-parses-only compose.yml:6", "shutdown-longer-than-grace s.conf:1"}, nil),
	Entry("a Squid that stops in time", map[string]string{"compose.yml": compose, "s.conf": "http_port 3128\nshutdown_lifetime 5 seconds\n"}, nil, []string{"shutdown-longer-than-grace"}),
)
