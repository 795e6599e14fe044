package design_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/deployment/design"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology"
)

func TestDesign(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "the design of own files")
}

// files are those of a team, by name.
type files map[string]string

const (
	balancer = `defaults
 mode tcp
 timeout connect 2s
 timeout client 30s
 timeout server 30s
frontend in
 bind 10.9.0.100:3128
 default_backend proxies
backend proxies
 server p1 10.9.0.11:3128 check inter 1s
 server p2 10.9.0.12:3128 check inter 1s backup
frontend pages
 bind *:8080
 mode http
 default_backend sites
backend sites
 mode http
 server s1 10.9.0.31:80
`
	holder = `vrrp_instance HALL_1 {
 interface ens3
 virtual_router_id 7
 priority %PRIO%
 advert_int 1
 unicast_src_ip %OWN%
 unicast_peer {
  %PEER%
 }
 virtual_ipaddress {
  10.9.0.100/24
 }
}
`
	cache = "http_port 3128\ndns_nameservers 10.9.0.53\nhttp_access allow all\n"
)

func keepalived(priority, own, peer string) string {
	return strings.NewReplacer("%PRIO%", priority, "%OWN%", own, "%PEER%", peer).Replace(holder)
}

func office() files {
	return files{
		"haproxy.cfg": balancer, "squid.conf": cache,
		"keepalived-lb1.conf": keepalived("100", "10.9.0.21", "10.9.0.22"), "keepalived-lb2.conf": keepalived("90", "10.9.0.22", "10.9.0.21"),
	}
}

// made writes the files and makes their design.
func (f files) made(o design.Options) (*topology.Topology, error) {
	dir := filepath.Join(GinkgoT().TempDir(), "office")
	Expect(os.Mkdir(dir, 0o755)).To(Succeed())
	for name, text := range f {
		Expect(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)).To(Succeed())
	}
	found, err := deployment.Open([]string{dir}, deployment.Hints{})
	Expect(err).NotTo(HaveOccurred())
	sys, err := deployment.Load(&found.Deployment)
	Expect(err).NotTo(HaveOccurred())
	return design.Make(sys, o)
}

