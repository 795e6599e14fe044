package deployment

import (
	"fmt"
	"net/netip"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// Inventory is what Find and Load know of a deployment, for people.
type Inventory struct {
	Deployment
	Virtual    []VirtualAddress `json:"virtual"`
	Outside    []Outside        `json:"outside"`
	Gaps       []Gap            `json:"gaps"`
	Missing    []Missing        `json:"missing"`
	Programs   []Program        `json:"programs"`
	Unmodelled []Unmodelled     `json:"unmodelled"`
}

// VirtualAddress is an address that moves between nodes.
type VirtualAddress struct {
	Address netip.Prefix `json:"address"`
	Members []string     `json:"members"` // with their priorities
	From    Source       `json:"from"`
}

// Outside is a node that files use and of which no file is there.
type Outside struct {
	Node    string     `json:"node"`
	Address netip.Addr `json:"address"`
	From    Source     `json:"from"`
}

// Missing is a file that a configuration names and that is not there.
type Missing struct {
	Path  string   `json:"path"`
	For   string   `json:"for"`
	Nodes []string `json:"nodes,omitempty"`
	At    string   `json:"at"`
}

// Program is a program that a script of a node calls.
type Program struct {
	Name    string   `json:"program"`
	Package string   `json:"debian_package"`
	Nodes   []string `json:"nodes"`
	At      string   `json:"at"`
}

// Unmodelled is a line that the model does not understand, and that may change an answer.
type Unmodelled struct {
	Text string `json:"text"`
	Why  string `json:"why"`
	At   string `json:"at"`
}

// Inventory gives what is known, with the gaps of a search.
func (s *System) Inventory(f *Found) Inventory {
	v := Inventory{Deployment: *s.Deployment, Gaps: f.Gaps, Virtual: s.virtual()}
	for _, m := range f.Missing {
		v.Missing = append(v.Missing, Missing{Path: m.Path, For: m.For, At: m.At.String()})
	}
	listed := map[Unmodelled]bool{}
	for _, h := range s.Hosts {
		if len(h.Runs) == 0 {
			v.Outside = append(v.Outside, Outside{h.Name, h.Address(), h.From})
		}
		for _, r := range h.References() {
			if path.IsAbs(r.Path) && !s.provides(h, r.Path) { // others are programs on the path
				v.missing(h.Name, r)
			}
		}
		for _, p := range s.programs(h) {
			if !s.Installs(h, p.Package) {
				v.program(h.Name, p)
			}
		}
		for _, u := range h.Unknown() {
			one := Unmodelled{u.Text, u.Why, u.At.String()}
			if u.MayChange && !listed[one] {
				listed[one] = true
				v.Unmodelled = append(v.Unmodelled, one)
			}
		}
	}
	return v
}

func (s *System) virtual() (all []VirtualAddress) {
	for _, h := range s.Hosts {
		if h.Keepalived == nil {
			continue
		}
		for _, i := range h.Keepalived.Instances {
			for _, a := range i.Addresses {
				member := fmt.Sprintf("%s (%d)", h.Name, i.Priority.Value)
				at := slices.IndexFunc(all, func(o VirtualAddress) bool { return o.Address.Addr() == a.Value.Addr() })
				if at < 0 {
					all = append(all, VirtualAddress{a.Value, []string{member}, Source{At: a.At}})
					continue
				}
				all[at].Members = append(all[at].Members, member)
			}
		}
	}
	return all
}

func (v *Inventory) missing(node string, r configtext.Reference) {
	at := r.At.String()
	i := slices.IndexFunc(v.Missing, func(m Missing) bool { return m.Path == r.Path && m.At == at })
	if i < 0 {
		v.Missing = append(v.Missing, Missing{r.Path, r.For, []string{node}, at})
		return
	}
	v.Missing[i].Nodes = append(v.Missing[i].Nodes, node)
}

func (v *Inventory) program(node string, p Program) {
	i := slices.IndexFunc(v.Programs, func(o Program) bool { return o.Name == p.Name })
	if i < 0 {
		p.Nodes = []string{node}
		v.Programs = append(v.Programs, p)
		return
	}
	if !slices.Contains(v.Programs[i].Nodes, node) {
		v.Programs[i].Nodes = append(v.Programs[i].Nodes, node)
	}
}

// References are the files that the configurations of a host name.
func (h *Host) References() (all []configtext.Reference) {
	if h.HAProxy != nil {
		all = append(all, h.HAProxy.References...)
	}
	if h.Nginx != nil {
		all = append(all, h.Nginx.References...)
	}
	if h.Keepalived != nil {
		all = append(all, h.Keepalived.References...)
	}
	if h.Squid != nil {
		all = append(all, h.Squid.References...)
	}
	return all
}

// Unknown are the lines of a host that its models do not understand.
func (h *Host) Unknown() (all []configtext.Unknown) {
	if h.HAProxy != nil {
		all = append(all, h.HAProxy.Unknown...)
	}
	if h.Nginx != nil {
		all = append(all, h.Nginx.Unknown...)
	}
	if h.Keepalived != nil {
		all = append(all, h.Keepalived.Unknown...)
	}
	if h.Squid != nil {
		all = append(all, h.Squid.Unknown...)
	}
	return all
}

// packaged are directories and files that Debian's packages of the engines bring.
var packaged = regexp.MustCompile(`^(/etc/haproxy/errors/|/usr/|/bin/|/sbin/|/dev/|/proc/|/etc/(hosts|resolv\.conf|nginx/(mime\.types|modules-enabled|conf\.d|sites-enabled|fastcgi|proxy_params|koi|win-utf|scgi|uwsgi)|squid/(conf\.d|errorpage\.css|mime\.conf))|/var/(log|lib|run|spool|cache)/|/run/)`)

// provides tells whether a file of a node is there: in the deployment, or in a package of an engine.
func (s *System) provides(h *Host, file string) bool {
	if packaged.MatchString(file) {
		return true
	}
	return slices.ContainsFunc(h.Files, func(m Mount) bool { return m.Path == file }) || slices.ContainsFunc(h.Runs, func(r Run) bool { return r.Path == file })
}

// packages are the Debian packages of programs that check scripts call and that the engines' packages do not bring.
var packages = map[string]string{
	"killall": "psmisc", "pkill": "procps", "pgrep": "procps", "pidof": "sysvinit-utils", "ps": "procps", "sysctl": "procps",
	"curl": "curl", "wget": "wget", "nc": "netcat-openbsd", "ncat": "ncat", "dig": "bind9-dnsutils", "host": "bind9-host", "nslookup": "bind9-dnsutils",
	"ss": "iproute2", "ip": "iproute2", "netstat": "net-tools", "arping": "iputils-arping", "ping": "iputils-ping", "logger": "bsdutils",
	"systemctl": "systemd", "service": "init-system-helpers", "socat": "socat", "jq": "jq", "mail": "mailutils",
}

// Installs tells whether the Dockerfile of a host names a package.
func (s *System) Installs(h *Host, name string) bool {
	return regexp.MustCompile(`[\s"]` + regexp.QuoteMeta(name) + `([\s"=]|$)`).MatchString(s.Services[h.Service].Build)
}

// PackageOf is the Debian package of a program that check scripts call; empty: not known.
func PackageOf(program string) string { return packages[filepath.Base(program)] }

var programWord = regexp.MustCompile(`(?m)(?:^|[\s;&|(` + "`" + `])(?:/(?:usr/)?s?bin/)?([a-z]+)(?:[ \t]|$)`)

// programs are those that the scripts of keepalived call: in its configuration, and in the scripts among the files of the node.
func (s *System) programs(h *Host) (all []Program) {
	if h.Keepalived == nil {
		return nil
	}
	add := func(command string, at configtext.Pos) {
		for _, m := range programWord.FindAllStringSubmatch(command, -1) {
			if from, ok := packages[m[1]]; ok && !slices.ContainsFunc(all, func(p Program) bool { return p.Name == m[1] }) {
				all = append(all, Program{Name: m[1], Package: from, At: at.String()})
			}
		}
	}
	for _, script := range h.Keepalived.Scripts {
		add(script.Command.Value, script.Command.At)
	}
	for _, i := range h.Keepalived.Instances {
		for _, n := range i.Notify {
			add(n.Command.Value, n.Command.At)
		}
	}
	for _, m := range h.Files {
		if slices.ContainsFunc(h.References(), func(r configtext.Reference) bool { return r.Path == m.Path }) {
			s.scan(m, add)
		}
	}
	return all
}

// scan looks for programs in a script of a node.
func (s *System) scan(m Mount, add func(string, configtext.Pos)) {
	data, err := s.read(m.File, m.From)
	if err != nil || !strings.HasPrefix(string(data), "#!") {
		return
	}
	for i, line := range strings.Split(string(data), "\n") {
		if code, _, _ := strings.Cut(line, "#"); code != "" {
			add(code, configtext.Pos{File: m.File, Line: i + 1, Col: 1})
		}
	}
}

// beside attaches the files that the configurations name to the nodes that need them, if a file of that name is among those that were found.
func (f *finder) beside() {
	s, err := Load(&f.Deployment)
	if err != nil {
		return // Load is called again, and tells
	}
	for i, h := range s.Hosts {
		for _, r := range h.References() {
			one, ok := f.named(filepath.Base(r.Path))
			if ok && !s.provides(h, r.Path) && !slices.ContainsFunc(f.Nodes[i].Files, func(m Mount) bool { return m.Path == r.Path }) {
				f.Nodes[i].Files = append(f.Nodes[i].Files, Mount{r.Path, one, Source{At: r.At, Why: r.For}})
			}
		}
	}
}

// named gives a file that is no configuration, by its base name.
func (f *finder) named(base string) (string, bool) {
	for _, one := range f.files {
		if filepath.Base(one.Path) == base && !slices.Contains(engines, one.kind) {
			return one.Path, true
		}
	}
	return "", false
}
