package keepalived

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
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology"
)

// probeScript does the checks of Probe: running this program for each check costs some 30 times as much CPU.
//
//go:embed probe.sh
var probeScript string

// keepalivedConf has every member start as BACKUP, and the priority decides. Adverts are unicast, because bridges of container engines
// may filter multicast. Gratuitous ARP has the defaults: 5 at the transition to MASTER, 5 more 5 s later.
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

// process runs keepalived.
func process(t engine.Task) (proxy.Process, error) {
	fifo, probe := path.Join(t.Dir, "keepalived.fifo"), path.Join(t.Dir, "probe.sh")
	text, err := keepalivedText(t, fifo, probe)
	if err != nil {
		return proxy.Process{}, err
	}
	conf := path.Join(t.Dir, "keepalived.conf")
	files := []proxy.File{{Path: conf, Mode: 0o600, Content: text}}
	if slices.ContainsFunc(t.Instances, func(v proxy.VRRPInstance) bool { return v.Track != nil }) {
		files = append(files, proxy.File{Path: probe, Mode: 0o600, Content: probeScript})
	}
	pid, vrrpPID := path.Join(t.Dir, "keepalived.pid"), path.Join(t.Dir, "keepalived-vrrp.pid")
	return proxy.Process{
		Files: files,
		Command: []string{"keepalived", "--dont-fork", "--log-console", "--log-detail", "--vrrp",
			"--use-file", conf, "--pid", pid, "--vrrp_pid", vrrpPID},
		Stale: []string{pid, vrrpPID},
		FIFO:  fifo,
	}, nil
}

// keepalivedText is keepalived.conf.
func keepalivedText(t engine.Task, fifo, probe string) (string, error) {
	if len(t.Instances) == 0 {
		return "", fmt.Errorf("keepalived on a node without an address: %w", proxy.ErrUnsupported)
	}
	type track struct {
		proxy.VRRPTrack
		Name, Command string
		WholeTimeout  int // s: after it keepalived kills a probe that exceeds its own timeout
	}
	type instance struct {
		proxy.VRRPInstance
		Track *track
	}
	var list []instance
	for _, v := range t.Instances {
		i := instance{VRRPInstance: v}
		if v.Track != nil {
			if v.Track.Interval%time.Second != 0 {
				return "", reason.Errorf("time-step", "keepalived counts intervals of track scripts in whole seconds, %v is %w", v.Track.Interval, proxy.ErrUnsupported)
			}
			i.Track = &track{*v.Track, v.Address + "-track", probeCommand(probe, *v.Track), int(v.Track.Timeout/time.Second) + 1}
		}
		list = append(list, i)
	}
	text := new(strings.Builder)
	err := keepalivedConf.Execute(text, map[string]any{
		"Node": t.Node, "Own": t.Own.String(), "FIFO": fifo, "Interface": engine.Interface, "Instances": list, "Signals": list[0].Signals,
	})
	if err != nil {
		return "", fmt.Errorf("keepalived.conf: %w", err)
	}
	return text.String(), nil
}

// probeCommand gives the command line of a check. It names bash because /run may be mounted noexec. With -p bash reads nothing from
// its environment.
func probeCommand(script string, t proxy.VRRPTrack) string {
	addr, ask := t.Probe, ""
	switch t.Kind {
	case topology.CheckHTTP:
		authority, path, _ := strings.Cut(strings.TrimPrefix(t.Probe, "http://"), "/")
		addr, ask = authority, " /"+path+" "+authority
	case topology.CheckOrigin: // a request to a proxy has the absolute form (RFC 9112, section 3.2.2)
		url, through, _ := strings.Cut(t.Probe, "@")
		authority, _, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
		addr, ask = through, " "+url+" "+authority
	}
	host, port, _ := strings.Cut(addr, ":")
	return "/bin/bash -p " + script + " " + seconds(t.Timeout) + " " + host + " " + port + ask
}

// seconds writes a duration for keepalived.
func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) }
