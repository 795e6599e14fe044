package configure

import (
	_ "embed"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine/builtin"
	"github.com/seed-ab8b6914/spof/topology"
)

// probeScript does for keepalived what Probe does: to start this program for each check costs some 30 times as much CPU.
//
//go:embed probe.sh
var probeScript string

// lanInterface is the LAN in a container of a proxy or a balancer: it is on no other network.
const lanInterface = "eth0"

// keepalivedConf: every member starts as BACKUP and the priority decides. Adverts go unicast, since bridges of container
// engines may filter multicast. Gratuitous ARP stays at the defaults: 5 at the transition to MASTER, 5 more 5 s later.
var keepalivedConf = template.Must(template.New("keepalived.conf").Funcs(template.FuncMap{"seconds": seconds}).Parse(`# {{.Node}}: VRRP, written by spof
global_defs {
    router_id {{.Node}}
    vrrp_notify_fifo {{.FIFO}}
    enable_script_security
    script_user root
}
{{- with .Signals}}

track_file chassis-drain {
    file "{{.Drain}}"
}

track_file chassis-leave {
    file "{{.Leave}}"
    weight 0
}
{{- end}}
{{- range .Instances}}
{{- with .Track}}

vrrp_script {{.Name}} {
    script "{{.Command}}"
    interval {{seconds .Interval}}
    timeout {{.WholeTimeout}}
    fall {{.Fall}}
    rise {{.Rise}}
    weight {{.Weight}}
}
{{- end}}

vrrp_instance {{.Address}} {
    version {{.Version}}
    state BACKUP
    interface {{$.Interface}}
    virtual_router_id {{.RouterID}}
    priority {{.Priority}}
    advert_int {{seconds .Advert}}
{{- if not .Preempt}}
    nopreempt
{{- end}}
    unicast_src_ip {{$.Own}}
    unicast_peer {
{{- range .Peers}}
        {{.}}
{{- end}}
    }
    virtual_ipaddress {
        {{.VIP}}/32 dev {{$.Interface}}
    }
{{- with .Track}}
    track_script {
        {{.Name}}
    }
{{- end}}
{{- with .Signals}}
    track_file {
        chassis-drain weight {{.Weight}}
        chassis-leave
    }
{{- end}}
}
{{- end}}
`))

// keepalived is the process that lets a node hold addresses: real, or builtin.
func (c configurer) keepalived(node topology.Node, instances []proxy.VRRPInstance) (proxy.Process, error) {
	own, err := find(c.site.LAN, node.Name)
	if err != nil {
		return proxy.Process{}, err
	}
	dir := c.dir(node.Name)
	if c.site.Builtin {
		config := proxy.VRRPConfig{Node: node.Name, Own: own.String(), Shared: c.site.Shared, Token: c.site.Token, Instances: instances}
		if !config.Shared {
			config.Interface = lanInterface
		}
		return builtin.VRRP(dir, config)
	}
	fifo := path.Join(dir, "keepalived.fifo")
	probe := path.Join(dir, "probe.sh")
	text, err := keepalivedText(node.Name, own.String(), fifo, probe, instances)
	if err != nil {
		return proxy.Process{}, err
	}
	conf := path.Join(dir, "keepalived.conf")
	files := []proxy.File{{Path: conf, Mode: 0o600, Content: text}}
	if slices.ContainsFunc(instances, func(v proxy.VRRPInstance) bool { return v.Track != nil }) {
		files = append(files, proxy.File{Path: probe, Mode: 0o600, Content: probeScript})
	}
	pid, vrrpPID := path.Join(dir, "keepalived.pid"), path.Join(dir, "keepalived-vrrp.pid")
	return proxy.Process{
		Service: proxy.ServiceKeepalived,
		Engine:  "keepalived",
		Files:   files,
		Command: []string{"keepalived", "--dont-fork", "--log-console", "--log-detail", "--vrrp",
			"--use-file", conf, "--pid", pid, "--vrrp_pid", vrrpPID},
		Stale:  []string{pid, vrrpPID},
		Events: "keepalived",
		Reload: reloading("keepalived"),
		FIFO:   fifo,
	}, nil
}

