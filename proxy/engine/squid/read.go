package squid

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/reason"
)

// maxIncludes is how deep include files may include others (parseOneConfigFile).
const maxIncludes = 16

// ReadConfig reads a squid.conf as Squid 5.7 does, with one process. It refuses what cannot be divided into statements (config-text,
// config-too-large), includes without an end (config-includes) and an if without endif (config-condition). A value that Squid refuses is
// in Findings, and the setting keeps its default. include gives included files; nil: they are named in References and Unknown only.
func ReadConfig(file string, data []byte, include configtext.Include) (*Config, error) {
	r := &reader{c: defaults(file), include: include}
	if err := r.file(configtext.File{Path: file, Data: data}); err != nil {
		return nil, err
	}
	r.complete()
	return r.c, nil
}

// defaults are those of cf.data.pre.
func defaults(file string) *Config {
	d := func(value time.Duration) configtext.Setting[time.Duration] {
		return configtext.Setting[time.Duration]{Value: value}
	}
	return &Config{
		File: file,
		Timers: Timers{
			Connect: d(time.Minute), PeerConnect: d(30 * time.Second), Forward: d(4 * time.Minute), Read: d(15 * time.Minute), Write: d(15 * time.Minute),
			Request: d(5 * time.Minute), RequestStart: d(5 * time.Minute), ClientIdle: d(2 * time.Minute), DeadPeer: d(10 * time.Second),
			Shutdown: d(30 * time.Second), ServerIdle: d(time.Minute), DNS: d(30 * time.Second), ForwardMaxTries: configtext.Setting[int]{Value: 25},
		},
		NonhierarchicalDirect: configtext.Setting[bool]{Value: true},
		Hosts:                 configtext.Setting[string]{Value: "/etc/hosts"},
		CacheMem:              configtext.Setting[int64]{Value: 256 << 20},
	}
}

// reader fills a Config.
type reader struct {
	c       *Config
	include configtext.Include
	depth   int        // of includes
	skips   []bool     // of the ifs around a line: it is not read
	rules   []peerRule // cache_peer_access, until all peers are known
}

type peerRule struct {
	peer configtext.Word
	rule Rule
}

// file reads a file and those that it includes.
func (r *reader) file(f configtext.File) error {
	all, err := configtext.Scan(f.Path, f.Data, configtext.Squid)
	if err != nil {
		return err
	}
	outer := len(r.skips)
	for _, s := range all {
		if err := r.statement(macros(s), outer); err != nil {
			return err
		}
	}
	if len(r.skips) > outer {
		last := r.c.Conditional[len(r.c.Conditional)-1].At
		return reason.Errorf("config-condition", "%s: an if without its endif", last)
	}
	return nil
}

// macro replaces the macros of Squid's configuration, as they are with one process.
var macro = strings.NewReplacer("${service_name}", "squid", "${process_name}", "squid", "${process_number}", "0")

func macros(s configtext.Statement) configtext.Statement {
	s.Words = slices.Clone(s.Words)
	for i, w := range s.Words {
		s.Words[i].Text = macro.Replace(w.Text)
	}
	return s
}

// statement reads a line; outer is how many ifs are around its file.
func (r *reader) statement(s configtext.Statement, outer int) error {
	switch name := s.Name(); {
	case name == "if":
		r.condition(s)
	case name == "else" || name == "endif":
		if len(r.skips) == outer {
			return reason.Errorf("config-condition", "%s: %s without its if", s.At(), name)
		}
		last := len(r.skips) - 1
		if r.skips[last] = !r.skips[last]; name == "endif" {
			r.skips = r.skips[:last]
		}
	case slices.Contains(r.skips, true):
	case name == "include" && len(s.Words) > 1:
		return r.included(s)
	default:
		r.directive(s)
	}
	return nil
}

// condition evaluates the expression of an if: true, false or a comparison of two numbers (EvalBoolExpr).
func (r *reader) condition(s configtext.Statement) {
	expression := strings.TrimPrefix(s.Line(), "if ")
	holds := expression == "true"
	if left, right, ok := strings.Cut(expression, "="); ok {
		a, errA := strconv.Atoi(strings.TrimSpace(left))
		b, errB := strconv.Atoi(strings.TrimSpace(right))
		holds = errA == nil && errB == nil && a == b
	}
	r.c.Conditional = append(r.c.Conditional, Conditional{Expression: expression, Read: holds, At: s.At()})
	r.skips = append(r.skips, !holds)
	r.unknown(s, true, "the model reads the file as one process does: lines to else or endif count only if the expression holds")
}

// included reads the files of an include directive in its place.
func (r *reader) included(s configtext.Statement) error {
	for _, pattern := range s.Args() {
		r.refer(pattern.Text, "included configuration", pattern.At)
		if r.include == nil {
			r.unknown(s, true, "the included files are not read")
			continue
		}
		if r.depth == maxIncludes {
			return reason.Errorf("config-includes", "%s: more than %d include files inside each other: does one include itself?", s.At(), maxIncludes)
		}
		files, err := r.include(s.At().File, pattern.Text, pattern.At)
		if err != nil {
			return err
		}
		r.depth++
		for _, f := range files {
			if err := r.file(f); err != nil {
				return err
			}
		}
		r.depth--
	}
	return nil
}

// complete gives peers their rules and timers.
func (r *reader) complete() {
	for i := range r.c.Peers {
		if p := &r.c.Peers[i]; !p.Connect.Set() {
			p.Connect = r.c.Timers.PeerConnect
		}
	}
	for _, one := range r.rules {
		p := r.c.Peer(one.peer.Text)
		if p == nil {
			r.find("unknown-peer", one.peer.At, "Squid ignores the line", "write the name= or the host of a cache_peer",
				"cache_peer_access names %s, which no cache_peer has", one.peer.Text)
			continue
		}
		p.Access = append(p.Access, one.rule)
	}
}

// Peer gives the peer of a name; nil: there is none.
func (c *Config) Peer(name string) *Peer {
	for i := range c.Peers {
		if strings.EqualFold(c.Peers[i].Name.Value, name) {
			return &c.Peers[i]
		}
	}
	return nil
}

// ACL gives the acl of a name, without its !; nil: there is none.
func (c *Config) ACL(name string) *ACL {
	for i := range c.ACLs {
		if c.ACLs[i].Name == strings.TrimPrefix(name, "!") {
			return &c.ACLs[i]
		}
	}
	return nil
}

// unknown records a directive that the model does not have.
func (r *reader) unknown(s configtext.Statement, mayChange bool, why string) {
	r.c.Unknown = append(r.c.Unknown, configtext.Unknown{Text: s.Line(), At: s.At(), MayChange: mayChange, Why: why})
}

// refer records a file.
func (r *reader) refer(path, what string, at configtext.Pos) {
	if path != "" && path != "none" {
		r.c.References = append(r.c.References, configtext.Reference{Path: path, For: what, At: at})
	}
}

// find records a value that Squid ignores or refuses.
func (r *reader) find(code string, at configtext.Pos, why, cure, format string, a ...any) {
	r.c.Findings = append(r.c.Findings, finding(code, at, why, cure, format, a...))
}

// finding is a finding of a rule or of the reader.
func finding(code string, at configtext.Pos, why, cure, format string, a ...any) configtext.Finding {
	return configtext.Finding{Code: code, At: at, What: fmt.Sprintf(format, a...), Why: why, Cure: cure}
}
