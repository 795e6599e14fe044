package haproxy

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/reason"
)

// ReadConfig reads a haproxy.cfg. It opens no file and knows no variables of the environment: what depends on them, and what stands between
// .if and .endif, is in Unknown. The error holds every value that HAProxy refuses too, each with its position; its codes are config-text,
// config-value and config-too-large. A directive that is not modelled is no error.
func ReadConfig(file string, data []byte) (*Config, error) {
	lines, err := configtext.Scan(file, data, configtext.HAProxy)
	if err != nil {
		return nil, err
	}
	r := &reader{cfg: &Config{File: file}, data: data, named: map[string]*draft{}, env: map[string]string{}, last: newDraft()}
	for _, line := range lines {
		r.line(r.expanded(line))
	}
	r.finish()
	return r.cfg, errors.Join(r.errs...)
}

// Limits of a configuration: more is a mistake.
const (
	maxProxies = 10_000
	maxServers = 20_000
)

// draft is a proxy or a defaults section that is being read. rules has its http-check and tcp-check rules; own tells which are not inherited.
type draft struct {
	Proxy
	rules map[string][]Rule
	own   map[string]bool
}

func newDraft() *draft {
	d := &draft{rules: map[string][]Rule{}, own: map[string]bool{}}
	d.Proxy.defaults()
	return d
}

// reader holds what the lines so far have said.
type reader struct {
	cfg     *Config
	data    []byte
	errs    []error
	env     map[string]string // of setenv and presetenv
	named   map[string]*draft // defaults sections
	last    *draft            // the last defaults section
	section func(configtext.Statement)
	drafts  []*draft
	servers int // so far
	skipped int // .if without its .endif so far
	crtBase string
	caBase  string
}

// sections begin with these words.
var sections = map[string]func(*reader, configtext.Statement){
	"global": func(r *reader, _ configtext.Statement) { r.section = r.global }, "defaults": (*reader).defaults,
	Listen: (*reader).proxy, Frontend: (*reader).proxy, Backend: (*reader).proxy,
	"resolvers": (*reader).resolvers, "peers": (*reader).peers, "http-errors": (*reader).httpErrors,
	"userlist": (*reader).ignored, "mailers": (*reader).ignored, "cache": (*reader).ignored, "ring": (*reader).ignored,
	"log-forward": (*reader).ignored, "program": (*reader).ignored, "fcgi-app": (*reader).ignored,
}

// line reads a line.
func (r *reader) line(s configtext.Statement) {
	if strings.HasPrefix(s.Name(), ".") || r.skipped > 0 {
		r.conditional(s)
		return
	}
	if begin, ok := sections[s.Name()]; ok {
		begin(r, s)
		return
	}
	if r.section == nil {
		r.refuse(s.Words[0], "%s stands before the first section; want global, defaults, listen, frontend or backend", s.Name())
		return
	}
	r.refer(s)
	r.section(s)
}

// conditional reads a line that begins with a dot, and those between .if and .endif: their condition is not known.
func (r *reader) conditional(s configtext.Statement) {
	switch s.Name() {
	case ".if":
		r.skipped++
	case ".endif":
		r.skipped = max(0, r.skipped-1)
		return
	case ".notice", ".warning", ".alert", ".diag", ".elif", ".else":
		return
	}
	r.unknown(s, true, "it depends on a condition that spof does not evaluate")
}

// defaults begins a defaults section: alone it has HAProxy's own defaults, with from those of another section.
func (r *reader) defaults(s configtext.Statement) {
	d := newDraft()
	name := ""
	if args := s.Args(); len(args) > 0 && args[0].Text != "from" {
		name, s = args[0].Text, configtext.Statement{Words: s.Words[1:]}
	}
	if s.Arg(0).Text == "from" {
		d = r.inherit(s.Arg(1))
	}
	r.last = d
	if name != "" {
		r.named[name] = d
	}
	r.section = func(s configtext.Statement) { r.proxyLine(d, s) }
}

// inherit gives a new section with the values of a defaults section.
func (r *reader) inherit(name configtext.Word) *draft {
	from, ok := r.last, true
	if name.Text != "" {
		from, ok = r.named[name.Text]
	}
	if !ok {
		r.refuse(name, "no defaults section %q above this line", name.Text)
		return newDraft()
	}
	d := &draft{Proxy: from.Proxy, rules: maps.Clone(from.rules), own: map[string]bool{}}
	d.Binds, d.ACLs, d.Uses, d.Sticks, d.Servers = nil, nil, nil, nil, nil // a defaults section passes none on
	if name.Text != "" {
		d.From = Setting[string]{Value: name.Text, At: name.At}
	}
	return d
}

