package deployment

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/engine/haproxy"
	"github.com/seed-ab8b6914/spof/proxy/engine/keepalived"
	"github.com/seed-ab8b6914/spof/proxy/engine/nginx"
	"github.com/seed-ab8b6914/spof/proxy/engine/squid"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
)

// System is a deployment with its files read.
type System struct {
	*Deployment
	Hosts    []*Host
	PACs     map[string][]PACList // by file
	Services map[string]Service   // of the compose file
	data     map[string][]byte
	lines    map[string][][]byte // of data, as far as they were asked for
	byName   map[string]*Host
}

// Host is a node with the configurations of its engines; nil: it does not run one.
type Host struct {
	*Node
	HAProxy    *haproxy.Config
	Nginx      *nginx.Config
	Keepalived *keepalived.Config
	Squid      *squid.Config
	sockets    []Socket
}

// Socket is a port at which an engine of a node listens.
type Socket struct {
	Engine string
	Addr   netip.Addr // invalid: any
	Port   int
	At     configtext.Pos
}

// Load reads the files of a deployment. The error holds what is wrong with each of them.
func Load(d *Deployment) (*System, error) {
	s := &System{Deployment: d, PACs: map[string][]PACList{}, Services: map[string]Service{}, data: map[string][]byte{}, lines: map[string][][]byte{}}
	var errs []error
	for i := range d.Nodes {
		h := &Host{Node: &d.Nodes[i]}
		s.Hosts = append(s.Hosts, h)
		for _, r := range h.Runs {
			data, err := s.read(r.File, r.From)
			if err == nil {
				err = loaders[r.Engine](s, h, configtext.File{Path: r.File, Data: data})
			}
			errs = append(errs, err)
		}
	}
	s.index()
	for _, e := range d.Users {
		errs = append(errs, s.pac(e))
	}
	errs = append(errs, s.life())
	if err := distinct(errs); err != nil {
		return nil, err
	}
	return s, nil
}

