package deployment_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology/pac"
)

func TestMain(m *testing.M) {
	pac.Child()
	os.Exit(m.Run())
}

func TestDeployment(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "deployment")
}

// write writes files below a directory and makes it the working directory.
func write(files map[string]string) {
	GinkgoHelper()
	dir := GinkgoT().TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
		Expect(os.WriteFile(path, []byte(text), 0o600)).To(Succeed())
	}
	GinkgoT().Chdir(dir)
}

// outline gives the nodes of a deployment as text: name address engine=file; ? marks what is assumed.
func outline(d deployment.Deployment) (lines []string) {
	mark := func(from deployment.Source) string {
		if from.Assumed {
			return "?"
		}
		return ""
	}
	for _, n := range d.Nodes {
		line := n.Name
		for _, i := range n.Interfaces {
			line += " " + strings.TrimPrefix(i.Name+":"+i.Written(), ":") + mark(i.From)
		}
		for _, r := range n.Runs {
			line += " " + r.Engine + "=" + r.File + mark(r.From)
		}
		lines = append(lines, line)
	}
	for _, e := range d.Users {
		lines = append(lines, "users "+e.String())
	}
	return lines
}

func find(files map[string]string, hints deployment.Hints) *deployment.Found {
	GinkgoHelper()
	write(files)
	found, err := deployment.Find([]string{"."}, hints)
	Expect(err).NotTo(HaveOccurred())
	return found
}

const (
	twoServers = "listen a\n bind :3128\n server p1 10.9.0.11:3128 check\n server p2 10.9.0.12:3128 check\n"
	squidConf  = "http_port 3128\nhttp_access allow all\n"
)

func vrrp(more string) string {
	return "vrrp_instance V {\n interface eth0\n virtual_router_id 7\n virtual_ipaddress {\n  10.9.0.100/24\n }\n" + more + "}\n"
}

var _ = DescribeTable("Find infers who runs which file", func(files map[string]string, want ...string) {
	Expect(outline(find(files, deployment.Hints{}).Deployment)).To(Equal(want))
},
	Entry("a balancer without a host, and its servers", map[string]string{"haproxy.cfg": twoServers, "squid.conf": squidConf},
		"p1 10.9.0.11 squid=squid.conf", "p2 10.9.0.12 squid=squid.conf", "lb1 10.9.0.13/24? haproxy=haproxy.cfg?", "users 10.9.0.13:3128"),
	Entry("hosts in the names of files", map[string]string{
		"haproxy.cfg": twoServers, "keepalived-one.conf": vrrp(" unicast_src_ip 10.9.0.21\n unicast_peer {\n  10.9.0.22\n }\n"), "keepalived-two.conf": vrrp(""), "squid.conf": squidConf,
	}, "one eth0:10.9.0.21 haproxy=haproxy.cfg? keepalived=keepalived-one.conf", "two eth0:10.9.0.22 haproxy=haproxy.cfg? keepalived=keepalived-two.conf",
		"p1 10.9.0.11 squid=squid.conf", "p2 10.9.0.12 squid=squid.conf", "users 10.9.0.100:3128"),
	Entry("hosts in the names of directories", map[string]string{
		"one/haproxy.cfg": twoServers, "one/keepalived.conf": vrrp(" unicast_src_ip 10.9.0.21\n"), "two/haproxy.cfg": twoServers, "two/keepalived.conf": vrrp(" unicast_src_ip 10.9.0.22\n"),
	}, "one eth0:10.9.0.21 haproxy=one/haproxy.cfg keepalived=one/keepalived.conf", "two eth0:10.9.0.22 haproxy=two/haproxy.cfg keepalived=two/keepalived.conf",
		"p1 10.9.0.11", "p2 10.9.0.12", "users 10.9.0.100:3128"),
	Entry("one keepalived.conf for all members", map[string]string{"keepalived.conf": vrrp(""), "squid.conf": squidConf},
		"lb1 eth0:10.9.0.11/24? keepalived=keepalived.conf? squid=squid.conf?", "lb2 eth0:10.9.0.12/24? keepalived=keepalived.conf? squid=squid.conf?", "users 10.9.0.100:3128"),
	Entry("parents, and a proxy that names itself", map[string]string{
		"x.conf": "visible_hostname edge.test\nhttp_port 10.9.0.5:3128\ncache_peer 10.9.0.6 parent 8080 0 name=up\n", "y.conf": "http_port 8080\nhttp_access allow all\n",
	}, "edge 10.9.0.5 squid=x.conf", "up 10.9.0.6 squid=y.conf", "users 10.9.0.5:3128"),
	Entry("a compose file", map[string]string{
		"compose.yaml": "x: &v [\"./s.conf:/etc/squid/squid.conf\"]\nservices:\n  my_proxy:\n    networks: {n: {ipv4_address: 10.9.0.5}}\n    volumes: *v\n" +
			"networks:\n  n: {ipam: {config: [{subnet: 10.9.0.0/24}]}}\n", "s.conf": squidConf,
	}, "my-proxy eth0:10.9.0.5/24 squid=s.conf", "users 10.9.0.5:3128"),
	Entry("a PAC file", map[string]string{"p.pac": "function FindProxyForURL(u, h) { return 'PROXY a.test:3128; PROXY b.test:3128'; }", "a.conf": squidConf},
		"a 10.99.0.11/24? squid=a.conf", "b 10.99.0.12/24?", "users p.pac"),
	Entry("files that nobody runs by themselves", map[string]string{"nginx.conf": "events {}\nstream {\n include conf.d/*.conf;\n}\n", "conf.d/a.conf": "server {\n listen 80;\n proxy_pass 10.9.0.7:80;\n}\n",
		"haproxy.cfg.bak": twoServers}, "nginx-1 10.9.0.7", "web1 10.9.0.11/24? nginx=nginx.conf?"),
)

