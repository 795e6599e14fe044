package agent

import (
	"regexp"
	"slices"
)

// line is a line of a service's output, and the instant at which it was read.
type line struct {
	at   int64
	text string
}

// ear waits for the first matching line of a service's output.
type ear struct {
	pattern *regexp.Regexp
	lines   chan line // holds one
	s       *service
}

// hear starts to wait for a line.
func (s *service) hear(pattern string) (*ear, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	e := &ear{re, make(chan line, 1), s}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ears = append(s.ears, e)
	return e, nil
}

func (e *ear) stop() {
	e.s.mu.Lock()
	defer e.s.mu.Unlock()
	e.s.ears = slices.DeleteFunc(e.s.ears, func(other *ear) bool { return other == e })
}

// overheard passes a line to every ear that it matches.
func (s *service) overheard(at int64, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.ears {
		if !e.pattern.MatchString(text) {
			continue
		}
		select {
		case e.lines <- line{at, text}:
		default: // the ear has its line
		}
	}
}