// proxy begins a listen, frontend or backend section.
func (r *reader) proxy(s configtext.Statement) {
	if len(r.drafts) == maxProxies {
		r.section = func(configtext.Statement) {}
		r.tooMany(s, "sections", maxProxies)
		return
	}
	name, from := s.Arg(0), configtext.Word{}
	if s.Arg(1).Text == "from" {
		from = s.Arg(2)
	}
	if name.Text == "" {
		r.refuse(s.Words[0], "%s has no name", s.Name())
	}
	d := r.inherit(from)
	d.Kind, d.Name, d.At = s.Name(), name.Text, s.At()
	r.drafts = append(r.drafts, d)
	r.section = func(s configtext.Statement) { r.proxyLine(d, s) }
}

// ignored begins a section that is not read.
func (r *reader) ignored(s configtext.Statement) {
	may := s.Name() == "program" || s.Name() == "fcgi-app"
	r.unknown(s, may, "spof does not read the section")
	r.section = func(configtext.Statement) {}
}

// httpErrors begins a section of error pages: references alone.
func (r *reader) httpErrors(configtext.Statement) { r.section = func(configtext.Statement) {} }

// finish resolves what depends on later lines.
func (r *reader) finish() {
	c := r.cfg
	c.serving, c.targets = map[string]*Proxy{}, map[string]bool{}
	for _, d := range r.drafts {
		p := d.Proxy
		p.Probe.Rules = d.rules[map[string]string{HTTPProbe: "http-check", TCPProbe: "tcp-check"}[p.Probe.Kind.Value]]
		p.resolve()
		c.Proxies = append(c.Proxies, &p)
		if p.Kind != Frontend && c.serving[p.Name] == nil {
			c.serving[p.Name] = &p
		}
		c.target(p.Default)
		for _, u := range p.Uses {
			c.target(given(u.Target, u.At))
		}
	}
	slices.SortStableFunc(c.References, func(a, b configtext.Reference) int { return a.At.Offset - b.At.Offset })
}

// target notes a proxy to which a rule sends users.
func (c *Config) target(name Setting[string]) {
	if name.Set() {
		c.targets[map[bool]string{true: "", false: name.Value}[computed(name.Value)]] = true
	}
}

// computed tells whether the name of a backend depends on the request or on the environment.
func computed(name string) bool { return strings.ContainsAny(name, "%$") }

// refuse notes an error at a word.
func (r *reader) refuse(w configtext.Word, format string, args ...any) {
	const most = 100 // errors in one message
	if len(r.errs) < most {
		r.errs = append(r.errs, reason.Errorf("config-value", "%s: "+format, append([]any{w.At}, args...)...))
	}
}

func (r *reader) tooMany(s configtext.Statement, what string, most int) {
	r.errs = append(r.errs[:min(len(r.errs), 99)], reason.Errorf("config-too-large", "%s: more than %d %s", s.At(), most, what))
}

// unknown notes a directive that is not modelled.
func (r *reader) unknown(s configtext.Statement, may bool, why string) {
	r.cfg.Unknown = append(r.cfg.Unknown, configtext.Unknown{Text: s.Line(), At: s.At(), MayChange: may, Why: why})
}

// unlisted notes a directive, of a part of the file, that HAProxy 2.6 does not have either.
func (r *reader) unlisted(s configtext.Statement, of string) {
	r.cfg.Unknown = append(r.cfg.Unknown, configtext.Unknown{Text: s.Line(), At: s.At(), MayChange: true, Unlisted: true,
		Why: "HAProxy 2.6 has no " + key(s) + " in " + of})
}

// key names a directive: two words where the first alone says too little.
func key(s configtext.Statement) string {
	switch s.Name() {
	case "option", "no", "timeout", "stats", "http-request", "http-response", "http-after-response", "tcp-request", "tcp-response", "http-check",
		"tcp-check", "stick", "capture", "rate-limit", "monitor", "persist", "email-alert", "filter", "compression", "external-check", "default", "log":
		return strings.TrimSpace(s.Name() + " " + s.Arg(0).Text)
	}
	return s.Name()
}