var _ = Describe("what no file says", func() {
	It("is a gap with a default and a flag", func() {
		found := find(map[string]string{"haproxy.cfg": twoServers}, deployment.Hints{})
		var flags []string
		for _, g := range found.Gaps {
			flags = append(flags, g.Flag+" | "+g.Default)
		}
		Expect(flags).To(ConsistOf("--run p1=FILE | a server that answers", "--run p2=FILE | a server that answers",
			"--node NAME=ADDRESS or --run NAME=haproxy.cfg | lb1", "--node lb1=10.9.0.13 | 10.9.0.13"))
	})

	It("is taken from flags", func() {
		hints, err := deployment.ParseHints([]string{"front=10.9.0.1"}, []string{"p1=squid.conf"}, []string{"10.9.0.1:3128"}, "")
		Expect(err).NotTo(HaveOccurred())
		found := find(map[string]string{"haproxy.cfg": twoServers, "squid.conf": squidConf}, hints)
		Expect(outline(found.Deployment)).To(Equal([]string{"front 10.9.0.1 haproxy=haproxy.cfg", "p1 10.9.0.11 squid=squid.conf", "p2 10.9.0.12", "users 10.9.0.1:3128"}))
	})

	DescribeTable("is refused if the flag is wrong", func(nodes, runs, users []string, browser string) {
		_, err := deployment.ParseHints(nodes, runs, users, browser)
		Expect(reason.Codes(err)).To(Equal([]string{"flag-value"}))
	},
		Entry("a node", []string{"lb1=10.9"}, nil, nil, ""),
		Entry("a name", []string{"LB 1=10.9.0.1"}, nil, nil, ""),
		Entry("a run", nil, []string{"squid.conf"}, nil, ""),
		Entry("users", nil, nil, []string{"here"}, ""),
		Entry("a browser", nil, nil, nil, "lynx"),
	)
})

var _ = DescribeTable("Find refuses", func(files map[string]string, paths []string, code string) {
	write(files)
	_, err := deployment.Find(paths, deployment.Hints{})
	Expect(reason.Codes(err)).To(ContainElement(code))
},
	Entry("a path that is not there", nil, []string{"nowhere"}, "unknown-file"),
	Entry("a directory without configuration", map[string]string{"README": "hello"}, []string{"."}, "no-configuration"),
	Entry("two compose files", map[string]string{"a.yml": "services: {a: {}}", "b.yml": "services: {b: {}}"}, []string{"."}, "two-compose-files"),
	Entry("a broken compose file", map[string]string{"a.yml": "services:\n a: [\n"}, []string{"."}, "compose-file"),
	Entry("a broken PAC file", map[string]string{"a.pac": "function FindProxyForURL( {"}, []string{"."}, "pac-error"),
)

