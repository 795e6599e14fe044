package policy

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// PassiveConfig is the configuration of a passive check: connections of users judge a server.
type PassiveConfig struct {
	MaxFails    int           // failed connections that take the server out of use, >= 1
	FailTimeout time.Duration // time out of use, and the pause after which a success clears the failures, > 0
}

// Validate reports everything that is wrong with the configuration.
func (c PassiveConfig) Validate() error {
	var errs []error
	if c.MaxFails < 1 {
		errs = append(errs, fmt.Errorf("passive check: max_fails %d: want at least 1", c.MaxFails))
	}
	if c.FailTimeout <= 0 {
		errs = append(errs, fmt.Errorf("passive check: fail_timeout %v: want more than 0", c.FailTimeout))
	}
	return errors.Join(errs...)
}

// Passive is the state of one server by the connections to it, counted as nginx counts (ngx_stream_upstream_round_robin.c).
// After MaxFails failures the server is not used. When FailTimeout has passed, one connection tries it again, and its result
// decides. A success clears earlier failures only after a pause of FailTimeout. nginx counts time in whole seconds, and Passive
// in nanoseconds. A new server is usable.
type Passive struct {
	cfg      PassiveConfig
	fails    int
	accessed int64 // instant of the last failure
	checked  int64 // instant of the last failure or, after a pause, of the last choice
}

// NewPassive returns the state of a server. It fails if Validate refuses the configuration.
func NewPassive(cfg PassiveConfig) (*Passive, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Passive{cfg: cfg}, nil
}

// Usable reports whether the balancer may use the server for a connection at now.
func (p *Passive) Usable(now int64) bool {
	return p.fails < p.cfg.MaxFails || p.rested(now)
}

// Chosen records that the balancer uses the server for a connection. After a pause this connection is the one that tries the
// server.
func (p *Passive) Chosen(now int64) {
	if p.rested(now) {
		p.checked = now
	}
}

func (p *Passive) rested(now int64) bool { return now-p.checked > int64(p.cfg.FailTimeout) }

// Failed records a failed connection. It reports whether the server is out of use now.
func (p *Passive) Failed(now int64) (aside bool) {
	p.fails++
	p.accessed, p.checked = now, now
	return p.fails >= p.cfg.MaxFails
}

// Succeeded records a successful connection.
func (p *Passive) Succeeded() {
	if p.accessed < p.checked {
		p.fails = 0
	}
}

// Encounters is the time in which n requests come of a kind that is the share p of all, except in about one of a thousand cases. rate is
// of all requests, in 1/s. It is the normal approximation of a binomial, m x p - z x sqrt(m x p x (1-p)) = n, solved for m. For a small n it
// is longer than needed. Without such requests it is the longest duration.
func Encounters(n int, p, rate float64) time.Duration {
	const z = 3.3
	if p <= 0 || rate <= 0 {
		return math.MaxInt64
	}
	spread := z * math.Sqrt(p*(1-p))
	root := (spread + math.Sqrt(spread*spread+4*p*float64(n))) / (2 * p)
	return time.Duration(root * root / rate * float64(time.Second))
}
