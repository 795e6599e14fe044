package configure

import (
	"syscall"

	"github.com/seed-ab8b6914/spof/proxy"
)

// reloads are the engines that can reload. Seen with the engines of Debian 12: HAProxy 2.6 and nginx 1.22 keep the old
// configuration and go on serving; keepalived 2.2 passes over a word that it
// does not know, but ends when an instance is left open.
var reloads = map[string]proxy.Reload{
	"keepalived": {
		Signal: int(syscall.SIGHUP), Spoil: "vrrp_instance open {\n",
		Begun:    `: Reloading`,
		Accepted: `: Reload complete$`, Refused: ` missing '\}'s or extra | exited with permanent error CONFIG`,
	},
}

// reloading gives how an engine reloads; nil: it cannot.
func reloading(engine string) *proxy.Reload {
	r, ok := reloads[engine]
	if !ok {
		return nil
	}
	return &r
}
