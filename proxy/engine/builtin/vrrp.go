package builtin

import "github.com/seed-ab8b6914/spof/proxy"

// VRRP is the process that lets a node hold addresses.
func VRRP(dir string, config proxy.VRRPConfig) (proxy.Process, error) {
	p, err := program(proxy.ServiceKeepalived, "vrrp", dir, config)
	p.Service, p.Engine = proxy.ServiceKeepalived, Engine.Name
	return p, err
}
