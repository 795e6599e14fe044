package chassis_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/stmcginnis/gofish"
	"github.com/stmcginnis/gofish/schemas"

	"github.com/seed-ab8b6914/spof/proxy/chassis"
)

// bmc is a chassis with its Redfish service. The spec sets the clock.
type bmc struct {
	mu      sync.Mutex
	c       *chassis.Chassis
	now     int64
	redfish *chassis.Redfish
	url     string
}

// lab is the list of allowed destinations.
var lab = map[string]string{"office": "127.0.0.1", "web": "10.0.1.3"}

const subscriptions = "/redfish/v1/EventService/Subscriptions"

func newBMC() *bmc { return newBMCWith(chassis.Access{Hosts: lab}) }

func newBMCWith(access chassis.Access) *bmc {
	b := &bmc{c: fresh(twin())}
	b.redfish = chassis.NewRedfish("proxy-a", access, func() chassis.View {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.c.View(b.now)
	})
	server := httptest.NewServer(b.redfish)
	DeferCleanup(server.Close)
	DeferCleanup(b.redfish.Close)
	b.url = server.URL
	return b
}

func (b *bmc) do(at int64, move func(*chassis.Chassis) []chassis.Change) {
	b.mu.Lock()
	b.now = at
	changes := move(b.c)
	b.mu.Unlock()
	b.redfish.Tell(changes, time.Unix(1_800_000_000, 0))
}

// ask sends a request and gives the status. An empty password is not sent.
func (b *bmc) ask(method, path, body, password string) int {
	GinkgoHelper()
	q, err := http.NewRequest(method, b.url+path, strings.NewReader(body))
	Expect(err).NotTo(HaveOccurred())
	if password != "" {
		q.SetBasicAuth("anybody", password)
	}
	response, err := http.DefaultClient.Do(q)
	Expect(err).NotTo(HaveOccurred())
	Expect(response.Body.Close()).To(Succeed())
	return response.StatusCode
}

// chassis reads the chassis with the stock client.
func (b *bmc) chassis() *schemas.Chassis {
	GinkgoHelper()
	client, err := gofish.ConnectDefault(b.url)
	Expect(err).NotTo(HaveOccurred())
	all, err := client.Service.Chassis()
	Expect(err).NotTo(HaveOccurred())
	Expect(all).To(HaveLen(1))
	return all[0]
}

// supplies reads the power supplies of the PowerSubsystem.
func (b *bmc) supplies() []*schemas.PowerSupplyUnit {
	GinkgoHelper()
	client, err := gofish.ConnectDefault(b.url)
	Expect(err).NotTo(HaveOccurred())
	all, err := schemas.ListReferencedPowerSupplyUnits(client, "/redfish/v1/Chassis/proxy-a/PowerSubsystem/PowerSupplies")
	Expect(err).NotTo(HaveOccurred())
	slices.SortFunc(all, func(a, b *schemas.PowerSupplyUnit) int { return strings.Compare(a.ID, b.ID) }) // gofish reads them concurrently
	return all
}

