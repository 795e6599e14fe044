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
		settings := fmt.Sprintf("shutdown_lifetime %s, connect_timeout %s, forward_timeout %s",
			yamlfile.Span(t.ShutdownLifetime), yamlfile.Span(t.ConnectTimeout), yamlfile.Span(t.ForwardTimeout))
		if s.Parents != nil {
			settings += fmt.Sprintf(", retry_on_error %t", s.Parents.RetryOnError)
		}
		return settings
	case s.Balances():
		return s.Balance.settings()
	}
	return ""
}

func (b Balance) settings() string {
	settings := []string{"connect_timeout " + yamlfile.Span(b.ConnectTimeout), fmt.Sprintf("retries %d", b.Retries), "redispatch " + b.redispatch()}
	if b.Passive != nil {
		return strings.Join(append(settings, "proxy_timeout "+orNone(b.ProxyTimeout)), ", ")
	}
	marked := func(is bool, what string) string {
		if is {
			return what
		}
		return keepSessions
	}
	return strings.Join(append(settings, "client_timeout "+orNone(b.ClientTimeout), "server_timeout "+orNone(b.ServerTimeout),
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
	services := make(map[string][]string)
	for _, n := range t.Nodes {
		for _, s := range n.Services {
			settings := s.settings()
			if settings == "" {
				continue
			}
			settings = string(s.Engine) + ": " + settings
			if services[settings] == nil {
				order = append(order, settings)
			}
			services[settings] = append(services[settings], n.Name+"/"+s.Name)
		}
	}
	if len(order) == 0 {
		return
	}
	b.WriteString("\nSettings, with the defaults of the engines:\n")
	for _, settings := range order {
		fmt.Fprintf(b, "  %s\n    %s\n", strings.Join(services[settings], ", "), settings)
	}
}
