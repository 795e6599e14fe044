package builtin

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
)

// responder runs a DNS server.
func responder(t engine.Task) (proxy.Process, error) {
	d := t.Service.DNS
	config := proxy.DNSConfig{
		Node: t.Node, Listen: t.Listen, Control: t.Control, Host: d.Host(), TTL: uint32(d.TTL.Seconds()), Records: t.Records, Check: d.Check,
	}
	p, err := program(t.Service.Name, "dns", t.Dir, config)
	p.Listen, p.Ready = []string{t.Listen}, t.Ready
	p.Responder = &proxy.ResponderFace{Control: t.Control, Server: t.Ready, Host: config.Host}
	return p, err
}
