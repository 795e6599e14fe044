package promise

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
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
