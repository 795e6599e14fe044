package topology

import (
	"fmt"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// settings lists the keys of the service's engine that users notice, except those of its checks, each with the value of the
// file or the engine's default. Empty: the engine has none.
func (s Service) settings() string {
	switch {
	case s.Engine.has(canCache):
		t := s.OwnTimers()
		said := fmt.Sprintf("shutdown_lifetime %s, connect_timeout %s, forward_timeout %s",
			yamlfile.Span(t.ShutdownLifetime), yamlfile.Span(t.ConnectTimeout), yamlfile.Span(t.ForwardTimeout))
		if s.Parents != nil {
			said += fmt.Sprintf(", retry_on_error %t", s.Parents.RetryOnError)
		}
		return said
	case s.Balances():
		return s.Balance.settings()
	}
	return ""
}

func (b Balance) settings() string {
	said := []string{"connect_timeout " + yamlfile.Span(b.ConnectTimeout), fmt.Sprintf("retries %d", b.Retries), "redispatch " + b.redispatch()}
	if b.Passive != nil {
		return strings.Join(append(said, "proxy_timeout "+orNone(b.ProxyTimeout)), ", ")
	}
	marked := func(is bool, what string) string {
		if is {
			return what
		}
		return keepSessions
	}
	return strings.Join(append(said, "client_timeout "+orNone(b.ClientTimeout), "server_timeout "+orNone(b.ServerTimeout),
		"on_marked_down "+marked(b.ShutdownSessions, shutSessions), "on_marked_up "+marked(b.ShutdownBackups, shutBackup)), ", ")
}

func (b Balance) redispatch() string {
	if b.RedispatchEvery > 0 {
		return fmt.Sprint(b.RedispatchEvery)
	}
	return fmt.Sprint(b.Redispatch)
}

func orNone(d time.Duration) string {
	if d == 0 {
		return "none"
	}
	return yamlfile.Span(d)
}

// writeSettings lists the settings of every service. Services of an engine with equal settings share an entry.
func (t *Topology) writeSettings(b *strings.Builder) {
	var order []string
	who := make(map[string][]string)
	for _, n := range t.Nodes {
		for _, s := range n.Services {
			said := s.settings()
			if said == "" {
				continue
			}
			said = string(s.Engine) + ": " + said
			if who[said] == nil {
				order = append(order, said)
			}
			who[said] = append(who[said], n.Name+"/"+s.Name)
		}
	}
	if len(order) == 0 {
		return
	}
	b.WriteString("\nSettings, with the defaults of the engines:\n")
	for _, said := range order {
		fmt.Fprintf(b, "  %s\n    %s\n", strings.Join(who[said], ", "), said)
	}
}