var _ = Describe("a deployment file", func() {
	It("is read back as it was written", func() {
		found := find(map[string]string{"a/haproxy.cfg": twoServers, "a/squid.conf": squidConf, "a/p.pac": "function FindProxyForURL(u, h) { return 'PROXY p1:3128'; }"}, deployment.Hints{})
		Expect(os.Mkdir("out", 0o755)).To(Succeed())
		text := found.YAML("out")
		d, err := deployment.Read("out/d.yaml", text)
		Expect(err).NotTo(HaveOccurred(), string(text))
		Expect(outline(*d)).To(Equal(outline(found.Deployment)))
		_, err = deployment.Load(d)
		Expect(err).NotTo(HaveOccurred())
	})

	DescribeTable("is refused with all its problems", func(text string, want ...string) {
		_, err := deployment.Read("d.yaml", []byte(text))
		for _, one := range want {
			Expect(err).To(MatchError(ContainSubstring(one)))
		}
	},
		Entry("no nodes", "deployment: a\n", `d.yaml:1:1: key "nodes" is missing`),
		Entry("an engine", "deployment: a\nnodes: {a: {runs: {apache: x}}}\n", `d.yaml:2:20: unknown key "apache"`),
		Entry("addresses", "deployment: a\nnodes: {a: {address: here}, b: {address: 10.0.0.1}, c: {address: 10.0.0.1}}\n", `d.yaml:2:22: want an address`, `d.yaml:2:66: 10.0.0.1 is also the address of b`),
		Entry("an entry", "deployment: a\nnodes: {a: {}}\nusers: [{}, {enter: x}]\n", "d.yaml:3:9: want one of enter", "d.yaml:3:21: want an address and port"),
		Entry("a service without a compose file", "deployment: a\nnodes: {a: {service: b}}\n", `d.yaml:2:22: service "b"`),
	)

	It("names a configuration that is not there", func() {
		write(map[string]string{"d.yaml": "deployment: a\nnodes:\n  a:\n    runs: {squid: s.conf}\n"})
		found, err := deployment.Open([]string{"d.yaml"}, deployment.Hints{})
		Expect(err).NotTo(HaveOccurred())
		_, err = deployment.Load(&found.Deployment)
		Expect(err).To(MatchError(ContainSubstring("d.yaml:4:19: the configuration file s.conf")))
		Expect(reason.Codes(err)).To(ContainElement("missing-config"))
	})

	It("has a schema", func() {
		Expect(deployment.Schema()).To(HaveKeyWithValue("required", ConsistOf("deployment", "nodes")))
	})
})

var _ = Describe("the inventory", func() {
	It("names missing files, programs of scripts, and virtual addresses with their members", func() {
		script := "vrrp_script s {\n script \"/usr/bin/killall -0 haproxy\"\n}\n"
		found := find(map[string]string{
			"haproxy.cfg": twoServers + " errorfile 503 /etc/own/503.http\n", "squid.conf": squidConf,
			"keepalived-one.conf": script + vrrp(" priority 120\n notify /etc/n.sh\n"), "keepalived-two.conf": script + vrrp(""), "n.sh": "#!/bin/sh\ncurl -s http://x\n",
		}, deployment.Hints{})
		sys, err := deployment.Load(&found.Deployment)
		Expect(err).NotTo(HaveOccurred())
		v := sys.Inventory(found)
		Expect(v.Missing).To(HaveLen(1))
		Expect(v.Missing[0].Path).To(Equal("/etc/own/503.http"))
		Expect(v.Virtual).To(HaveLen(1))
		Expect(v.Virtual[0].Address).To(Equal(netip.MustParsePrefix("10.9.0.100/24")))
		Expect(v.Virtual[0].Members).To(Equal([]string{"one (120)", "two (100)"}))
		var programs []string
		for _, p := range v.Programs {
			programs = append(programs, p.Name+" "+p.Package+" "+strings.Join(p.Nodes, ","))
		}
		Expect(programs).To(ConsistOf("killall psmisc one,two", "curl curl one"))
	})
})

func FuzzRead(f *testing.F) {
	f.Add("deployment: a\nnodes:\n  a: {address: 10.0.0.1/24, interface: eth0, runs: {squid: s.conf}}\nusers:\n  - {enter: 10.0.0.1:3128}\n")
	f.Add("deployment: a\nnodes: {a: {interfaces: [{name: e, address: ::1}], files: [{path: /x, file: y}], assumed: [address]}}\nusers: [{pac: p}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := deployment.Read("d.yaml", []byte(text))
		if err != nil {
			return
		}
		again := d.YAML(".")
		if _, err := deployment.Read("d.yaml", again); err != nil {
			t.Fatalf("%v\n%s", err, again)
		}
	})
}

func FuzzFind(f *testing.F) {
	f.Add("haproxy-a.cfg", twoServers, squidConf)
	f.Add("docker-compose.yml", "services: {a: {volumes: [\"./b:/etc/squid/squid.conf\"]}}", squidConf)
	f.Add("keepalived.conf", vrrp("unicast_peer {\n 10.9.0.3\n}\n"), "events {}\nhttp { server { listen 80; location / { proxy_pass http://10.0.0.1:8; } } }")
	f.Fuzz(func(t *testing.T, name, text, other string) {
		dir := t.TempDir()
		base := filepath.Base(filepath.Clean("/" + name))
		if len(base) > 100 || strings.ContainsRune(base, 0) || base == "/" || strings.Contains(text+other, "FindProxy") {
			return
		}
		if os.WriteFile(filepath.Join(dir, base), []byte(text), 0o600) != nil || os.WriteFile(filepath.Join(dir, "b"), []byte(other), 0o600) != nil {
			return
		}
		found, err := deployment.Find([]string{dir}, deployment.Hints{})
		if err != nil {
			return
		}
		if _, err := deployment.Read(filepath.Join(dir, "d.yaml"), found.YAML(dir)); err != nil {
			t.Fatalf("%v\n%s", err, found.YAML(dir))
		}
		if sys, err := deployment.Load(&found.Deployment); err == nil {
			sys.Inventory(found)
		}
	})
}
