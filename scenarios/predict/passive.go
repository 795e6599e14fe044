package predict

import (
	"fmt"
	"math"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/scenarios"
)

// predictPassive is for one server of a balancer that judges by its users' connections alone. It is set aside when
// max_fails of them have failed, each at once or after the connect timeout; how soon that many meet it is the load's
// doing. The interval bounds the balancer's decision alone: see Prediction.EventOnly.
func (d Predictor) predictPassive(failure policy.Failure) *Prediction {
	b := d.Balance
	if failure == policy.Frozen {
		return never("passive checks count connections that fail, and one to a frozen process is made")
	}
	var fail time.Duration
	if failure == policy.Blackholed {
		fail = b.ConnectTimeout
	}
	meet := d.connections(b.Passive.MaxFails*len(d.Servers), d.load.NewShare)
	if b.Algorithm != string(policy.RoundRobin) || meet > b.Passive.FailTimeout {
		return open("when enough new connections meet the dead server is a matter of the load and the algorithm (%s)", b.Algorithm)
	}
	bounds := policy.Bounds{Lo: fail, Hi: fail + meet}
	return &Prediction{
		Lo: bounds.Lo, Hi: bounds.Hi, Event: string(proxy.EventServerDown), EventOnly: true,
		Text: fmt.Sprintf("passive checks: max_fails x T_fail side by side, T_fail %s (%s), once %d x %d new connections have come in turn, within %s at %g/s x %g%%: %s. "+
			"This bounds the decision, not the users: each new connection before it waits T_fail and goes on to another server, a kept one may hang after it",
			fail, failure, b.Passive.MaxFails, len(d.Servers), round(meet), d.load.Rate, scenarios.Percent(d.load.NewShare), interval(bounds)),
	}
}

// connections is how long it takes at most, in all but one of some thousand cases, until n requests of a kind have come that
// has a share p of all: the normal approximation of a binomial, m x p - z x sqrt(m x p x (1-p)) = n, solved for m. For a
// small n it is more than enough, and kept connections that die only shorten it. Without such requests it is the longest time there is.
func (d Predictor) connections(n int, p float64) time.Duration {
	const z = 3.3
	if p <= 0 || d.load.Rate <= 0 {
		return math.MaxInt64
	}
	spread := z * math.Sqrt(p*(1-p))
	root := (spread + math.Sqrt(spread*spread+4*p*float64(n))) / (2 * p)
	return time.Duration(root * root / d.load.Rate * float64(time.Second))
}
