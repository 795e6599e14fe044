package topology

import (
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// nginxTimeout is nginx's own proxy_timeout (ngx_stream_proxy_module).
const nginxTimeout = 10 * time.Minute

// passively reads how nginx judges and tries its servers, with nginx's defaults. Its retry always goes to another server,
// and it tries each once: without a limit on the tries there are as many retries as other servers.
func (b *Balance) passively(o yamlfile.Object) {
	if check := o.Get("check"); check.Present() {
		check.Problemf("nginx has no active checks (those are of its commercial edition); leave check out and say passive: {max_fails, fail_timeout}")
	}
	for _, key := range activeKeys {
		if v := o.Get(key); v.Present() {
			v.Problemf("%s is HAProxy's; nginx has proxy_timeout, and closes no connection of a server that it sets aside", key)
		}
	}
	b.Redispatch = o.Get("redispatch").Bool(true)
	retries, others := o.Get("retries"), 0
	if b.Redispatch {
		others = max(0, len(b.All())-1)
	}
	b.Retries = retries.Int(others, 0, 10)
	if b.Retries > 0 && !b.Redispatch {
		retries.Problemf("nginx tries again on another server only; leave redispatch: false out, or say retries: 0")
	}
	b.ProxyTimeout = o.Get("proxy_timeout").Duration(nginxTimeout, time.Millisecond, 24*time.Hour)
	if backup := o.Get("backup"); backup.Present() && b.Algorithm == "source" {
		backup.Problemf("nginx has no backup with a hash; use algorithm: roundrobin or leastconn, or leave backup out")
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
