package haproxy

import (
	"path"
	"regexp"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// ofOption says what the file after a keyword is. The keywords stand in bind, server and default-server lines.
var ofOption = map[string]string{"crt": "certificate", "crt-list": "list of certificates", "ca-file": "certificates of authorities",
	"ca-verify-file": "certificates of authorities", "ca-sign-file": "certificate of an authority", "crl-file": "revoked certificates",
	"tls-ticket-keys": "keys of TLS tickets"}

// ofDirective says what the file of a directive is, and which argument it is.
var ofDirective = map[string]struct {
	what string
	arg  int
}{
	"errorfile": {"error page", 1}, "lua-load": {"Lua program", 0}, "lua-load-per-thread": {"Lua program", 0},
	"ssl-dh-param-file": {"parameters of TLS", 0}, "external-check command": {"check command", 1},
	"h1-case-adjust-file": {"names of headers", 0}, "httpclient.ssl.ca-file": {"certificates of authorities", 0},
}

// mapFile matches the file of a map converter.
var mapFile = regexp.MustCompile(`\bmap(?:_[a-z_]+)?\(([^,()]+)`)

// refer notes the files that a line names.
func (r *reader) refer(s statement) {
	if d, ok := ofDirective[s.Name()]; ok && d.arg < len(s.Args()) {
		r.reference(d.what, "", s.Arg(d.arg))
	}
	if d, ok := ofDirective[key(s)]; ok && key(s) != s.Name() && d.arg < len(s.Args()) {
		r.reference(d.what, "", s.Arg(d.arg))
	}
	switch s.Name() {
	case "bind", "server", "default-server", "server-template":
		r.referOptions(s)
		return
	}
	for i, w := range s.Args() {
		next := s.Arg(i + 1)
		switch {
		case next.Text == "":
		case w.Text == "-f" && (conditional(s)):
			r.reference("patterns of an ACL", "", next)
		case answersWithFile(s) && (w.Text == "file" || w.Text == "lf-file" || w.Text == "errorfile"):
			r.reference("answer", "", next)
		case s.Name() == "filter" && w.Text == "config":
			r.reference("configuration of SPOE", "", next)
		}
		r.referMaps(w)
	}
}

// answersWithFile tells whether a directive can take an answer from a file.
func answersWithFile(s statement) bool { return strings.HasPrefix(s.Name(), "http-") }

// referMaps notes the files of map converters in a word.
func (r *reader) referMaps(w configtext.Word) {
	if !strings.Contains(w.Text, "map") {
		return
	}
	for _, m := range mapFile.FindAllStringSubmatch(w.Text, -1) {
		file := w
		file.Text = m[1]
		r.reference("map", "", file)
	}
}

// referOptions notes the files of a bind or server line.
func (r *reader) referOptions(s statement) {
	for i, w := range s.Args() {
		what, ok := ofOption[w.Text]
		next := s.Arg(i + 1)
		if !ok || i == 0 || next.Text == "" || strings.HasPrefix(next.Text, "@") {
			continue
		}
		base := r.crtBase
		if strings.HasPrefix(w.Text, "ca-") || w.Text == "crl-file" {
			base = r.caBase
		}
		r.reference(what, base, next)
	}
}

// reference notes a file; a relative path begins at base.
func (r *reader) reference(what, base string, w configtext.Word) {
	if r.varies(w) {
		r.notKnown(what, w)
		return
	}
	file := w.Text
	if base != "" && !path.IsAbs(file) {
		file = path.Join(base, file)
	}
	r.cfg.References = append(r.cfg.References, configtext.Reference{Path: file, For: what, At: w.At})
}
