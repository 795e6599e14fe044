package haproxy

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"text/template"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology"
)

// haproxyConf balances TCP: HAProxy sees connections, not requests. Keys that the design leaves out are not written, so HAProxy's
// default applies. A single thread makes rotation and checks the same on every machine. maxconn is HAProxy's default: half of the
// open files that the node allows. The log has each health check that changes the state or the count of a server; connections are below
// its level, at info.
var haproxyConf = template.Must(template.New("haproxy.cfg").Funcs(template.FuncMap{"ms": engine.Milliseconds}).Parse(`# {{.Node}}: TCP balancer, written by spof
global
    log stdout format raw local0 notice
    fd-hard-limit 65536
    nbthread 1

defaults
    log global
    option log-health-checks
    mode tcp
{{- with .Balance.ClientTimeout}}
    timeout client {{ms .}}
{{- end}}
{{- with .Balance.ServerTimeout}}
    timeout server {{ms .}}
{{- end}}

frontend {{.Name}}
    bind {{.Listen}}
    default_backend {{.Name}}

backend {{.Name}}
    balance {{.Balance.Algorithm}}
    timeout connect {{ms .Balance.ConnectTimeout}}
    timeout check {{ms .Balance.Check.Timeout}}
    retries {{.Balance.Retries}}
    {{if not .Balance.Redispatch}}no {{end}}option redispatch{{with .Balance.RedispatchEvery}} {{.}}{{end}}
{{- if eq .Balance.Check.Kind "http"}}
    option httpchk GET {{.CheckPath}}
    http-check expect status 200
{{- else if eq .Balance.Check.Kind "origin"}}
    option httpchk
    http-check send meth GET uri http://{{.OriginHost}}{{.OriginPath}} ver HTTP/1.1 hdr Host {{.OriginHost}}
    http-check expect status 200
{{- end}}
    default-server check inter {{ms .Balance.Check.Interval}} fall {{.Balance.Check.Fall}} rise {{.Balance.Check.Rise}}{{.AgentCheck}}{{if .Balance.ShutdownSessions}} on-marked-down shutdown-sessions{{end}}
{{- range .Servers}}
    server {{.Name}} {{.Addr}}{{if .Backup}} backup{{else if $.Balance.ShutdownBackups}} on-marked-up shutdown-backup-sessions{{end}}
{{- end}}

frontend {{.Name}}-health
    mode http
    bind {{.HealthListen}}
    timeout client 5s
    monitor-uri {{.HealthPath}}
`))

// process runs HAProxy: a master, which can reload, and one worker with one thread.
func process(t engine.Task) (proxy.Process, error) {
	b := t.Service.Balance
	if b == nil {
		return proxy.Process{}, fmt.Errorf("haproxy without balance: %w", proxy.ErrUnsupported)
	}
	var asked string
	if b.Check.Kind == topology.CheckHTTP {
		var err error
		if asked, err = checkPath(t.Servers); err != nil {
			return proxy.Process{}, err
		}
	}
	text := new(strings.Builder)
	err := haproxyConf.Execute(text, map[string]any{
		"Node": t.Node, "Name": t.Service.Name, "Listen": t.Listen, "HealthListen": t.Health,
		"HealthPath": proxy.HealthPath, "CheckPath": asked, "Balance": *b, "Servers": t.Servers, "AgentCheck": agentCheck(t),
		"OriginHost": t.Checked, "OriginPath": engine.CheckPath,
	})
	if err != nil {
		return proxy.Process{}, fmt.Errorf("haproxy.cfg: %w", err)
	}
	file := path.Join(t.Dir, t.Service.Name+".cfg")
	return proxy.Process{
		Files:   []proxy.File{{Path: file, Mode: 0o644, Content: text.String()}},
		Command: []string{"haproxy", "-W", "-db", "-f", file},
		Ready:   t.Ready,
	}, nil
}

// checkPath gives the path of HAProxy's checks. A backend has one, so the engines of its servers must share it.
func checkPath(servers []engine.Server) (string, error) {
	var names []string
	for _, s := range servers {
		names = append(names, s.Name)
	}
	for _, s := range servers {
		if s.HealthPath != servers[0].HealthPath {
			return "", reason.Errorf("mixed-servers", "haproxy checks all servers by the same path, and %s have engines with different ones: %w", strings.Join(names, ", "), proxy.ErrUnsupported)
		}
	}
	if len(servers) == 0 {
		return "", nil
	}
	return servers[0].HealthPath, nil
}

// agentCheck gives the options of a server line for signals of the chassis. A server that leaves is marked down; on_marked_down of the
// design decides about its connections. A server that drains keeps its connections.
func agentCheck(t engine.Task) string {
	if !t.Signals {
		return ""
	}
	return " agent-check agent-port " + strconv.Itoa(topology.SignalPort) + " agent-inter " + engine.Milliseconds(proxy.AgentInterval)
}
