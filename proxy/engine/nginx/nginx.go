package nginx

import (
	"fmt"
	"path"
	"strings"
	"text/template"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
)

// nginxConf balances TCP with nginx's stream module. It has one worker: each worker counts failures on its own, so more workers mean
// more failed connections to a dead server. The worker stays root, so that the node's agent can freeze and kill it. Files of nginx
// are in the node's own directory. Its log is on standard error.
var nginxConf = template.Must(template.New("nginx.conf").Funcs(template.FuncMap{"ms": engine.Milliseconds}).Parse(`# {{.Node}}: TCP balancer, written by spof
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
user root;
worker_processes 1;
pid {{.PIDFile}};
error_log stderr notice;

events {
    worker_connections 16384;
}

stream {
    upstream {{.Name}} {
{{- if eq .Balance.Algorithm "leastconn"}}
        least_conn;
{{- else if eq .Balance.Algorithm "source"}}
        hash $remote_addr;
{{- end}}
{{- range .Servers}}
        server {{.Addr}} max_fails={{$.Balance.Passive.MaxFails}} fail_timeout={{$.FailSeconds}}s{{if .Backup}} backup{{end}}; # {{.Name}}
{{- end}}
    }

    server {
        listen {{.Listen}};
        proxy_pass {{.Name}};
        proxy_connect_timeout {{ms .Balance.ConnectTimeout}};
{{- with .Balance.ProxyTimeout}}
        proxy_timeout {{ms .}};
{{- end}}
        proxy_next_upstream {{if .Balance.Redispatch}}on{{else}}off{{end}};
        proxy_next_upstream_tries {{.Tries}};
    }
}

http {
    access_log off;
    client_body_temp_path {{.Dir}}/nginx-body;
    proxy_temp_path {{.Dir}}/nginx-proxy;
    fastcgi_temp_path {{.Dir}}/nginx-fastcgi;
    uwsgi_temp_path {{.Dir}}/nginx-uwsgi;
    scgi_temp_path {{.Dir}}/nginx-scgi;

    server {
        listen {{.HealthListen}};

        location = {{.HealthPath}} {
            return 200;
        }
    }
}
`))

// process runs nginx: a master and one worker.
func process(t engine.Task) (proxy.Process, error) {
	b := t.Service.Balance
	if b == nil || b.Passive == nil {
		return proxy.Process{}, fmt.Errorf("nginx without passive checks: %w", proxy.ErrUnsupported)
	}
	file, pid := path.Join(t.Dir, t.Service.Name+".conf"), path.Join(t.Dir, t.Service.Name+".pid")
	text := new(strings.Builder)
	err := nginxConf.Execute(text, map[string]any{
		"Node": t.Node, "Name": t.Service.Name, "Listen": t.Listen, "HealthListen": t.Health,
		"HealthPath": proxy.HealthPath, "Balance": *b, "Servers": t.Servers, "Dir": t.Dir, "PIDFile": pid,
		"Tries": b.Retries + 1, "FailSeconds": int(b.Passive.FailTimeout.Seconds()),
	})
	if err != nil {
		return proxy.Process{}, fmt.Errorf("nginx.conf: %w", err)
	}
	names := make(map[string]string, len(t.Servers))
	for _, server := range t.Servers {
		names[server.Addr] = server.Name
	}
	return proxy.Process{
		Files:   []proxy.File{{Path: file, Mode: 0o644, Content: text.String()}},
		Command: []string{"nginx", "-e", "stderr", "-p", t.Dir, "-c", file},
		Stale:   []string{pid},
		Ready:   t.Ready,
		Names:   names,
		// nginx compares whole seconds, and more than fail_timeout must have passed. Attempts that were under way at the warning
		// count again.
		Aside: b.Passive.FailTimeout + time.Second + b.ConnectTimeout,
	}, nil
}