var _ = Describe("Redfish, read by gofish", func() {
	It("shows a healthy chassis", func() {
		b := newBMC()
		c := b.chassis()
		Expect(c.ID).To(Equal("proxy-a"))
		Expect(c.PowerState).To(Equal(schemas.OnPowerState))
		Expect(c.Status.Health).To(Equal(schemas.OKHealth))

		power, err := c.PowerSubsystem()
		Expect(err).NotTo(HaveOccurred())
		Expect(power.Status.Health).To(Equal(schemas.OKHealth))
		Expect(power.PowerSupplies()).To(HaveLen(2))
		supplies := b.supplies()
		Expect(supplies[0].ID).To(Equal("psu-1"))
		Expect(supplies[0].LineInputStatus).To(Equal(schemas.NormalLineStatus))
		Expect(supplies[0].Location.PartLocation.ServiceLabel).To(Equal("psu-1 on feed-a"))

		thermal, err := c.ThermalSubsystem()
		Expect(err).NotTo(HaveOccurred())
		fans, err := thermal.Fans()
		Expect(err).NotTo(HaveOccurred())
		Expect(fans).To(HaveLen(4))
		metrics, err := thermal.ThermalMetrics()
		Expect(err).NotTo(HaveOccurred())
		Expect(metrics.TemperatureReadingsCelsius).To(HaveLen(1))
		Expect(*metrics.TemperatureReadingsCelsius[0].Reading).To(Equal(25.0))

		sensors, err := c.Sensors()
		Expect(err).NotTo(HaveOccurred())
		Expect(sensors).To(HaveLen(1))
		Expect(*sensors[0].Reading).To(Equal(25.0))
		Expect(*sensors[0].Thresholds.UpperCaution.Reading).To(Equal(35.0))
		Expect(*sensors[0].Thresholds.UpperCritical.Reading).To(Equal(60.0))
		Expect(*sensors[0].Thresholds.UpperFatal.Reading).To(Equal(70.0))
	})

	It("has the links that the schema of its root requires, and their targets", func() {
		b := newBMC()
		var tree struct {
			Links struct {
				Sessions struct {
					ID string `json:"@odata.id"`
				}
			}
		}
		for at, into := range map[string]any{"/redfish/v1/": &tree, "/redfish/v1/SessionService": &struct{}{}, "/redfish/v1/SessionService/Sessions": &struct{}{}} {
			answer, err := http.Get(b.url + at)
			Expect(err).NotTo(HaveOccurred())
			Expect(answer.StatusCode).To(Equal(http.StatusOK), at)
			Expect(json.NewDecoder(answer.Body).Decode(into)).To(Succeed())
			Expect(answer.Body.Close()).To(Succeed())
		}
		Expect(tree.Links.Sessions.ID).To(Equal("/redfish/v1/SessionService/Sessions"))
	})

	It("shows the health under faults, up to the roll-up, and logs the causes", func() {
		b := newBMC()
		b.do(second(1), func(c *chassis.Chassis) []chassis.Change { return c.SetInput(second(1), "feed-b", false) })
		c := b.chassis()
		Expect(c.Status.Health).To(Equal(schemas.WarningHealth))
		Expect(c.Status.HealthRollup).To(Equal(schemas.WarningHealth))
		power, err := c.PowerSubsystem()
		Expect(err).NotTo(HaveOccurred())
		Expect(power.Status.Health).To(Equal(schemas.WarningHealth))
		supplies := b.supplies()
		Expect(supplies[1].LineInputStatus).To(Equal(schemas.LossOfInputLineStatus))
		Expect(supplies[1].Status.Health).To(Equal(schemas.CriticalHealth))

		b.do(second(2), func(c *chassis.Chassis) []chassis.Change { return c.FailFans(second(2)) })
		b.do(second(9.5), func(c *chassis.Chassis) []chassis.Change { return c.Tick(second(9.5)) })
		c = b.chassis()
		Expect(c.Status.Health).To(Equal(schemas.CriticalHealth))
		sensors, err := c.Sensors()
		Expect(err).NotTo(HaveOccurred())
		Expect(*sensors[0].Reading).To(Equal(62.5))
		Expect(sensors[0].Status.Health).To(Equal(schemas.CriticalHealth))

		b.do(second(11), func(c *chassis.Chassis) []chassis.Change { return c.Tick(second(11)) })
		c = b.chassis()
		Expect(c.PowerState).To(Equal(schemas.OffPowerState))
		logs, err := c.LogServices()
		Expect(err).NotTo(HaveOccurred())
		entries, err := logs[0].Entries()
		Expect(err).NotTo(HaveOccurred())
		var said []string
		for _, e := range entries {
			said = append(said, string(e.Severity)+" "+e.Message)
		}
		Expect(said).To(ContainElements("Critical psu psu-2: no input from feed-b", "Warning sensor inlet: 35.0 deg C",
			"Critical power : thermal shutdown: inlet at 70.0 deg C"))
	})

	It("posts events to a subscriber until the subscription ends", func() {
		b := newBMC()
		got := make(chan schemas.Event, 100)
		sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
			var e schemas.Event
			if json.NewDecoder(q.Body).Decode(&e) == nil {
				got <- e
			}
		}))
		DeferCleanup(sink.Close)
		client, err := gofish.ConnectDefault(b.url)
		Expect(err).NotTo(HaveOccurred())
		service, err := client.Service.EventService()
		Expect(err).NotTo(HaveOccurred())
		uri, err := service.CreateEventSubscriptionInstance(sink.URL, nil, nil, nil, schemas.RedfishEventDestinationProtocol, "mine", "", nil)
		Expect(err).NotTo(HaveOccurred())

		b.do(second(1), func(c *chassis.Chassis) []chassis.Change { return c.FailFans(second(1)) })
		var e schemas.Event
		Eventually(got, "30s").Should(Receive(&e))
		Expect(e.Context).To(Equal("mine"))
		Expect(e.Events).To(HaveLen(1))
		Expect(e.Events[0].Message).To(Equal("fans : 4 fan(s) stopped"))
		Expect(e.Events[0].MessageID).To(Equal("ResourceEvent.1.4.ResourceStatusChangedCritical"))
		origin, err := e.Events[0].OriginOfCondition(client)
		Expect(err).NotTo(HaveOccurred())
		Expect(origin.ODataID).To(Equal("/redfish/v1/Chassis/proxy-a/ThermalSubsystem/Fans"))

		known, err := service.Subscriptions()
		Expect(err).NotTo(HaveOccurred())
		Expect(known).To(HaveLen(1))
		Expect(service.DeleteEventSubscription(uri)).To(Succeed())
		known, err = service.Subscriptions()
		Expect(err).NotTo(HaveOccurred())
		Expect(known).To(BeEmpty())
	})

	It("posts to a name of the design, and follows no redirect", func() {
		b := newBMC()
		var elsewhere atomic.Int64
		other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
		DeferCleanup(other.Close)
		asked := make(chan string, 100)
		sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			asked <- q.Host
			http.Redirect(w, q, other.URL, http.StatusTemporaryRedirect)
		}))
		DeferCleanup(sink.Close)
		_, port, err := net.SplitHostPort(sink.Listener.Addr().String())
		Expect(err).NotTo(HaveOccurred())
		Expect(b.ask("POST", subscriptions, `{"Destination":"http://office:`+port+`/in","Protocol":"Redfish"}`, "")).To(Equal(201))
		b.do(second(1), func(c *chassis.Chassis) []chassis.Change { return c.FailFans(second(1)) })
		b.do(second(9.5), func(c *chassis.Chassis) []chassis.Change { return c.Tick(second(9.5)) })
		for range 2 { // the second event is sent after the answer to the first
			Eventually(asked, "30s").Should(Receive(Equal("office:" + port)))
		}
		Expect(elsewhere.Load()).To(BeZero())
	})

	It("needs no password to read, and the lab's token to subscribe", func() {
		b := newBMCWith(chassis.Access{Hosts: lab, Token: "of this lab"})
		Expect(b.chassis().ID).To(Equal("proxy-a"))
		const stream = "/redfish/v1/EventService/SSE"
		subscription := `{"Destination":"http://127.0.0.1:9/","Protocol":"Redfish"}`
		for _, password := range []string{"", "of another"} {
			Expect(b.ask("GET", subscriptions, "", password)).To(Equal(200))
			Expect(b.ask("GET", stream, "", password)).To(Equal(401))
			Expect(b.ask("POST", subscriptions, subscription, password)).To(Equal(401))
			Expect(b.ask("DELETE", subscriptions+"/1", "", password)).To(Equal(401))
		}
		client, err := gofish.Connect(gofish.ClientConfig{Endpoint: b.url, Username: "anybody", Password: "of this lab", BasicAuth: true})
		Expect(err).NotTo(HaveOccurred())
		service, err := client.Service.EventService()
		Expect(err).NotTo(HaveOccurred())
		uri, err := service.CreateEventSubscriptionInstance("http://127.0.0.1:9/", nil, nil, nil, schemas.RedfishEventDestinationProtocol, "mine", "", nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(service.DeleteEventSubscription(uri)).To(Succeed())
		Expect(b.ask("GET", stream, "", "of this lab")).To(Equal(200))
	})

	It("streams events", func() {
		b := newBMC()
		response, err := http.Get(b.url + "/redfish/v1/EventService/SSE")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(response.Body.Close)
		Expect(response.Header.Get("Content-Type")).To(Equal("text/event-stream"))
		b.do(second(1), func(c *chassis.Chassis) []chassis.Change { return c.FailFans(second(1)) })
		lines := bufio.NewScanner(response.Body)
		Expect(lines.Scan()).To(BeTrue())
		Expect(lines.Text()).To(Equal("id: 1"))
		Expect(lines.Scan()).To(BeTrue())
		Expect(lines.Text()).To(And(HavePrefix("data: {"), ContainSubstring("4 fan(s) stopped")))
	})

	It("streams events for longer than the time-out of requests", func() {
		b := newBMC()
		const within = 100 * time.Millisecond
		server := httptest.NewUnstartedServer(b.redfish)
		server.Config.ReadTimeout, server.Config.WriteTimeout = within, within
		server.Start()
		DeferCleanup(server.Close)
		response, err := http.Get(server.URL + "/redfish/v1/EventService/SSE")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(response.Body.Close)
		lines := bufio.NewScanner(response.Body)
		opened := time.Now()
		for n := 1; time.Since(opened) < 4*within; n++ {
			b.redfish.Tell([]chassis.Change{{Part: chassis.PartFans, Name: "fans", Health: chassis.Critical, Text: "again"}}, time.Unix(1_800_000_000, 0))
			Expect(lines.Scan()).To(BeTrue(), "event %d after %s: %v", n, time.Since(opened), lines.Err())
			Expect(lines.Text()).To(Equal(fmt.Sprintf("id: %d", n)))
			lines.Scan() // the data
			lines.Scan() // the empty line after it
		}
	})

	DescribeTable("refuses", func(method, path, body string, status int, code string, in ...string) {
		q, err := http.NewRequest(method, newBMC().url+path, strings.NewReader(body))
		Expect(err).NotTo(HaveOccurred())
		response, err := http.DefaultClient.Do(q)
		Expect(err).NotTo(HaveOccurred())
		defer response.Body.Close()
		var answer struct {
			Error struct{ Code, Message string }
		}
		Expect(json.NewDecoder(response.Body).Decode(&answer)).To(Succeed())
		Expect(response.StatusCode).To(Equal(status))
		Expect(answer.Error.Code).To(Equal("Base.1.18." + code))
		for _, value := range in {
			Expect(answer.Error.Message).To(ContainSubstring(value))
		}
	},
		Entry("another chassis", "GET", "/redfish/v1/Chassis/proxy-b", "", 404, "ResourceNotFound", "/redfish/v1/Chassis/proxy-b"),
		Entry("a change", "PATCH", "/redfish/v1/Chassis/proxy-a", "{}", 405, "GeneralError", "PATCH", "GET, HEAD"),
		Entry("broken JSON", "POST", subscriptions, "{", 400, "MalformedJSON", "unexpected EOF"),
		Entry("a destination of another scheme", "POST", subscriptions, `{"Destination":"ftp://x","Protocol":"Redfish"}`, 400,
			"PropertyValueFormatError", `"ftp://x"`, "http URL"),
		Entry("a destination outside the lab", "POST", subscriptions, `{"Destination":"http://192.0.2.1/","Protocol":"Redfish"}`, 400,
			"PropertyValueFormatError", `"192.0.2.1" is not in the lab`, "office (127.0.0.1), web (10.0.1.3)"),
		Entry("another name of a host in the lab", "POST", subscriptions, `{"Destination":"http://localhost/","Protocol":"Redfish"}`, 400,
			"PropertyValueFormatError", `"localhost" is not in the lab`, "office (127.0.0.1), web (10.0.1.3)"),
		Entry("an unknown subscription", "DELETE", subscriptions+"/9", "", 404, "ResourceNotFound", subscriptions+"/9"),
	)
})
