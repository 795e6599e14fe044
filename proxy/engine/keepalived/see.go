package keepalived

import (
	"path"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// Sight tells whether a track sees a failure.
type Sight int

// The sights.
const (
	Unsure Sight = iota // what the script does is not known
	Sees
	Blind
)

// lookers are programs that tell only whether a process exists.
var lookers = []string{"killall", "pkill", "pidof", "pgrep", "ps"}

// absent are programs that a Debian of few packages does not have, with their package.
var absent = map[string]string{
	"killall": "psmisc", "pkill": "procps", "pgrep": "procps", "ps": "procps", "pidof": "sysvinit-utils or procps", "curl": "curl", "wget": "wget",
	"nc": "netcat-openbsd", "netcat": "netcat-openbsd", "dig": "dnsutils", "ss": "iproute2", "netstat": "net-tools", "telnet": "telnet",
}

// Sight tells whether a track of a configuration sees that a program fails. A check whether a process exists sees its end and not its
// hang. A script of another kind is not known here.
func (c *Config) Sight(t Track, name string, f policy.Failure) Sight {
	exists := Sees
	if f != policy.Refused {
		exists = Blind
	}
	switch t.Kind {
	case TracksProcess:
		if path.Base(program(c.Process(t.Name.Value).Process.Value)) == name {
			return exists
		}
		return Blind
	case TracksScript:
		return c.Script(t.Name.Value).sight(name, exists)
	}
	return Blind
}

// sight is that of a script.
func (s *Script) sight(name string, exists Sight) Sight {
	fields := s.fields()
	switch {
	case len(fields) == 0 || !s.looks():
		return Unsure
	case slices.ContainsFunc(fields[1:], func(w string) bool { return path.Base(w) == name }):
		return exists
	}
	return Blind
}

// fields are the words of a command, without quotes.
func (s *Script) fields() []string {
	return strings.FieldsFunc(s.Command.Value, func(r rune) bool { return strings.ContainsRune(" \t'\"`$()|&;<>", r) })
}

// looks tells whether the script only looks for a process: a program of lookers, with options and one name.
func (s *Script) looks() bool {
	fields := s.fields()
	return len(fields) > 0 && slices.Contains(lookers, path.Base(fields[0])) && !strings.ContainsAny(s.Command.Value, "|&;`$(")
}

// needs are the programs of a script that may be missing.
func (s *Script) needs() (programs []string) {
	for _, w := range s.fields() {
		if name := path.Base(w); absent[name] != "" && !slices.Contains(programs, name) {
			programs = append(programs, name)
		}
	}
	return programs
}
