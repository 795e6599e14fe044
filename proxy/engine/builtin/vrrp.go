package builtin

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
)

// vrrp runs the election for a node's addresses.
func vrrp(t engine.Task) (proxy.Process, error) {
	config := proxy.VRRPConfig{Node: t.Node, Own: t.Own.String(), Shared: t.Shared, Token: t.Token, Instances: t.Instances}
	if !config.Shared {
		config.Interface = engine.Interface
	}
	return program(t.Service.Name, "vrrp", t.Dir, config)
}
