package topology

import (
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// nginxTimeout is nginx's own proxy_timeout (ngx_stream_proxy_module).
const nginxTimeout = 10 * time.Minute

// readPassive reads the keys of a balancer with passive checks. The defaults are nginx's. In nginx a retry always goes to
// another server, and each server is tried once, so there are as many retries as other servers.
func (b *Balance) readPassive(o yamlfile.Object, engine Engine) {
	for _, key := range append([]string{"check"}, activeKeys...) {
		engine.need(canCheckActively, key, o.Get(key))
	}
	b.Redispatch = o.Get("redispatch").Bool(true)
	retries, others := o.Get("retries"), 0
	if b.Redispatch {
		others = max(0, len(b.All())-1)
	}
	if b.Retries = others; retries.Present() {
		b.Retries = retries.Int(others, 0, 10)
	}
	if b.Retries > 0 && !b.Redispatch {
		retries.Refuse("engine-cannot", "engine %s retries on another server only; leave redispatch: false out, or use retries: 0", engine)
	}
	b.ProxyTimeout = o.Get("proxy_timeout").Duration(nginxTimeout, time.Millisecond, 24*time.Hour)
	if backup := o.Get("backup"); b.Algorithm == "source" {
		backup.Refuse("engine-cannot", "engine %s has no backup with algorithm: source; use roundrobin or leastconn, or leave backup out", engine)
	}
	p := o.Require("passive")
	if !p.Present() {
		return
	}
	of := p.Object("max_fails", "fail_timeout")
	timeout := of.Require("fail_timeout")
	b.Passive = &Passive{MaxFails: of.Require("max_fails").Int(0, 1, 100), FailTimeout: timeout.Duration(0, time.Second, time.Hour)}
	inSteps(timeout, b.Passive.FailTimeout, time.Second, string(engine))
}
