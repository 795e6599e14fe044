package chassis_test

import (
	"math/rand/v2"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy/chassis"
	"github.com/seed-ab8b6914/spof/topology"
)

func second(s float64) int64 { return int64(s * float64(time.Second)) }

// twin is a chassis with two PSUs on two feeds. It needs one of them.
func twin() topology.Chassis {
	return topology.Chassis{
		PSUs: []topology.PSU{{Name: "psu-1", Feed: "feed-a"}, {Name: "psu-2", Feed: "feed-b"}}, Needed: 1, Fans: 4,
		Sensors: []topology.Sensor{{Name: "inlet", Normal: 25, Warning: 35, Critical: 60, Shutdown: 70, Rise: 5, Fall: 10}},
	}
}

func fresh(cfg topology.Chassis) *chassis.Chassis {
	c, err := chassis.New(cfg, 0)
	Expect(err).NotTo(HaveOccurred())
	return c
}

// parts lists changes without their instants.
func parts(changes []chassis.Change) []string {
	var all []string
	for _, c := range changes {
		all = append(all, c.Part+" "+c.Name+" "+string(c.Health))
	}
	return all
}

var _ = Describe("power supplies", func() {
	It("warn while enough of them give power, then turn the chassis off", func() {
		c := fresh(twin())
		out, err := c.FailPSU(1, "psu-2")
		Expect(err).NotTo(HaveOccurred())
		Expect(parts(out)).To(Equal([]string{"psu psu-2 Critical", "chassis  Warning"}))
		Expect(c.Carries()).To(BeTrue())
		Expect(c.On()).To(BeTrue())

		Expect(parts(c.SetInput(2, "feed-a", false))).To(Equal([]string{"psu psu-1 Critical", "power  Critical", "chassis  Critical"}))
		Expect(c.Carries()).To(BeFalse())
		Expect(c.On()).To(BeFalse())
	})

	It("keep the chassis off until PowerOn, which needs enough of them", func() {
		c := fresh(twin())
		c.SetInput(1, "feed-a", false)
		c.SetInput(2, "feed-b", false)
		_, err := c.PowerOn(3)
		Expect(err).To(MatchError("0 of 2 PSUs give power, 1 needed"))
		c.SetInput(4, "feed-b", true)
		Expect(c.On()).To(BeFalse())
		out, err := c.PowerOn(5)
		Expect(err).NotTo(HaveOccurred())
		Expect(parts(out)).To(Equal([]string{"power  OK"}))
		Expect(parts(c.SetInput(6, "feed-a", true))).To(Equal([]string{"psu psu-1 OK", "chassis  OK"}))
	})

	It("ignore other feeds, and a change to the present state", func() {
		c := fresh(twin())
		Expect(c.SetInput(1, "feed-c", false)).To(BeEmpty())
		Expect(c.SetInput(2, "feed-a", true)).To(BeEmpty())
		_, err := c.FailPSU(3, "psu-9")
		Expect(err).To(MatchError(And(ContainSubstring(`"psu-9"`), ContainSubstring("psu-1, psu-2"))))
		alone := fresh(topology.DefaultChassis())
		Expect(alone.SetInput(1, "", false)).To(BeEmpty())
	})

	DescribeTable("refuse an invalid configuration", func(change func(*topology.Chassis), figure string) {
		cfg := twin()
		change(&cfg)
		_, err := chassis.New(cfg, 0)
		Expect(err).To(MatchError(ContainSubstring(figure)))
	},
		Entry("none needed", func(c *topology.Chassis) { c.Needed = 0 }, "0 of 2 PSUs needed"),
		Entry("more needed", func(c *topology.Chassis) { c.Needed = 3 }, "3 of 2 PSUs needed"),
		Entry("thresholds", func(c *topology.Chassis) { c.Sensors[0].Critical = 30 }, "sensor inlet: want normal < warning < critical < shutdown"),
		Entry("no fall", func(c *topology.Chassis) { c.Sensors[0].Fall = 0 }, "sensor inlet: want normal < warning < critical < shutdown"),
	)
})

var _ = Describe("temperatures", func() {
	It("pass every threshold at the model's instant, up to the shutdown", func() {
		c := fresh(twin())
		Expect(parts(c.FailFans(second(1)))).To(Equal([]string{"fans  Critical", "chassis  Warning"}))
		at, ok := c.Deadline()
		Expect(ok).To(BeTrue())
		Expect(at).To(Equal(second(3))) // 10 deg at 5 deg/s

		out := c.Tick(second(20)) // a late call does not change the instants
		Expect(parts(out)).To(Equal([]string{
			"sensor inlet Warning", "sensor inlet Critical", "chassis  Critical", "power  Critical",
			"sensor inlet Warning", "chassis  Warning", "sensor inlet OK"}))
		instants := make([]int64, len(out))
		for i, change := range out {
			instants[i] = change.At
		}
		Expect(instants).To(Equal([]int64{second(3), second(8), second(8), second(10), second(11), second(11), second(13.5)}))
		Expect(out[3].Text).To(Equal("thermal shutdown: inlet at 70.0 deg C"))
		Expect(c.On()).To(BeFalse())
		temperature, _ := c.Temperature("inlet")
		Expect(temperature).To(Equal(25.0))
	})

	It("fall again when the heating ends in time", func() {
		c := fresh(twin())
		c.Heat(0, "zone", 20)
		Expect(parts(c.Cool(second(1), "zone"))).To(Equal([]string{"sensor inlet Warning", "chassis  Warning"}))
		Expect(parts(c.Tick(second(3)))).To(Equal([]string{"sensor inlet OK", "chassis  OK"}))
		_, ok := c.Deadline()
		Expect(ok).To(BeFalse())
	})

	It("rise while any heating reason lasts, at the highest rate", func() {
		c := fresh(twin())
		c.Heat(0, "zone", 2)
		c.FailFans(second(1))
		c.Tick(second(2))
		t, _ := c.Temperature("inlet")
		Expect(t).To(Equal(32.0))
		c.RepairFans(second(2))
		c.Tick(second(3))
		t, _ = c.Temperature("inlet")
		Expect(t).To(Equal(34.0))
	})

	It("prevent PowerOn while they are critical", func() {
		c := fresh(twin())
		c.FailFans(0)
		c.Tick(second(9))
		c.RepairFans(second(9.5))
		_, err := c.PowerOn(second(9.5))
		Expect(err).To(MatchError("sensor inlet is at 65.0 deg C; critical from 60.0"))
		_, err = c.PowerOn(second(10.1))
		Expect(err).NotTo(HaveOccurred())
	})
})

