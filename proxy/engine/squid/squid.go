package squid

import (
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strings"
	"text/template"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/topology"
)

// squidConf limits Squid to what is measured here: forwarding without a request log and without a resolver (it allows only names of
// the hosts file, so no look-up leaves the node), and a cache only if the design has one. The origin decides about freshness. Queries
// to siblings have Squid's defaults: it waits for an answer at most 2 s, depending on the times that it measured, and considers a
// sibling dead after 10 s without an answer. By default Squid asks no sibling about an origin that is less than 400 ms away, as a WAN
// link's gateway always seems to be; minimum_direct_rtt and minimum_direct_hops of 0 make it ask. Squid gives its digest only to
// requests for one of its own names. Guests reach the origins as the users do, and nothing else: neither the cache manager nor ICP.
var squidConf = template.Must(template.New("squid.conf").Parse(`# {{.Node}}: forward proxy, written by spof
http_port {{.Listen}}
visible_hostname {{.Node}}
via on
forwarded_for on
hosts_file {{.HostsFile}}
dns_nameservers 127.0.0.1
dns_timeout 1 second
dns_retransmit_interval 1 second

acl lab src{{range .Clients}} {{.}}{{end}}
acl self dstdomain -n {{.Node}} 127.0.0.1{{range .Self}} {{.}}{{end}}
acl origins dstdomain -n{{range .Origins}} {{.}}{{end}}
acl http port {{.HTTP}}
acl https port {{.HTTPS}}
{{- if .Guests.IsValid}}
acl guests src {{.Guests}}
http_access allow guests origins CONNECT https
http_access allow guests origins !CONNECT http
{{- end}}
http_access deny !lab
http_access allow self manager
{{- if .Digest}}
hostname_aliases{{range .Self}} {{.}}{{end}}
acl digest urlpath_regex ^/squid-internal-periodic/store_digest$
http_access allow self digest
{{- end}}
http_access deny !origins
http_access allow CONNECT https
http_access allow !CONNECT http
http_access deny all

{{- if .Parents}}

{{range .Parents}}cache_peer {{.Addr}} parent {{.Port}} 0 no-query no-digest no-netdb-exchange name={{.Name}} connect-timeout={{.Seconds}} connect-fail-limit={{.Failures}}
{{end}}never_direct allow all
retry_on_error {{if .RetryOnError}}on{{else}}off{{end}}
{{- end}}

{{with .Cache}}cache_mem {{.MemoryKB}} KB
maximum_object_size_in_memory {{.ObjectKB}} KB
maximum_object_size 65 MB
{{if .Store}}cache_dir {{.StoreKind}} {{.Store}} {{.StoreMB}} 4 16
{{end}}icp_port {{.ICP}}
{{if .HTCP}}htcp_port {{.HTCP}}
htcp_access allow lab
{{end}}icp_access allow lab
{{range .Siblings}}cache_peer {{.Addr}} sibling {{.Port}} {{.Options}} name={{.Name}}
{{end}}{{if .Siblings}}minimum_direct_rtt 0
minimum_direct_hops 0
{{end}}{{else}}cache deny all
cache_mem 8 MB
{{end}}connect_timeout {{.ConnectSeconds}} seconds
forward_timeout {{.ForwardSeconds}} seconds
client_db off
max_filedescriptors 65536
cache_effective_user proxy
pid_filename {{.PIDFile}}
coredump_dir none
access_log none
cache_log /dev/null
cache_store_log none
pinger_enable off
netdb_filename none
{{if .Digest}}digest_generation on
digest_rebuild_period {{.Cache.DigestSeconds}} seconds
digest_rewrite_period {{.Cache.DigestSeconds}} seconds
{{else}}digest_generation off
{{end}}shutdown_lifetime {{.ShutdownSeconds}} seconds
`))

// process runs Squid. With -N Squid is a single process, so that a kill or a freeze affects all of it. It logs to standard error
// (-d 1).
func process(t engine.Task) (proxy.Process, error) {
	conf, pid := path.Join(t.Dir, t.Service.Name+".conf"), path.Join(t.Dir, t.Service.Name+".pid")
	// -n names the shared memory, for several Squids on one host. It takes letters and digits only; names of a design have no
	// capitals.
	name := strings.ReplaceAll(t.Node+t.Service.Name, "-", "X")
	cache := cacheOf(t)
	timers := t.Service.OwnTimers()
	text := new(strings.Builder)
	err := squidConf.Execute(text, map[string]any{
		"Parents": parents(t),
		"Node":    t.Node, "Listen": t.Listen, "HostsFile": "/etc/hosts", "PIDFile": pid,
		"Clients": t.Clients, "Guests": t.Guests, "Self": []netip.Addr{t.Own}, "Origins": t.Origins,
		"HTTP": topology.OriginHTTP, "HTTPS": topology.OriginHTTPS,
		"ConnectSeconds": int(timers.ConnectTimeout.Seconds()), "ForwardSeconds": int(timers.ForwardTimeout.Seconds()),
		"ShutdownSeconds": int(timers.ShutdownLifetime.Seconds()), "RetryOnError": t.Service.Parents != nil && t.Service.Parents.RetryOnError,
		"Cache": cache, "Digest": cache != nil && cache.Digest,
	})
	if err != nil {
		return proxy.Process{}, fmt.Errorf("squid.conf: %w", err)
	}
	process := proxy.Process{
		Files:    []proxy.File{{Path: conf, Mode: 0o644, Content: text.String()}},
		Command:  []string{"squid", "-N", "-n", name, "-d", "1", "-f", conf},
		Stale:    []string{pid},
		Segments: name + "-",
		Ready:    t.Ready,
		StopsIn:  t.Service.StopsIn(),
	}
	if cache != nil && cache.Store != "" { // -z makes the directories of the store
		process.Disk, process.Before = t.Disk, append(slices.Clone(process.Command), "-z")
	}
	return process, nil
}

// squidParent is one cache_peer of a Squid.
type squidParent struct {
	Name, Addr              string // its node
	Port, Seconds, Failures int
}

// parents gives the parents of a Squid, the preferred one first.
func parents(t engine.Task) (list []squidParent) {
	for _, p := range t.Parents {
		of := t.Service.Parents
		list = append(list, squidParent{p.Name, p.Addr.String(), p.Port, int(of.ConnectTimeout.Seconds()), of.FailLimit})
	}
	return list
}