// distinct joins errors, each text once: several nodes may run one file.
func distinct(errs []error) error {
	seen := map[string]bool{}
	var all []error
	for _, err := range errs {
		if err != nil && !seen[err.Error()] {
			seen[err.Error()] = true
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// read gives the text of a file.
func (s *System) read(file string, from Source) ([]byte, error) {
	if data, ok := s.data[file]; ok {
		return data, nil
	}
	data, err := plainfile.Read(file, maxBytes)
	if err != nil {
		at := ""
		if from.At.Line > 0 {
			at = from.At.String() + ": "
		}
		return nil, reason.Errorf("missing-config", "%sthe configuration file %s: %w", at, file, err)
	}
	s.data[file] = data
	return data, nil
}

// Line gives the text of the line of a position, without comments and blanks around it; empty: the file is not one of the deployment.
func (s *System) Line(at configtext.Pos) string {
	lines, ok := s.lines[at.File]
	if !ok {
		lines = bytes.Split(s.data[at.File], []byte("\n"))
		s.lines[at.File] = lines
	}
	if at.Line < 1 || at.Line > len(lines) {
		return ""
	}
	return string(bytes.TrimSpace(lines[at.Line-1]))
}

// loaders read the files of engines into a host.
var loaders = map[string]func(*System, *Host, configtext.File) error{
	HAProxy: func(_ *System, h *Host, f configtext.File) (err error) {
		h.HAProxy, err = haproxy.ReadConfig(f.Path, f.Data)
		if err == nil {
			h.haproxySockets()
		}
		return err
	},
	Nginx: func(s *System, h *Host, f configtext.File) (err error) {
		h.Nginx, err = nginx.ReadConfig(f.Path, f.Data, s.include(h))
		if err == nil {
			h.nginxSockets()
		}
		return err
	},
	Squid: func(s *System, h *Host, f configtext.File) (err error) {
		h.Squid, err = squid.ReadConfig(f.Path, f.Data, s.include(h))
		if err == nil {
			h.squidSockets()
		}
		return err
	},
	Keepalived: func(s *System, h *Host, f configtext.File) (err error) {
		h.Keepalived, err = keepalived.ReadConfig(f.Path, f.Data, s.include(h))
		return err
	},
}

func (h *Host) squidSockets() {
	for _, p := range h.Squid.Ports {
		addr, _ := netip.ParseAddr(p.Host)
		h.sockets = append(h.sockets, Socket{Squid, specific(addr), p.Number, p.Address.At})
	}
}

func (h *Host) nginxSockets() {
	for _, s := range h.Nginx.Servers {
		for _, l := range s.Listens {
			addr, err := netip.ParseAddr(l.Host)
			if l.Low == 0 || l.UDP || err != nil && l.Host != "" && l.Host != "*" {
				continue
			}
			h.sockets = append(h.sockets, Socket{Nginx, specific(addr), l.Low, l.At})
		}
	}
}

// include gives the files that a file of a host includes: those of the node at that path, else those beside the including file whose last
// parts match.
func (s *System) include(h *Host) configtext.Include {
	return func(from, pattern string, _ configtext.Pos) (all []configtext.File, err error) {
		for _, m := range h.Files {
			if ok, err := path.Match(pattern, m.Path); ok && err == nil {
				data, err := s.read(m.File, m.From)
				if err != nil {
					return nil, err
				}
				all = append(all, configtext.File{Path: m.File, Data: data})
			}
		}
		if len(all) > 0 {
			return all, nil
		}
		return s.beside(from, pattern)
	}
}

// beside gives the files below the directory of a file that its pattern includes.
func (s *System) beside(from, pattern string) (all []configtext.File, err error) {
	parts := strings.Split(strings.Trim(path.Clean(filepath.ToSlash(pattern)), "/"), "/")
	dir := filepath.Join(append([]string{filepath.Dir(from)}, parts[max(0, len(parts)-2):len(parts)-1]...)...)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil //nolint:nilerr // the reader names what is included and not there
	}
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		if e.IsDir() || !included(from, pattern, name) {
			continue
		}
		data, err := s.read(name, Source{})
		if err != nil {
			return nil, err
		}
		all = append(all, configtext.File{Path: name, Data: data})
	}
	return all, nil
}

func (h *Host) haproxySockets() {
	for _, p := range h.HAProxy.Proxies {
		for _, b := range p.Binds {
			addr, err := netip.ParseAddr(b.Host)
			if b.Low == 0 || b.UDP || err != nil && b.Host != "" && b.Host != "*" {
				continue
			}
			h.sockets = append(h.sockets, Socket{HAProxy, specific(addr), b.Low, b.At})
		}
	}
}

// specific is an address, or none if it stands for all.
func specific(addr netip.Addr) netip.Addr {
	if addr.IsValid() && addr.IsUnspecified() {
		return netip.Addr{}
	}
	return addr
}

// Listener gives the engine that answers at an address and port of the host.
func (h *Host) Listener(addr netip.Addr, port int) (Socket, bool) {
	for _, one := range h.sockets {
		if one.Port == port && (!one.Addr.IsValid() || !addr.IsValid() || one.Addr == addr) {
			return one, true
		}
	}
	return Socket{}, false
}

// Text gives the text of a file of the deployment.
func (s *System) Text(file string) []byte { return s.data[file] }

// Sockets are the ports at which the host listens.
func (h *Host) Sockets() []Socket { return h.sockets }

// FileText is the text of a file of a node, by its path there; empty: it is not one of the deployment.
func (s *System) FileText(h *Host, at string) string {
	for _, m := range h.Files {
		if m.Path == at {
			data, err := s.read(m.File, m.From)
			if err == nil {
				return string(data)
			}
		}
	}
	return ""
}

// Find gives the host that files call by a name or an address.
func (s *System) Find(host string) (*Host, bool) {
	h, ok := s.byName[strings.ToLower(host)]
	return h, ok
}

// index makes Find quick: files with thousands of servers ask it for each.
func (s *System) index() {
	s.byName = map[string]*Host{}
	add := func(name string, h *Host) {
		if _, taken := s.byName[strings.ToLower(name)]; !taken {
			s.byName[strings.ToLower(name)] = h
		}
	}
	for _, h := range s.Hosts {
		add(h.Name, h)
	}
	for _, h := range s.Hosts {
		for _, name := range h.Names {
			add(name, h)
		}
		for _, i := range h.Interfaces {
			if i.Address.IsValid() {
				add(i.Address.Addr().String(), h)
			}
		}
	}
}

// pac evaluates the PAC file of an entry.
func (s *System) pac(e Entry) error {
	if e.PAC == "" || s.PACs[e.PAC] != nil {
		return nil
	}
	data, err := s.read(e.PAC, e.From)
	if err == nil {
		s.PACs[e.PAC], err = PACLists(configtext.File{Path: e.PAC, Data: data})
	}
	return err
}

// life reads the compose file.
func (s *System) life() error {
	if s.Compose == "" {
		return nil
	}
	data, err := s.read(s.Compose, Source{})
	if err != nil {
		return err
	}
	c, err := readCompose(s.Compose, data)
	if err != nil {
		return err
	}
	for _, one := range c.services {
		s.Services[one.node.Service] = one.Service
	}
	for _, h := range s.Hosts {
		if _, ok := s.Services[h.Service]; h.Service != "" && !ok {
			err = errors.Join(err, reason.Errorf("no-such-service", "%s: node %s: the compose file %s has no service %q", h.From.At, h.Name, s.Compose, h.Service))
		}
	}
	return err
}

// Open gives the deployment at paths: that of a deployment file if there is one, else what Find infers.
func Open(paths []string, hints Hints) (*Found, error) {
	c, err := collect(paths)
	if err != nil {
		return nil, err
	}
	var own []file
	for _, one := range c.files {
		if one.kind == kindOwn {
			own = append(own, one)
		}
	}
	switch len(own) {
	case 0:
		return Find(paths, hints)
	case 1:
		d, err := Read(own[0].Path, own[0].Data)
		if err != nil {
			return nil, err
		}
		return &Found{Deployment: *d}, nil
	}
	return nil, reason.Errorf("two-deployments", "%s and %s: two deployment files; name one of them", own[0].Path, own[1].Path)
}

// String names a socket.
func (s Socket) String() string { return fmt.Sprintf("%s:%d", s.Engine, s.Port) }
