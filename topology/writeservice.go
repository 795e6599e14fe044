package topology

import (
	"strconv"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

func (w *writer) service(s Service) {
	w.word("engine", string(s.Engine))
	w.put("port", s.Port)
	if t := s.Timers; t != nil {
		w.put("shutdown_lifetime", yamlfile.Span(t.ShutdownLifetime))
		w.span("connect_timeout", t.ConnectTimeout)
		w.span("forward_timeout", t.ForwardTimeout)
	}
	part(w, "parents", s.Parents, func(p Parents) {
		w.list("nodes", p.Nodes)
		w.span("connect_timeout", p.ConnectTimeout)
		w.number("fail_limit", p.FailLimit)
		w.yes("retry_on_error", p.RetryOnError)
	})
	part(w, "balance", s.Balance, w.balance)
	part(w, "dns", s.DNS, w.responder)
	part(w, "cache", s.Cache, w.cache)
}

func (w *writer) balance(b Balance) {
	w.word("algorithm", b.Algorithm)
	w.list("servers", b.Servers)
	w.list("backup", b.Backup)
	if b.Check != (Check{}) {
		w.in("check", func() { w.check(b.Check) })
	}
	part(w, "passive", b.Passive, func(p Passive) {
		w.number("max_fails", p.MaxFails)
		w.span("fail_timeout", p.FailTimeout)
	})
	w.span("connect_timeout", b.ConnectTimeout)
	w.put("retries", b.Retries)
	w.put("redispatch", b.redispatch())
	w.span("client_timeout", b.ClientTimeout)
	w.span("server_timeout", b.ServerTimeout)
	w.span("proxy_timeout", b.ProxyTimeout)
	if b.ShutdownSessions {
		w.word("on_marked_down", shutSessions)
	}
	if b.ShutdownBackups {
		w.word("on_marked_up", shutBackup)
	}
}

func (w *writer) responder(r Responder) {
	w.word("name", r.Name)
	w.list("records", r.Records)
	w.put("port", r.Port)
	w.span("ttl", r.TTL)
	w.in("check", func() { w.check(r.Check) })
}

func (w *writer) cache(c Cache) {
	size := func(key string, bytes int) {
		if bytes != 0 {
			w.put(key, strconv.Itoa(bytes)+"B")
		}
	}
	size("memory", c.Memory)
	size("disk", c.Disk)
	w.word("store", c.Store)
	w.list("siblings", c.Siblings)
	w.word("protocol", c.Protocol)
}
