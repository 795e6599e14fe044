package policy

import (
	"errors"
	"fmt"
	"time"
)

// Cadence is the rule for the start of the next check.
type Cadence uint8

// The cadences.
const (
	AfterEnd  Cadence = iota // HAProxy: the interval starts when the check ends
	FixedRate                // keepalived's scripts: checks start at multiples of the interval; one that would overlap is skipped
)

// CheckConfig is the configuration of a health check.
type CheckConfig struct {
	Interval time.Duration // > 0
	Fall     int           // failures in a row that take a service down, >= 1
	Rise     int           // successes in a row that take it up, >= 1
	Cadence  Cadence
}

// Validate reports everything that is wrong with the configuration.
func (c CheckConfig) Validate() error {
	var errs []error
	if c.Interval <= 0 {
		errs = append(errs, fmt.Errorf("check: interval %v: want more than 0", c.Interval))
	}
	if c.Fall < 1 {
		errs = append(errs, fmt.Errorf("check: fall %d: want at least 1", c.Fall))
	}
	if c.Rise < 1 {
		errs = append(errs, fmt.Errorf("check: rise %d: want at least 1", c.Rise))
	}
	return errors.Join(errs...)
}

// Health is the state of one service by its checks, counted as HAProxy counts. Its counter runs from 0 to Rise+Fall-1, and the
// service is up from Rise on. A success while up sets the counter to the maximum, and a failure while down sets it to 0. A new
// service is up with the counter at Rise, so the first failure takes it down.
type Health struct {
	cfg    CheckConfig
	health int
	next   int64
}

// NewHealth returns the state of a service whose first check is due at first. It fails if Validate refuses the configuration.
func NewHealth(cfg CheckConfig, first int64) (*Health, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Health{cfg: cfg, health: cfg.Rise, next: first}, nil
}

// Next gives the instant at which the next check starts. A late caller starts it at once.
func (h *Health) Next() int64 { return h.next }

// Up reports whether the service is in service.
func (h *Health) Up() bool { return h.health >= h.cfg.Rise }

// Ended records the result of the check that ended at now, and sets the time of the next check. It reports whether Up changed.
func (h *Health) Ended(now int64, ok bool) (changed bool) {
	h.arm(now)
	was := h.Up()
	switch full := h.cfg.Rise + h.cfg.Fall - 1; {
	case ok && was:
		h.health = full
	case ok:
		if h.health++; h.Up() {
			h.health = full
		}
	case h.health > h.cfg.Rise:
		h.health--
	default:
		h.health = 0
	}
	return h.Up() != was
}

func (h *Health) arm(now int64) {
	interval := int64(h.cfg.Interval)
	if h.cfg.Cadence == AfterEnd {
		h.next = now + interval
		return
	}
	missed := max(0, now-h.next) / interval
	h.next += (missed + 1) * interval
}