// reference is an independent thermal model: it steps the temperature from one move to the next.
type reference struct {
	sensor      topology.Sensor
	temperature float64
	heat        map[string]float64
	supplies    map[string]*[2]bool // dark, failed
	on          bool
}

func (r *reference) rate() float64 {
	rate := 0.0
	for _, h := range r.heat {
		if h == 0 {
			h = r.sensor.Rise
		}
		rate = max(rate, h)
	}
	if !r.on || rate == 0 {
		return -r.sensor.Fall
	}
	return rate
}

func (r *reference) pass(seconds float64) {
	rate := r.rate()
	if left := (r.sensor.Shutdown - r.temperature) / rate; rate > 0 && left <= seconds {
		r.temperature, r.on = r.sensor.Shutdown, false
		seconds -= left
		rate = r.rate()
	}
	r.temperature = max(r.sensor.Normal, r.temperature+rate*seconds)
}

func (r *reference) giving() (n int) {
	for _, s := range r.supplies {
		if !s[0] && !s[1] {
			n++
		}
	}
	return n
}

var _ = Describe("a chassis under 10,000 random moves", func() {
	It("always agrees with the reference model", func() {
		rng := rand.New(rand.NewPCG(3, 4))
		cfg := twin()
		c := fresh(cfg)
		r := &reference{sensor: cfg.Sensors[0], temperature: 25, heat: map[string]float64{}, on: true,
			supplies: map[string]*[2]bool{"psu-1": {}, "psu-2": {}}}
		now, shutdowns := int64(0), 0
		for range 10_000 {
			step := rng.Int64N(second(2))
			now += step
			was := r.on
			r.pass(float64(step) / 1e9)
			if was && !r.on {
				shutdowns++
			}
			psu := 1 + rng.IntN(2)
			name, feed := []string{"psu-1", "psu-2"}[psu-1], []string{"feed-a", "feed-b"}[psu-1]
			yes := rng.IntN(2) == 0
			var changes []chassis.Change
			switch rng.IntN(9) {
			case 0:
				changes = c.SetInput(now, feed, yes)
				r.supplies[name][0] = !yes
			case 1:
				if yes {
					changes, _ = c.FailPSU(now, name)
				} else {
					changes, _ = c.RepairPSU(now, name)
				}
				r.supplies[name][1] = yes
			case 2:
				changes = c.FailFans(now)
				r.heat["fans"] = 0
			case 3:
				changes = c.RepairFans(now)
				delete(r.heat, "fans")
			case 4:
				rate := float64(rng.IntN(30))
				changes = c.Heat(now, "zone", rate)
				r.heat["zone"] = rate
			case 5:
				changes = c.Cool(now, "zone")
				delete(r.heat, "zone")
			case 6:
				changes = c.PowerOff(now)
				r.on = false
			case 7:
				out, err := c.PowerOn(now)
				changes = out
				Expect(err == nil).To(Equal(r.giving() > 0 && r.temperature < 60), "turned on: %v at %f", err, r.temperature)
				r.on = r.on || err == nil
			default:
				changes = c.Tick(now)
			}
			r.on = r.on && r.giving() > 0
			for i, change := range changes {
				Expect(change.At).To(And(BeNumerically(">=", now-step), BeNumerically("<=", now)))
				Expect(i == 0 || changes[i-1].At <= change.At).To(BeTrue(), "changes come in order")
			}
			temperature, _ := c.Temperature("inlet")
			Expect(temperature).To(BeNumerically("~", r.temperature, 1e-6))
			Expect(c.On()).To(Equal(r.on))
			Expect(c.Carries()).To(Equal(r.giving() > 0))
			if due, ok := c.Deadline(); ok {
				Expect(due).To(BeNumerically(">", now))
			}
			want := chassis.OK
			if r.giving() < 2 || r.temperature >= 35+1e-6 || len(r.heat) > 0 && hasFans(r.heat) {
				want = chassis.Warning
			}
			if r.giving() == 0 || r.temperature >= 60+1e-6 {
				want = chassis.Critical
			}
			Expect(c.Health()).To(Equal(want), "%f deg C", r.temperature)
		}
		Expect(shutdowns).To(BeNumerically(">", 20), "the moves reach the last threshold too")
	})
})

func hasFans(heat map[string]float64) bool { _, ok := heat["fans"]; return ok }
