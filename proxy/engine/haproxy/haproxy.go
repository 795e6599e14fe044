package haproxy

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"text/template"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/topology"
)

// haproxyConf balances TCP: HAProxy sees connections, not requests. What the design does not say is not written, so that
// HAProxy's own default holds. One thread takes servers in turn and checks them alike on every machine. maxconn is left to HAProxy: half of the open files the node allows. Its log is that of the health checks; connections would be logged at info.
var haproxyConf = template.Must(template.New("haproxy.cfg").Funcs(template.FuncMap{"ms": engine.Milliseconds}).Parse(`# {{.Node}}: TCP balancer, written by spof
global
    log stdout format raw local0 notice
    fd-hard-limit 65536
    nbthread 1

defaults
    log global
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

// process is the processes of a real HAProxy: a master, which can reload, and one worker with one thread.
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

// checkPath is what HAProxy asks its servers for: one request for the whole backend, so their engines must agree on it.
func checkPath(servers []engine.Server) (string, error) {
	var common string
	var names []string
	for _, s := range servers {
		names = append(names, s.Name)
		if common == "" {
			common = s.HealthPath
		}
	}
	for _, s := range servers {
		if s.HealthPath != common {
			return "", fmt.Errorf("haproxy in front of forward proxies of different engines (%s): %w", strings.Join(names, ", "), proxy.ErrUnsupported)
		}
	}
	return common, nil
}

// agentCheck is what a server line of HAProxy says of the chassis. A server that leaves is marked down; whether it loses the
// connections it has is the design's on_marked_down. Those of one that only drains stay with it.
func agentCheck(t engine.Task) string {
	if !t.Signals {
		return ""
	}
	return " agent-check agent-port " + strconv.Itoa(topology.SignalPort) + " agent-inter " + engine.Milliseconds(proxy.AgentInterval)
}
