package agent

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine/registry"
)

// lines reads the process's output. It reports events and logs all other lines.
func (s *service) lines(r io.Reader, events bool) {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 4096), 1<<20)
	for sc.Scan() {
		at := proxy.Monotonic()
		line := sc.Text()
		s.overheard(at, line)
		if events && s.p.Events != "" {
			if e, ok := registry.ParseEvent(s.p.Events, line); ok {
				if e.At == 0 {
					e.At = at
				}
				if e = s.named(e); !s.known(e) {
					s.report(e)
				}
				continue
			}
		}
		s.tail.add(line)
		fmt.Fprintf(s.o.Log, "%s: %s\n", s.p.Service, line)
	}
}

// named adds what the line does not contain: the service, the server's name, and the time for which the state holds.
func (s *service) named(e proxy.Event) proxy.Event {
	e.Service = s.p.Service
	if name, ok := s.p.Names[e.Subject]; ok {
		e.Subject = name
	}
	if e.Kind == proxy.EventServerDown && e.For == 0 {
		e.For = s.p.Aside
	}
	return e
}

// known reports whether an event repeats that a server is set aside: nginx writes it for every connection to the server. known stores
// the event.
func (s *service) known(e proxy.Event) bool {
	if e.For == 0 {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.At < s.aside[e.Subject] {
		return true
	}
	if s.aside == nil {
		s.aside = map[string]int64{}
	}
	s.aside[e.Subject] = e.At + int64(e.For)
	return false
}

// said quotes the service's last lines, for an error.
func (s *service) said() string {
	if t := s.tail.String(); t != "" {
		return "; it said:\n" + t
	}
	return ""
}

// lastLines keeps the end of the output.
type lastLines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lastLines) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.b.Len() > 16<<10 {
		rest := append([]byte(nil), l.b.Bytes()[l.b.Len()/2:]...)
		l.b.Reset()
		l.b.Write(rest)
	}
	l.b.WriteString(line)
	l.b.WriteByte('\n')
}

// String gives the last eight lines.
func (l *lastLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := strings.Split(strings.TrimRight(l.b.String(), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-8):], "\n")
}
