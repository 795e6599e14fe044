package configure

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

// haproxyConf balances TCP: HAProxy sees connections, not requests. What the design does not say is not written, so that
// HAProxy's own default holds. One thread takes servers in turn and checks them alike on every machine. maxconn is left to HAProxy: half of the open files the node allows. Its log is that of the health checks; connections would be logged at info.
var haproxyConf = template.Must(template.New("haproxy.cfg").Funcs(template.FuncMap{"ms": milliseconds}).Parse(`# {{.Node}}: TCP balancer, written by spof
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

// haproxy is the processes of a real HAProxy: a master, which can reload, and one worker with one thread.
func (c configurer) haproxy(node topology.Node, service topology.Service) (proxy.Process, error) {
	config, err := c.balancing(node, service)
	if err != nil {
		return proxy.Process{}, err
	}
	var checkPath string
	if service.Balance.Check.Kind == topology.CheckHTTP {
		if checkPath, err = c.checkPath(service.Balance.All()); err != nil {
			return proxy.Process{}, err
		}
	}
	text := new(strings.Builder)
	err = haproxyConf.Execute(text, map[string]any{
		"Node": node.Name, "Name": service.Name, "Listen": config.Listen, "HealthListen": config.HealthListen,
		"HealthPath": proxy.HealthPath, "CheckPath": checkPath, "Balance": *service.Balance, "Servers": config.Servers, "AgentCheck": c.agentCheck(),
		"OriginHost": c.originHost(), "OriginPath": originCheckPath,
	})
	if err != nil {
		return proxy.Process{}, fmt.Errorf("haproxy.cfg: %w", err)
	}
	file := path.Join(c.dir(node.Name), service.Name+".cfg")
	ready, err := c.local(node.Name, service.Port)
	return proxy.Process{
		Service: service.Name,
		Engine:  string(topology.HAProxy),
		Files:   []proxy.File{{Path: file, Mode: 0o644, Content: text.String()}},
		Command: []string{"haproxy", "-W", "-db", "-f", file},
		Ready:   ready,
		Reload:  reloading("haproxy"),
		Events:  "haproxy",
	}, err
}

// balancer is the process of a builtin balancer.
func (c configurer) balancer(node topology.Node, service topology.Service) (proxy.Process, error) {
	config, err := c.balancing(node, service)
	if err != nil {
		return proxy.Process{}, err
	}
	process, err := builtin(service.Name, "builtin", "balancer", c.dir(node.Name), config)
	if err != nil {
		return proxy.Process{}, err
	}
	process.Listen = []string{config.Listen, config.HealthListen}
	process.Ready, err = c.local(node.Name, service.Port)
	return process, err
}

// balancing resolves what a balancer, real or builtin, needs to know.
func (c configurer) balancing(node topology.Node, service topology.Service) (proxy.BalancerConfig, error) {
	listen, err := c.listen(node.Name, service.Port)
	if err != nil {
		return proxy.BalancerConfig{}, err
	}
	health, err := c.listen(node.Name, proxy.HealthPort)
	if err != nil {
		return proxy.BalancerConfig{}, err
	}
	b := service.Balance
	config := proxy.BalancerConfig{
		Node: node.Name, Listen: listen, HealthListen: health, Algorithm: b.Algorithm, Check: b.Check, Passive: b.Passive,
		ConnectTimeout: b.ConnectTimeout, Retries: b.Retries, Redispatch: b.Redispatch, RedispatchEvery: b.RedispatchEvery,
		IdleTimeout: b.IdleTimeout(), ShutdownSessions: b.ShutdownSessions, ShutdownBackups: b.ShutdownBackups,
	}
	for i, name := range b.All() {
		target, err := c.forwardProxy(name)
		if err != nil {
			return proxy.BalancerConfig{}, err
		}
		addr, err := c.remote(name, target.Port)
		if err != nil {
			return proxy.BalancerConfig{}, err
		}
		agent, err := c.signalAddr(name)
		if err != nil {
			return proxy.BalancerConfig{}, err
		}
		server := proxy.BalancedServer{Name: name, Addr: addr, Backup: i >= len(b.Servers), Probe: c.probe(b.Check.Kind, target, addr), Agent: agent}
		if b.Check.Kind == topology.CheckOrigin {
			if server.Probe, err = c.probeOrigin(addr); err != nil {
				return proxy.BalancerConfig{}, err
			}
		}
		config.Servers = append(config.Servers, server)
	}
	return config, nil
}

// checkPath is what HAProxy asks its servers for: one request for the whole backend, so their engines must agree on it.
func (c configurer) checkPath(servers []string) (string, error) {
	var common string
	for _, name := range servers {
		target, err := c.forwardProxy(name)
		if err != nil {
			return "", err
		}
		path := c.healthPath(target)
		if common != "" && path != common {
			return "", fmt.Errorf("haproxy in front of forward proxies of different engines (%s): %w", strings.Join(servers, ", "), proxy.ErrUnsupported)
		}
		common = path
	}
	return common, nil
}

// forwardProxy finds the one forward proxy of a node.
func (c configurer) forwardProxy(name string) (topology.Service, error) {
	for _, node := range c.t.Nodes {
		if node.Name != name {
			continue
		}
		for _, service := range node.Services {
			if service.Forwards() {
				return service, nil
			}
		}
	}
	return topology.Service{}, fmt.Errorf("forward proxy of %s: %w", name, proxy.ErrNotFound)
}

// milliseconds writes a duration as HAProxy reads it; a part of a millisecond counts whole, so that 0 stays apart.
func milliseconds(d time.Duration) string {
	return strconv.FormatInt((d+time.Millisecond-1).Milliseconds(), 10) + "ms"
}
