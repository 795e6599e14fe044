package fault

import "github.com/seed-ab8b6914/spof/proxy"

var crash = Kind{
	Name:    proxy.Crash,
	About:   "the processes of a service are killed; the host stays up and refuses connections",
	Roles:   nodeRoles,
	Service: true,
	Keys:    []string{"share"}, read: readShare,
}
