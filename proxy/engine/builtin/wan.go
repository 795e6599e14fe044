package builtin

import "github.com/seed-ab8b6914/spof/proxy"

// WAN runs a gateway: Toxiproxy between the LAN and the origins. ready is an address at which it forwards when it is ready.
func WAN(dir, ready string, config proxy.WANConfig) (proxy.Process, error) {
	p, err := program(proxy.ServiceWAN, "wan", dir, config)
	p.Service, p.Engine = proxy.ServiceWAN, "toxiproxy"
	p.Ready, p.Control = ready, config.API
	return p, err
}

// Origin runs a web server behind the WAN.
func Origin(dir string, config proxy.OriginConfig) (proxy.Process, error) {
	p, err := program(proxy.ServiceOrigin, "origin", dir, config)
	p.Service, p.Engine = proxy.ServiceOrigin, Engine.Name
	p.Listen, p.Ready = []string{config.Listen, config.ListenTLS}, config.Listen
	p.Refusing, p.Pace = config.Refusing, config.Pace
	return p, err
}

// Names runs the DNS server of a lab of a team's files. ready is an address at which it listens.
func Names(dir, ready string, config proxy.NamesConfig) (proxy.Process, error) {
	p, err := program(proxy.ServiceNames, "names", dir, config)
	p.Service, p.Engine = proxy.ServiceNames, Engine.Name
	p.Listen, p.Ready = []string{config.Listen}, ready
	return p, err
}
