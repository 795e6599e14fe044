package fault

import "github.com/seed-ab8b6914/spof/proxy"

var hang = Kind{
	Name:    proxy.Hang,
	About:   "the processes of a service are frozen; the kernel still accepts connections, and nothing is answered",
	Roles:   nodeRoles,
	Service: true,
	Keys:    []string{"share"}, read: readShare,
}
