package keepalived

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/reason"
)

// maxIncludes is how deep include files may include others.
const maxIncludes = 16

// ReadConfig reads a keepalived.conf as keepalived 2.2.7 does without --config-id. It refuses what cannot be divided into statements
// (config-text, config-too-large) and includes without an end (config-includes); what keepalived ignores it ignores, and says so in
// Findings. include gives included files; nil: they are named in References and Unknown only.
func ReadConfig(file string, data []byte, include configtext.Include) (*Config, error) {
	return ReadConfigID("", file, data, include)
}

// ReadConfigID is ReadConfig with --config-id id, which decides about lines @id and @^id. Empty: keepalived runs without it.
func ReadConfigID(id, file string, data []byte, include configtext.Include) (*Config, error) {
	all, err := configtext.Scan(file, data, configtext.Keepalived)
	if err != nil {
		return nil, err
	}
	r := &reader{c: &Config{File: file, Global: globalDefaults()}, id: id, include: include, values: map[string]string{}}
	if err := r.each(all, r.root); err != nil {
		return nil, err
	}
	r.complete()
	return r.c, nil
}

// reader fills a Config.
type reader struct {
	c       *Config
	id      string
	include configtext.Include
	values  map[string]string // of definitions
	depth   int               // of includes
	budget  int               // bytes that definitions have added
}

// each hands the statements that keepalived reads to see, with definitions replaced and included files in their place.
func (r *reader) each(all []configtext.Statement, see func(configtext.Statement) error) error {
	for _, s := range all {
		s, read := r.conditional(s)
		if !read || r.define(s) {
			continue
		}
		s = r.replace(s)
		do := see
		if includes.MatchString(s.Name()) && len(s.Words) > 1 {
			do = func(s configtext.Statement) error { return r.included(s, see) }
		}
		if err := do(s); err != nil {
			return err
		}
	}
	return nil
}

// includes matches the include directives; the letters say which mistakes are errors.
var includes = regexp.MustCompile(`^include[rmwba]?$`)

// included reads the files of an include directive in its place.
func (r *reader) included(s configtext.Statement, see func(configtext.Statement) error) error {
	pattern := s.Arg(0)
	r.refer(pattern.Text, "included configuration", pattern.At)
	if r.include == nil {
		r.unknown(s, true, "the included files are not read")
		return nil
	}
	if r.depth == maxIncludes {
		return reason.Errorf("config-includes", "%s: more than %d include files inside each other: does one include itself?", s.At(), maxIncludes)
	}
	files, err := r.include(s.At().File, pattern.Text, pattern.At)
	if err != nil {
		return err
	}
	r.depth++
	defer func() { r.depth-- }()
	for _, f := range files {
		all, err := configtext.Scan(f.Path, f.Data, configtext.Keepalived)
		if err != nil {
			return err
		}
		if err := r.each(all, see); err != nil {
			return err
		}
	}
	return nil
}

// conditional takes @ID or @^ID from the begin of a statement, and tells whether keepalived reads the rest (read_line of lib/parser.c).
func (r *reader) conditional(s configtext.Statement) (configtext.Statement, bool) {
	for strings.HasPrefix(s.Name(), "@") && !s.Words[0].Quoted {
		id, not := strings.CutPrefix(s.Name()[1:], "^")
		at := s.At()
		if len(s.Words) == 1 {
			r.c.Conditional = append(r.c.Conditional, Conditional{ID: id, Not: not, At: at})
			return s, false
		}
		s.Words = s.Words[1:]
		read := (r.id != "" && id == r.id) != not
		r.c.Conditional = append(r.c.Conditional, Conditional{ID: id, Not: not, Text: s.Line(), Read: read, At: at})
		if !read {
			r.unknown(s, true, "it is read only with --config-id "+id)
			return s, false
		}
	}
	return s, true
}

// definition matches the first word of $NAME=VALUE.
var definition = regexp.MustCompile(`^\$([A-Za-z_][A-Za-z0-9_]*)=(.*)$`)

// define keeps a definition, and tells whether the statement is one.
func (r *reader) define(s configtext.Statement) bool {
	m := definition.FindStringSubmatch(s.Name())
	if m == nil || s.Words[0].Quoted {
		if strings.HasPrefix(s.Name(), "~SEQ") || strings.HasPrefix(s.Name(), "~LST") {
			r.unknown(s, true, "the model does not repeat lines")
			return true
		}
		return false
	}
	value := m[2]
	for _, w := range s.Args() {
		value = strings.TrimLeft(value+" "+w.Text, " ")
	}
	if s.HasBlock || strings.HasSuffix(value, `\`) {
		r.unknown(s, true, "the model has no definitions of several lines")
		return true
	}
	r.values[m[1]] = value
	r.c.Definitions = append(r.c.Definitions, Definition{m[1], configtext.Setting[string]{Value: value, At: s.At()}})
	return true
}

// use matches a use of a definition: ${NAME}, or $NAME before a blank, a comma, a parenthesis or the end.
var use = regexp.MustCompile(`\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*)($|[ \t,)]))`)

// Limits of the replacement of definitions.
const (
	maxLine   = 1024    // bytes: MAXBUF of keepalived
	maxBudget = 1 << 20 // bytes that all replacements may add
	maxRounds = 32      // definitions inside definitions
)

// replace puts the values of definitions into a statement. The words of a value have the position of its use.
func (r *reader) replace(s configtext.Statement) configtext.Statement {
	if len(r.values) == 0 || !strings.Contains(s.Line(), "$") {
		return s
	}
	var words []configtext.Word
	for _, w := range s.Words {
		text := r.value(w.Text)
		switch fields := strings.Fields(text); {
		case w.Quoted || text == w.Text || len(fields) == 0:
			w.Text = text
			words = append(words, w)
		default:
			for _, f := range fields {
				words = append(words, configtext.Word{Text: f, At: w.At, End: w.End})
			}
		}
	}
	s.Words = words
	return s
}

// value replaces the definitions in a text, also those in their values.
func (r *reader) value(text string) string {
	for range maxRounds {
		next := use.ReplaceAllStringFunc(text, func(found string) string {
			m := use.FindStringSubmatch(found)
			if value, ok := r.values[m[1]+m[2]]; ok {
				return value + m[3]
			}
			return found
		})
		if r.budget += max(0, len(next)-len(text)); next == text || len(next) > maxLine || r.budget > maxBudget {
			break
		}
		text = next
	}
	return text
}

// unknown records a directive that the model does not have.
func (r *reader) unknown(s configtext.Statement, mayChange bool, why string) {
	r.c.Unknown = append(r.c.Unknown, configtext.Unknown{Text: s.Line(), At: s.At(), MayChange: mayChange, Why: why})
}

// refer records a file.
func (r *reader) refer(path, what string, at configtext.Pos) {
	if path != "" {
		r.c.References = append(r.c.References, configtext.Reference{Path: path, For: what, At: at})
	}
}

// find records a value that keepalived ignores or replaces.
func (r *reader) find(code string, at configtext.Pos, why, cure, format string, a ...any) {
	r.c.Findings = append(r.c.Findings, finding(code, at, why, cure, format, a...))
}

// finding is a finding of a rule or of the reader.
func finding(code string, at configtext.Pos, why, cure, format string, a ...any) configtext.Finding {
	return configtext.Finding{Code: code, At: at, What: fmt.Sprintf(format, a...), Why: why, Cure: cure}
}
