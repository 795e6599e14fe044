package docker

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/deployment/design"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/topology"
)

const (
	ownBalancer = "defaults\n mode tcp\n timeout connect 1s\n timeout client 9s\n timeout server 9s\nlisten all\n bind *:3128\n server p1 p1.hall.test:3128 check\n"
	ownCache    = "http_port 3128\nvisible_hostname p1\nhttp_access allow all\n"
	// ownHolder has no unicast peers: its adverts are multicast, which passes in the virtual networks.
	ownHolder = "vrrp_instance V {\n interface ens3\n virtual_router_id 7\n priority PRIO\n advert_int 1\n mcast_src_ip OWN\n virtual_ipaddress {\n  10.9.0.100/24\n }\n}\n"
)

// ownFiles writes the files of a team, and makes their design.
func ownFiles(balancer string) *topology.Topology {
	GinkgoHelper()
	dir := GinkgoT().TempDir()
	for name, text := range map[string]string{
		"haproxy.cfg": balancer, "squid.conf": ownCache,
		"keepalived-a.conf": strings.NewReplacer("PRIO", "100", "OWN", "10.9.0.21").Replace(ownHolder),
		"keepalived-b.conf": strings.NewReplacer("PRIO", "90", "OWN", "10.9.0.22").Replace(ownHolder),
	} {
		Expect(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)).To(Succeed())
	}
	hints, err := deployment.ParseHints([]string{"a=10.9.0.21/24", "b=10.9.0.22/24", "p1=10.9.0.11/24"}, []string{"a=haproxy.cfg", "b=haproxy.cfg", "p1=squid.conf"}, nil, "")
	Expect(err).NotTo(HaveOccurred())
	found, err := deployment.Open([]string{dir}, hints)
	Expect(err).NotTo(HaveOccurred())
	sys, err := deployment.Load(&found.Deployment)
	Expect(err).NotTo(HaveOccurred())
	t, err := design.Make(sys, design.Options{Users: 3})
	Expect(err).NotTo(HaveOccurred())
	for i := range t.Deployed.Placements {
		if p := &t.Deployed.Placements[i]; p.Node == "p1" {
			p.Names = append(p.Names, "p1.hall.test")
		}
	}
	return t
}

var _ = Describe("a lab of a team's own files", Label("docker"), func() {
	It("runs their bytes at their addresses, and resolves their names", func(ctx SpecContext) {
		r, t := onEngine(Options{}), ownFiles(ownBalancer)
		l, err := r.Deploy(ctx, *t, say)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(l.Close)
		h := &heard{states: map[string]string{}}
		_, err = sim.StartServices(ctx, l, *t, h, time.Now())
		Expect(err).NotTo(HaveOccurred())
		Eventually(ctx, h.now).Should(Equal("MASTER BACKUP"), "by multicast")
		sum := sha256.Sum256([]byte(ownBalancer))
		Expect(on(ctx, r, l, "b", "sha256sum /etc/haproxy/haproxy.cfg")).To(HavePrefix(hex.EncodeToString(sum[:])))
		Expect(on(ctx, r, l, "a", "ip -4 -br a show ens3")).To(And(ContainSubstring("10.9.0.21/24"), ContainSubstring("10.9.0.100/24")))
		Expect(on(ctx, r, l, "b", "getent hosts p1.hall.test any.example | tr -s ' '")).To(MatchRegexp(`^10\.9\.0\.11 p1\.hall\.test\s+10\.9\.0\.\d+ any\.example\s*$`))
		Eventually(ctx, func() string {
			return on(ctx, r, l, "p1", "curl -s -m 2 -o /dev/null -w %{http_code} -x 10.9.0.100:3128 http://origin.test/o/10/x")
		}).Should(Equal("200"), "through the virtual address, HAProxy and Squid")
	})

	It("says in the engine's own words what it refuses", func(ctx SpecContext) {
		r, t := onEngine(Options{}), ownFiles(ownBalancer)
		for i, p := range t.Deployed.Placements {
			for k := range p.Made {
				if strings.HasSuffix(p.Made[k].Path, "haproxy.cfg") {
					t.Deployed.Placements[i].Made[k].Content = []byte(ownBalancer + " no such word\n")
				}
			}
		}
		l, err := r.Deploy(ctx, *t, say)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(l.Close)
		_, err = sim.StartServices(ctx, l, *t, &heard{states: map[string]string{}}, time.Now())
		Expect(err).To(MatchError(And(ContainSubstring("the engine refuses its configuration"), ContainSubstring("haproxy.cfg:9"))))
	})
})
