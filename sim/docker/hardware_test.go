package docker

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"time"

	"github.com/moby/moby/client"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/topology"
)

// on runs a shell script in a node's container and gives its output.
func on(ctx context.Context, r *Runtime, l sim.Lab, node, script string) string {
	GinkgoHelper()
	found, err := r.engine.api.ContainerList(ctx, client.ContainerListOptions{Filters: labelled(l.ID()).Add("label", LabelNode+"="+node)})
	Expect(err).NotTo(HaveOccurred())
	Expect(found.Items).To(HaveLen(1))
	made, err := r.engine.api.ExecCreate(ctx, found.Items[0].ID, client.ExecCreateOptions{
		TTY: true, AttachStdout: true, AttachStderr: true, Cmd: []string{"bash", "-c", script}})
	Expect(err).NotTo(HaveOccurred())
	out, err := r.engine.api.ExecAttach(ctx, made.ID, client.ExecAttachOptions{TTY: true})
	Expect(err).NotTo(HaveOccurred())
	defer out.Close()
	text, err := io.ReadAll(out.Reader)
	Expect(err).NotTo(HaveOccurred())
	return string(text)
}

var _ = Describe("faults of hardware, as a peer sees them", Label("docker"), func() {
	It("show in Redfish while the node serves; a dead node is silent", func(ctx SpecContext) {
		r := onEngine(Options{})
		t := pair()
		t.Nodes[0].Chassis = &topology.Chassis{PSUs: []topology.PSU{{Name: "psu-1", Feed: "feed-a"}, {Name: "psu-2", Feed: "feed-b"}}, Needed: 1}
		l, err := r.Deploy(ctx, t, say)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(l.Close)
		h := &heard{states: map[string]string{}}
		_, err = sim.StartServices(ctx, l, t, h, time.Now())
		Expect(err).NotTo(HaveOccurred())
		a := l.Site().LAN["a"]
		ask := func(path string) string {
			return on(ctx, r, l, "b", fmt.Sprintf(
				`timeout 2 bash -c "exec 3<>/dev/tcp/%s/%d; printf 'GET /redfish/v1/Chassis/a%s HTTP/1.0\r\n\r\n' >&3; cat <&3"`, a, topology.ChassisPort, path))
		}
		// peer tells what happens to an established connection within some seconds, and to a new connection after that.
		peer := func(seconds int) string {
			return on(ctx, r, l, "b", fmt.Sprintf(`
				exec 3<>/dev/tcp/%[1]s/3128; echo standing
				read -t %[2]d -u 3; [ $? -gt 128 ] && echo silence || echo closed
				timeout 1 bash -c 'exec 4<>/dev/tcp/%[1]s/3128 && echo connects' 2>&1; echo done`, a, seconds))
		}

		By("one of two power supplies: the peer reads it in Redfish and is served")
		psu := agent.Fault{ID: "f1", Kind: fault.PSUFailure, FaultParams: proxy.FaultParams{PSU: "psu-2"}}
		_, err = l.Node("a").Inject(ctx, psu)
		Expect(err).NotTo(HaveOccurred())
		Expect(ask("/PowerSubsystem/PowerSupplies/psu-2")).To(And(ContainSubstring("200 OK"), ContainSubstring(`"Health":"Critical"`)))
		Expect(ask("/PowerSubsystem/PowerSupplies/psu-1")).To(ContainSubstring(`"Health":"OK"`))
		Expect(ask("")).To(And(ContainSubstring(`"HealthRollup":"Warning"`), ContainSubstring(`"PowerState":"On"`)))
		Expect(peer(1)).To(MatchRegexp(`^standing\s+silence\s+connects\s+done\s+$`), "neither side sends first, and the port is open")
		_, err = l.Node("a").Recover(ctx, psu)
		Expect(err).NotTo(HaveOccurred())
		Expect(ask("")).To(ContainSubstring(`"HealthRollup":"OK"`))

		By("all feeds: the UPS carries, then the node is silent until the mains are back")
		const ups = 2 * time.Second
		mains := agent.Fault{ID: "f3", Kind: fault.MainsOutage}
		for _, c := range []policy.Change{{Supply: policy.UPS, Why: "UPS carries"}, {At: ups, Supply: policy.NoSupply, Why: "UPS empty"},
			{At: time.Hour, Supply: policy.Mains, Why: "mains back"}} {
			for _, psu := range t.Nodes[0].Chassis.PSUs {
				c.Node, c.PSU, c.Feed = "a", psu.Name, psu.Feed
				mains.Power = append(mains.Power, c)
			}
		}
		mains.At = proxy.Monotonic()
		effect, err := l.Node("a").Inject(ctx, mains)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(HavePrefix("psu-1: UPS carries; psu-2: UPS carries; "))
		Expect(peer(int(2*ups/time.Second))).To(MatchRegexp(`^standing\s+silence\s+done\s+$`), "no FIN, no RST, and no new connection")
		Expect(proxy.Monotonic() - mains.At).To(BeNumerically(">", ups.Nanoseconds()))
		_, err = l.Node("a").Recover(ctx, mains)
		Expect(err).NotTo(HaveOccurred())
		Expect(peer(1)).To(MatchRegexp(`^standing\s+silence\s+connects\s+done\s+$`))

		By("its fans: the peer reads the failed fan and the rising temperature, and is served")
		fans := agent.Fault{ID: "f4", Kind: fault.FanFailure}
		_, err = l.Node("a").Inject(ctx, fans)
		Expect(err).NotTo(HaveOccurred())
		Expect(ask("/ThermalSubsystem/Fans/fan-1")).To(And(ContainSubstring("200 OK"), ContainSubstring(`"Health":"Critical"`)))
		celsius := func() (c float64) {
			found := regexp.MustCompile(`"TemperatureReadingsCelsius":\[[^]]*"Reading":([0-9.]+)`).FindStringSubmatch(ask("/ThermalSubsystem/ThermalMetrics"))
			Expect(found).NotTo(BeNil())
			c, err := strconv.ParseFloat(found[1], 64)
			Expect(err).NotTo(HaveOccurred())
			return c
		}
		from := celsius()
		Eventually(ctx, celsius).Should(BeNumerically(">", from+2))
		Expect(peer(1)).To(MatchRegexp(`^standing\s+silence\s+connects\s+done\s+$`))
		_, err = l.Node("a").Recover(ctx, fans)
		Expect(err).NotTo(HaveOccurred())
		Expect(ask("/ThermalSubsystem/Fans/fan-1")).To(ContainSubstring(`"Health":"OK"`))

		By("the cooling of its zone: the peer reads the temperature until the node turns itself off")
		zone := agent.Fault{ID: "f2", Kind: fault.CoolingZoneFailure, FaultParams: proxy.FaultParams{Rise: 10}} // off after 4.5 s
		seen := make(chan string, 1)
		asked := l.Now()
		effect, err = l.Node("a").Inject(ctx, zone)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.At - effect.Uncertainty.Nanoseconds()).To(BeNumerically(">=", asked-l.Uncertainty().Nanoseconds()))
		Expect(effect.At + effect.Uncertainty.Nanoseconds()).To(BeNumerically("<=", l.Now()+l.Uncertainty().Nanoseconds()))
		go func() {
			defer GinkgoRecover()
			defer close(seen)
			seen <- peer(7)
		}()
		Eventually(ctx, func() string { return ask("") }).Should(MatchRegexp(`"HealthRollup":"(Warning|Critical)"`))
		var after string
		Eventually(ctx, seen).Should(Receive(&after))
		Expect(after).To(MatchRegexp(`^standing\s+silence\s+`), "no FIN, no RST")
		Expect(after).NotTo(ContainSubstring("connects"))
		Expect(after).NotTo(ContainSubstring("refused"))
		_, err = l.Node("a").Recover(ctx, zone)
		Expect(err).NotTo(HaveOccurred())
		Expect(ask("")).To(ContainSubstring(`"PowerState":"On"`))
		Expect(h.exits).To(BeEmpty(), "no service ended by itself")
	}, NodeTimeout(2*time.Minute))
})