// keepalivedText is keepalived.conf.
func keepalivedText(node, own, fifo, probe string, instances []proxy.VRRPInstance) (string, error) {
	type track struct {
		proxy.VRRPTrack
		Name, Command string
		WholeTimeout  int // s: when keepalived ends a probe that has not kept its own time-out
	}
	type instance struct {
		proxy.VRRPInstance
		Track *track
	}
	var list []instance
	for _, v := range instances {
		i := instance{VRRPInstance: v}
		if v.Track != nil {
			if v.Track.Interval%time.Second != 0 {
				return "", fmt.Errorf("keepalived tracks in whole seconds, every %v is %w", v.Track.Interval, proxy.ErrUnsupported)
			}
			i.Track = &track{*v.Track, v.Address + "-track", probeCommand(probe, *v.Track), int(v.Track.Timeout/time.Second) + 1}
		}
		list = append(list, i)
	}
	text := new(strings.Builder)
	err := keepalivedConf.Execute(text, map[string]any{
		"Node": node, "Own": own, "FIFO": fifo, "Interface": lanInterface, "Instances": list, "Signals": list[0].Signals,
	})
	if err != nil {
		return "", fmt.Errorf("keepalived.conf: %w", err)
	}
	return text.String(), nil
}

// probeCommand is the command line of the script for a check. bash is named since /run may be mounted noexec; -p keeps it from
// reading anything of its environment.
func probeCommand(script string, t proxy.VRRPTrack) string {
	addr, ask := t.Probe, ""
	switch t.Kind {
	case topology.CheckHTTP:
		authority, path, _ := strings.Cut(strings.TrimPrefix(t.Probe, "http://"), "/")
		addr, ask = authority, " /"+path+" "+authority
	case topology.CheckOrigin: // a proxy is asked in absolute form (RFC 9112, section 3.2.2)
		url, through, _ := strings.Cut(t.Probe, "@")
		authority, _, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
		addr, ask = through, " "+url+" "+authority
	}
	host, port, _ := strings.Cut(addr, ":")
	return "/bin/bash -p " + script + " " + seconds(t.Timeout) + " " + host + " " + port + ask
}

// instances gives the addresses a node may hold.
func (c configurer) instances(node topology.Node) ([]proxy.VRRPInstance, error) {
	var instances []proxy.VRRPInstance
	for _, address := range c.t.Addresses {
		own, ok := member(address, node.Name)
		if !ok {
			continue
		}
		instance, err := c.instance(node, address, own)
		if err != nil {
			return nil, fmt.Errorf("address %s: %w", address.Name, err)
		}
		instances = append(instances, instance)
	}
	return instances, nil
}

func (c configurer) instance(node topology.Node, address topology.Address, own topology.Member) (proxy.VRRPInstance, error) {
	vip, err := find(c.site.VIP, address.Name)
	if err != nil {
		return proxy.VRRPInstance{}, err
	}
	instance := proxy.VRRPInstance{
		Address: address.Name, VIP: vip.String(), RouterID: address.RouterID, Version: address.Version,
		Advert: address.Advert, Priority: own.Priority, Preempt: address.Preempt,
		Signals: c.vrrpSignals(node, address),
	}
	for _, m := range address.Members {
		if m.Node == node.Name {
			continue
		}
		peer, err := find(c.site.LAN, m.Node)
		if err != nil {
			return proxy.VRRPInstance{}, err
		}
		instance.Peers = append(instance.Peers, peer.String())
	}
	if address.Track != nil {
		instance.Track, err = c.track(node, *address.Track)
	}
	return instance, err
}

// track resolves a health check to the node's own service of that name.
func (c configurer) track(node topology.Node, track topology.Track) (*proxy.VRRPTrack, error) {
	for _, service := range node.Services {
		if service.Name != track.Service {
			continue
		}
		port := service.Port
		if track.Kind == topology.CheckHTTP && service.Balances() {
			port = proxy.HealthPort
		}
		addr, err := c.local(node.Name, port)
		if err != nil {
			return nil, err
		}
		t := &proxy.VRRPTrack{Check: track.Check, Probe: c.probe(track.Kind, service, addr), Weight: track.Weight}
		if track.Kind == topology.CheckOrigin {
			t.Probe, err = c.probeOrigin(addr)
		}
		return t, err
	}
	return nil, fmt.Errorf("service %s to track: %w", track.Service, proxy.ErrNotFound)
}

// seconds writes a duration as keepalived reads it.
func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) }