var _ = Describe("the design of own files", func() {
	It("runs the bytes of the files, at the paths of Debian", func() {
		t, err := office().made(design.Options{})
		Expect(err).NotTo(HaveOccurred())
		p, ok := t.Deployed.Placement("lb1")
		Expect(ok).To(BeTrue())
		Expect(p.Runs).To(HaveLen(2))
		contents := map[string]string{}
		for _, f := range p.Made {
			sum := sha256.Sum256(f.Content)
			Expect(f.SHA256).To(Equal(hex.EncodeToString(sum[:])))
			contents[f.Path] = string(f.Content)
		}
		Expect(contents).To(Equal(map[string]string{
			"/etc/haproxy/haproxy.cfg": balancer, "/etc/keepalived/keepalived.conf": keepalived("100", "10.9.0.21", "10.9.0.22"),
		}))
	})

	It("takes on addresses, names of interfaces and networks", func() {
		t, err := office().made(design.Options{})
		Expect(err).NotTo(HaveOccurred())
		p, _ := t.Deployed.Placement("lb2")
		Expect(p.Interfaces).To(Equal([]topology.NetInterface{{Name: "ens3", Network: "net0", Address: netip.MustParsePrefix("10.9.0.22/24")}}))
		Expect(t.Deployed.Networks).To(Equal([]topology.Network{{Name: "net0", Prefix: netip.MustParsePrefix("10.9.0.0/24")}}))
		Expect(t.Deployed.Virtual).To(Equal(map[string]netip.Addr{"hall-1": netip.MustParseAddr("10.9.0.100")}))
		Expect(t.Addresses[0].Members).To(Equal([]topology.Member{{Node: "lb1", Priority: 100}, {Node: "lb2", Priority: 90}}))
	})

	It("knows proxies from web servers, and gives each user an address", func() {
		t, err := office().made(design.Options{Users: 5})
		Expect(err).NotTo(HaveOccurred())
		Expect(t.Users).To(HaveLen(2))
		Expect([]any{t.Users[0].Proxy.Host, t.Deployed.Users[0].Web}).To(Equal([]any{"hall-1", false}))
		Expect([]any{t.Users[1].Proxy.Port, t.Deployed.Users[1].Web}).To(Equal([]any{8080, true}))
		taken := map[netip.Addr]bool{}
		for _, p := range t.Deployed.Placements {
			for _, a := range append([]netip.Addr{p.Interfaces[0].Address.Addr()}, p.Also...) {
				Expect(taken[a]).To(BeFalse(), "%s twice", a)
				taken[a] = true
			}
		}
		users, _ := t.Deployed.Placement("users")
		Expect(users.Also).To(HaveLen(4))
	})

	It("has what the files use and do not bring: DNS servers, web servers, a setting of the kernel", func() {
		t, err := office().made(design.Options{})
		Expect(err).NotTo(HaveOccurred())
		wan, _ := t.Deployed.Placement("wan")
		Expect(wan.Also).To(ConsistOf(netip.MustParseAddr("10.9.0.31"), netip.MustParseAddr("10.9.0.53")))
		lb, _ := t.Deployed.Placement("lb1")
		Expect(lb.Sysctls).To(Equal(map[string]string{"net.ipv4.ip_nonlocal_bind": "1"}))
		var what []string
		for _, s := range t.Deployed.Substituted {
			what = append(what, s.What)
		}
		Expect(strings.Join(what, "\n")).To(And(ContainSubstring("DNS server 10.9.0.53"), ContainSubstring("the kernel's settings"), ContainSubstring("the origins")))
	})

	It("is ready where each engine always listens", func() {
		t, err := office().made(design.Options{})
		Expect(err).NotTo(HaveOccurred())
		lb, _ := t.Deployed.Placement("lb1")
		Expect(lb.Runs[0].Ready).To(Equal("127.0.0.1:8080"), "not at the virtual address")
		Expect(lb.Runs[1].Ready).To(BeEmpty())
		p1, _ := t.Deployed.Placement("p1")
		Expect([]any{p1.Runs[0].Ready, p1.Runs[0].StopsIn.String()}).To(Equal([]any{"127.0.0.1:3128", "33s"}))
	})

	DescribeTable("refuses", func(change func(files), code, text string) {
		f := office()
		change(f)
		_, err := f.made(design.Options{})
		Expect(reason.Text(err)).To(And(ContainSubstring("["+code+"]"), ContainSubstring(text)))
	},
		Entry("files that are named and not there, all at once", func(f files) {
			f["squid.conf"] += "acl sites dstdomain \"/etc/squid/sites.txt\"\n"
			f["haproxy.cfg"] = strings.Replace(balancer, "bind *:8080", "bind *:8080 ssl crt /etc/ssl/site.pem", 1)
		}, "missing-files", "/etc/ssl/site.pem"),
		Entry("a track of processes, which keepalived in a container never sees", func(f files) {
			f["keepalived-lb1.conf"] = "vrrp_track_process lb {\n process haproxy\n}\n" + f["keepalived-lb1.conf"]
		}, "process-events", "keepalived-lb1.conf:1:20"),
	)
})

var _ = Describe("the networks of own files", func() {
	It("are those that the files say; an assumed length does not join them", func() {
		f := office()
		f["keepalived-lb1.conf"] = strings.Replace(f["keepalived-lb1.conf"], "10.9.0.100/24", "10.9.0.100/26", 1)
		f["keepalived-lb2.conf"] = strings.Replace(f["keepalived-lb2.conf"], "10.9.0.100/24", "10.9.0.100/26", 1)
		t, err := f.made(design.Options{Users: 1})
		Expect(err).NotTo(HaveOccurred())
		var said []string
		for _, n := range t.Deployed.Networks {
			said = append(said, n.Prefix.String())
		}
		Expect(said).To(ContainElement("10.9.0.64/26"))
	})
})
