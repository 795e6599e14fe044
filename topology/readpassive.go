package topology

import (
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// actively reads how a balancer with checks of its own judges and tries its servers.
func (b *Balance) actively(o yamlfile.Object, engine Engine) {
	b.Check = checkOf(o.Require("check").Object(checkKeys...), CheckTCP, CheckHTTP, CheckOrigin)
	b.Retries = o.Get("retries").Int(3, 0, 10)
	if passive := o.Get("passive"); passive.Present() && engine != "" {
		passive.Problemf("engine %s checks its servers actively; leave passive out, check says how", engine)
	}
}

// passively reads how nginx does. A retry of nginx always goes to another server.
func (b *Balance) passively(o yamlfile.Object) {
	if check := o.Get("check"); check.Present() {
		check.Problemf("nginx has no active checks (those are of its commercial edition); leave check out and say passive: {max_fails, fail_timeout}")
	}
	retries := o.Get("retries")
	b.Retries = retries.Int(map[bool]int{true: 3}[b.Redispatch], 0, 10)
	if b.Retries > 0 && !b.Redispatch {
		retries.Problemf("nginx tries again on another server only; say redispatch: true, or retries: 0")
	}
	p := o.Require("passive")
	if !p.Present() {
		return
	}
	of := p.Object("max_fails", "fail_timeout")
	timeout := of.Require("fail_timeout")
	b.Passive = &Passive{MaxFails: of.Require("max_fails").Int(0, 1, 100), FailTimeout: timeout.Duration(0, time.Second, time.Hour)}
	if b.Passive.FailTimeout%time.Second != 0 {
		timeout.Problemf("nginx counts fail_timeout in whole seconds, got %s", yamlfile.Span(b.Passive.FailTimeout))
	}
}
