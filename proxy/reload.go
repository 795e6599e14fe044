package proxy

import "syscall"

// Reload is how a running engine is told to read its configuration again, as an administrator's `systemctl reload` does:
// by a signal to its first process. What it answers is found among the lines that it writes.
type Reload struct {
	Signal   int    `json:"signal"`
	Begun    string `json:"begun"`    // regular expression of the line by which it says that it takes the reload up
	Accepted string `json:"accepted"` // of the one that ends a reload that worked
	Refused  string `json:"refused"`  // and of the one by which a configuration is refused
	// Spoil is text that makes a configuration wrong when it stands at its end.
	Spoil string `json:"spoil"`
}

// reloads are the engines that can reload. Seen with the engines of Debian 12: HAProxy 2.6 and nginx 1.22 keep the old
// configuration and go on serving; Squid 5.7 closes its port and dies of a fatal error when it is signalled (its own
// `squid -k reconfigure` looks at the file first, and then does not signal); keepalived 2.2 passes over a word that it
// does not know, but ends when an instance is left open.
var reloads = map[string]Reload{
	"haproxy": {
		Signal: int(syscall.SIGUSR2), Spoil: "    no such word\n",
		Begun:    `^\[NOTICE\].*: Reloading HAProxy$`,
		Accepted: `^\[NOTICE\].*: Loading success\.$`, Refused: `^\[WARNING\].*: Loading failure!$`,
	},
	"nginx": {
		Signal: int(syscall.SIGHUP), Spoil: "no such word;\n",
		Begun:    ` \[notice\] .*[:,] reconfiguring$`,
		Accepted: ` \[notice\] .*: start worker process \d+$`, Refused: ` \[emerg\] `,
	},
	"squid": {
		Signal: int(syscall.SIGHUP), Spoil: "http_port no-such-port\n",
		Begun:    `\| Reconfiguring Squid Cache `,
		Accepted: `\| Accepting HTTP Socket connections `, Refused: `\| FATAL: `,
	},
	"keepalived": {
		Signal: int(syscall.SIGHUP), Spoil: "vrrp_instance open {\n",
		Begun:    `: Reloading`,
		Accepted: `: Reload complete$`, Refused: ` missing '\}'s or extra | exited with permanent error CONFIG`,
	},
}

// reloading gives how an engine reloads; nil: it cannot.
func reloading(engine string) *Reload {
	r, ok := reloads[engine]
	if !ok {
		return nil
	}
	return &r
}
