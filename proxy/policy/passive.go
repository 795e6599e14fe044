package policy

import (
	"errors"
	"fmt"
	"time"
)

// PassiveConfig is how a server is judged by the connections to it alone, without a check.
type PassiveConfig struct {
	MaxFails    int           // failed connections that set the server aside, >= 1
	FailTimeout time.Duration // for how long, and how long a server must be left alone for a success to clear it, > 0
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

// Passive is the judgement of one server by the connections to it, counted as nginx counts (ngx_stream_upstream_round_robin.c):
// MaxFails failures set it aside; when FailTimeout has passed, one connection tries it again, and decides. Failures before
// that are forgotten only by a success after a pause of FailTimeout. nginx counts time in whole seconds, this in
// nanoseconds. A new server is usable.
type Passive struct {
	cfg      PassiveConfig
	fails    int
	accessed int64 // the last failure
	checked  int64 // the last failure or, after a pause, the last choice
}

// NewPassive returns the judgement of a server. It fails on a configuration that Validate refuses.
func NewPassive(cfg PassiveConfig) (*Passive, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Passive{cfg: cfg}, nil
}

// Usable reports whether a connection may be given to the server at now.
func (p *Passive) Usable(now int64) bool {
	return p.fails < p.cfg.MaxFails || p.rested(now)
}

// Chosen takes in that a connection is given to the server: after a pause it is the one that tries it.
func (p *Passive) Chosen(now int64) {
	if p.rested(now) {
		p.checked = now
	}
}

func (p *Passive) rested(now int64) bool { return now-p.checked > int64(p.cfg.FailTimeout) }

// Failed takes in a connection that could not be made, and reports whether the server is set aside now.
func (p *Passive) Failed(now int64) (aside bool) {
	p.fails++
	p.accessed, p.checked = now, now
	return p.fails >= p.cfg.MaxFails
}

// Succeeded takes in a connection that was made.
func (p *Passive) Succeeded() {
	if p.accessed < p.checked {
		p.fails = 0
	}
}
