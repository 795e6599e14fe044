package predict

import (
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/scenarios"
)

// predictPassive predicts for one server of a balancer with passive checks. The balancer marks it down after max_fails failed
// connections, each of which fails at once or after the connect timeout. The load decides how soon so many connections reach it. The
// interval bounds only the balancer's decision: see Prediction.EventOnly.
func (d Predictor) predictPassive(failure policy.Failure) *Prediction {
	b := d.Balance
	if failure == policy.Frozen {
		return never("passive checks count failed connections, and a connection to a frozen process succeeds")
	}
	var fail time.Duration
	if failure == policy.Blackholed {
		fail = b.ConnectTimeout
	}
	meet := d.connections(b.Passive.MaxFails*len(d.Servers), d.load.NewShare)
	if b.Algorithm != string(policy.RoundRobin) || meet > b.Passive.FailTimeout {
		return open("the load and the algorithm (%s) decide when enough new connections reach the dead server", b.Algorithm)
	}
	bounds := policy.Bounds{Lo: fail, Hi: fail + meet}
	return &Prediction{
		Lo: bounds.Lo, Hi: bounds.Hi, Event: string(proxy.EventServerDown), EventOnly: true,
		Text: fmt.Sprintf("passive checks: max_fails x T_fail in parallel, T_fail %s (%s), once %d x %d new connections have come in turn, within %s at %g/s x %g%%: %s. "+
			"This bounds the decision, not the outage: until then each new connection waits T_fail and goes to another server; a kept one may hang for longer",
			fail, failure, b.Passive.MaxFails, len(d.Servers), round(meet), d.load.Rate, scenarios.Percent(d.load.NewShare), interval(bounds)),
	}
}

// connections is the time in which n requests come of a kind that is the share p of all: see policy.Encounters. Dead kept connections only
// shorten it.
func (d Predictor) connections(n int, p float64) time.Duration {
	return policy.Encounters(n, p, d.load.Rate)
}
