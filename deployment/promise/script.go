package promise

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/engine/haproxy"
	"github.com/seed-ab8b6914/spof/proxy/engine/keepalived"
	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// fails lists the tracks of a node that fail if a service of it fails so.
func (st *state) fails(h *deployment.Host, engine string, mode policy.Failure) (names []string) {
	for _, p := range h.Keepalived.Processes {
		if name := p.Process.Value; mode == policy.Refused && (name == engine || strings.HasSuffix(name, "/"+engine)) {
			names = append(names, p.Name.Value)
		}
	}
	for _, s := range h.Keepalived.Scripts {
		if watches(st.command(h, s), h, engine, mode) {
			names = append(names, s.Name.Value)
		}
	}
	return names
}

// command is what a script runs: its command, and the text of the script if that is a file of the node.
func (st *state) command(h *deployment.Host, s keepalived.Script) string {
	words := strings.Fields(s.Command.Value)
	if len(words) == 0 {
		return ""
	}
	return s.Command.Value + "\n" + st.FileText(h, words[0])
}

var (
	alive   = regexp.MustCompile(`\b(killall|pkill|pgrep|pidof|ps|systemctl|service)\b`)
	asks    = regexp.MustCompile(`\b(curl|wget)\b`)
	reaches = regexp.MustCompile(`\b(nc|ncat|curl|wget|socat)\b|/dev/tcp/`)
	port    = regexp.MustCompile(`(?:localhost|127\.0\.0\.1|\[?::1\]?|[0-9]+(?:\.[0-9]+){3})[:/ \t]+([0-9]{2,5})\b`)
)

// watches tells whether a command fails if a service fails so: one that looks for the process of the service does if it is gone; one that
// connects to its port does unless it is frozen; one that asks it does also then.
func watches(command string, h *deployment.Host, engine string, mode policy.Failure) bool {
	if alive.MatchString(command) && regexp.MustCompile(`\b`+regexp.QuoteMeta(engine)+`\b`).MatchString(command) {
		return mode == policy.Refused
	}
	if !reaches.MatchString(command) || mode == policy.Frozen && !asks.MatchString(command) {
		return false
	}
	return slices.ContainsFunc(port.FindAllStringSubmatch(command, -1), func(m []string) bool {
		n, _ := strconv.Atoi(m[1])
		return slices.ContainsFunc(h.Sockets(), func(s deployment.Socket) bool { return s.Port == n && s.Engine == engine })
	})
}

// opaque are the scripts of a node of which it is not known what they watch.
func (st *state) opaque(h *deployment.Host) (all []configtext.Unknown) {
	for _, s := range h.Keepalived.Scripts {
		if command := st.command(h, s); !alive.MatchString(command) && !reaches.MatchString(command) {
			all = append(all, configtext.Unknown{Text: "script " + s.Command.Value, At: s.Command.At, MayChange: true, Why: "what the script checks is not known"})
		}
	}
	return all
}

// AsksThrough gives a server of the HAProxy of a host that a script asks through it, and its section: the script names a port at which
// HAProxy listens, and wants an answer. nil: it asks through none, or nothing checks the servers.
func AsksThrough(s *deployment.System, h *deployment.Host, script keepalived.Script) (*haproxy.Proxy, *haproxy.Server) {
	st := (&predictor{System: s}).state(Fault{})
	command := st.command(h, script)
	if !asks.MatchString(command) {
		return nil, nil
	}
	for _, m := range port.FindAllStringSubmatch(command, -1) {
		n, _ := strconv.Atoi(m[1])
		for _, p := range h.HAProxy.Proxies {
			if !slices.ContainsFunc(p.Binds, func(b haproxy.Bind) bool { return b.Low == n }) {
				continue
			}
			for _, b := range behind(h.HAProxy, p) {
				if len(b.Servers) > 1 && b.Servers[0].Check.Value {
					return b, b.Servers[0]
				}
			}
		}
	}
	return nil, nil
}

// Unwatched is a service behind a virtual address that no track watches.
type Unwatched struct {
	Node, Engine, Entry, Instance string
	At                            configtext.Pos
}

// Untracked lists the services behind virtual addresses whose crash no track sees, of instances that track something and whose scripts are
// all understood.
func Untracked(s *deployment.System) (all []Unwatched) {
	p := &predictor{System: s, routers: routers(s)}
	p.index()
	for _, e := range s.Users {
		st := p.state(Fault{})
		r, ok := st.router(e.Address.Addr())
		if !ok {
			continue
		}
		for _, m := range r.Members {
			h, _ := s.Find(m.Node.Name)
			socket, listens := h.Listener(e.Address.Addr(), int(e.Address.Port()))
			if tracks := h.Keepalived.Tracked(m.Instance); listens && len(tracks) > 0 && len(st.opaque(h)) == 0 && !seen(tracks, st.fails(h, socket.Engine, policy.Refused)) {
				all = append(all, Unwatched{h.Name, socket.Engine, e.String(), m.Instance.Name.Value, m.Instance.Name.At})
			}
		}
	}
	return all
}

// seen tells whether one of the tracks is among those that fail.
func seen(tracks []keepalived.Track, failing []string) bool {
	return slices.ContainsFunc(tracks, func(t keepalived.Track) bool { return slices.Contains(failing, t.Name.Value) })
}
