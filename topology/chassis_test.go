package topology_test

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology"
)

// warm is a design with a cooling zone and one described chassis; each case breaks one place.
const warm = `topology: warm
nodes:
  proxy-a:
    services: {squid: {engine: squid, port: 3128}}
    chassis:
      fans: 4
      zone: room-1
      sensors:
        inlet: {normal: 20.5, warning: 45, critical: 60, shutdown: 80, rise: 10, fall: 5}
  proxy-b: {services: {squid: {engine: squid, port: 3128}}}
addresses:
  proxy: {vrrp: {version: 2, router_id: 1, advert: 1s, preempt: true, members: {proxy-a: 150, proxy-b: 100}}}
cooling: [room-1]
signals: drain
wan: {isp: {}}
origins: {web: {}}
users: {office: {count: 1, proxy: "proxy:3128"}}
`

var _ = Describe("a chassis", func() {
	It("takes the values of the file and the defaults", func() {
		t, err := topology.Read("f", []byte(warm))
		Expect(err).NotTo(HaveOccurred())
		Expect(t.Nodes[0].Hardware()).To(Equal(topology.Chassis{
			PSUs: []topology.PSU{{Name: "psu-1"}}, Needed: 1, Fans: 4, Zone: "room-1",
			Sensors: []topology.Sensor{{Name: "inlet", Normal: 20.5, Warning: 45, Critical: 60, Shutdown: 80, Rise: 10, Fall: 5}},
		}))
		Expect(t.Nodes[1].Hardware()).To(Equal(topology.DefaultChassis()))
		Expect(t.Cooled("room-1")).To(Equal([]string{"proxy-a"}))
		Expect(t.ReactsToSignals()).To(BeTrue())
		Expect(t.Nodes[0].Hardware().Sensors[0].Reaches(45, 0)).To(Equal(2450 * time.Millisecond))
	})

	It("shuts down 10 deg C above critical by default", func() {
		t, err := topology.Read("f", []byte(strings.Replace(warm, "shutdown: 80, ", "", 1)))
		Expect(err).NotTo(HaveOccurred())
		Expect(t.Nodes[0].Hardware().Sensors[0].Shutdown).To(Equal(70.0))
	})

	It("can be read with another policy of signals", func() {
		t, err := topology.Load("active-passive")
		Expect(err).NotTo(HaveOccurred())
		drained, err := t.WithSignals("drain")
		Expect(err).NotTo(HaveOccurred())
		Expect(drained.Name).To(Equal("active-passive@drain"))
		Expect([]bool{t.ReactsToSignals(), drained.ReactsToSignals()}).To(Equal([]bool{false, true}))
		_, err = t.WithSignals("drian")
		Expect(reason.Codes(err)).To(HaveExactElements("unknown-value"))
		Expect(err).To(MatchError(HaveSuffix(`(did you mean "drain"?); valid: ignore, drain, leave`)))
	})

	DescribeTable("is refused if invalid", func(old, changed string, want ...string) {
		Expect(warm).To(ContainSubstring(old))
		_, err := topology.Read("f", []byte(strings.Replace(warm, old, changed, 1)))
		expectProblems(err, want...)
	},
		Entry("no sensor for the policy", "{normal: 20.5, warning: 45, critical: 60, shutdown: 80, rise: 10, fall: 5}", "{}",
			`9:16 missing-key key "warning"`, `9:16 missing-key key "critical"`, `9:16 missing-key key "rise"`),
		Entry("an empty list of sensors", "\n        inlet: {normal: 20.5, warning: 45, critical: 60, shutdown: 80, rise: 10, fall: 5}", " {}",
			"8:16 too-few got 0"),
		Entry("critical below warning", "critical: 60", "critical: 40", "9:54 sensor-order sensor inlet: critical 40 is not above warning 45"),
		Entry("shutdown at critical", "shutdown: 80", "shutdown: 60", "9:68 sensor-order sensor inlet: shutdown 60 is not above critical 60"),
		Entry("no rise", "rise: 10", "rise: 0", "9:78 wrong-value from 0.01 to 1000"),
		Entry("a unit", "warning: 45", "warning: 45C", "9:40 wrong-value from -50 to 200"),
		Entry("no fan", "fans: 4", "fans: 0", "6:13 wrong-value from 1 to 64"),
		Entry("an unknown zone", "zone: room-1", "zone: room-2", `7:13 unknown-name (did you mean "room-1"?); valid: room-1`, "13:11 unused-name"),
		Entry("a zone without a list of zones", "cooling: [room-1]\n", "", "7:13 unknown-name"),
		Entry("a zone with the name of a node", "[room-1]", "[room-1, proxy-a]",
			`13:19 name-taken cooling zone "proxy-a" has the name of the node at line 3`),
		Entry("an unknown policy", "signals: drain", "signals: drian", `14:10 unknown-value (did you mean "drain"?); valid: ignore, drain, leave`),
		Entry("more PSUs needed than installed", "fans: 4", "fans: 4\n      psus: {psu-1: feed-a}\n      needed: 2",
			"7:21 no-power", "8:15 wrong-value from 1 to 1"),
		Entry("a service at the chassis's port", "port: 3128", "port: 8405",
			"4:45 port-taken port 8405 is reserved for the Redfish service of the node",
			"17:35 no-listener node proxy-a listens at port 3128; its services: squid (8405)"),
	)
})

var _ = Describe("a design with another policy", func() {
	It("is named on the command line", func() {
		t, err := topology.Load("active-passive@leave")
		Expect(err).NotTo(HaveOccurred())
		Expect(t.Name).To(Equal("active-passive@leave"))
		Expect(t.Signals).To(Equal(topology.Leave))
		_, err = topology.Load("active-passive@never")
		Expect(reason.Codes(err)).To(HaveExactElements("unknown-value"))
		_, err = topology.Load("active-pasive@drain")
		Expect(reason.Codes(err)).To(HaveExactElements("unknown-topology"))
	})
})
