package configure

import (
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

// dialTimeout is how long a builtin forward proxy waits for its WAN link, where it does not stand in for a Squid with a time of
// its own: 2 s outlast one lost SYN (sent again after 1 s).
const dialTimeout = 2 * time.Second

// squidHealthPath is answered by Squid itself, with 200 and without touching an origin: the menu of its cache manager.
const squidHealthPath = "/squid-internal-mgr/menu"

// squidConf keeps Squid to what is measured here: forwarding, without a log of requests or a resolver to wait for (only the
// names of the hosts file are allowed, so no look-up ever leaves), and without a cache but where the design has one. What is
// fresh is the origin's own word. Siblings are asked with Squid's defaults: it waits for an answer at most 2 s, by the
// times it has seen, and takes a sibling for dead that has been silent for 10 s. But by its default it asks nobody about an origin that is less
// than 400 ms away, which a WAN link's gateway always seems to be: minimum_direct_rtt and _hops of 0 have it ask. Its digest
// it gives only to who asks for it by one of its names.
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

// squid is the process of a real Squid. Run with -N it is one process: what is killed or frozen is all there is. It
// tells of itself on standard error (-d 1).
func (c configurer) squid(node topology.Node, service topology.Service) (proxy.Process, error) {
	listen, err := c.listen(node.Name, service.Port)
	if err != nil {
		return proxy.Process{}, err
	}
	ready, err := c.local(node.Name, service.Port)
	if err != nil {
		return proxy.Process{}, err
	}
	own, err := find(c.site.LAN, node.Name)
	if err != nil {
		return proxy.Process{}, err
	}
	dir := c.dir(node.Name)
	conf, pid := path.Join(dir, service.Name+".conf"), path.Join(dir, service.Name+".pid")
	// -n takes letters and digits only, of which names have no capitals; it names the shared memory and tells Squids on one
	// host apart.
	name := strings.ReplaceAll(node.Name+service.Name, "-", "X")
	var origins []string
	for _, origin := range c.t.Origins {
		origins = append(origins, host(origin))
	}
	parents, err := c.parents(service)
	if err != nil {
		return proxy.Process{}, err
	}
	cache, err := c.squidCache(node.Name, service)
	if err != nil {
		return proxy.Process{}, err
	}
	timers := service.OwnTimers()
	text := new(strings.Builder)
	err = squidConf.Execute(text, map[string]any{
		"Parents": parents,
		"Node":    node.Name, "Listen": listen, "HostsFile": "/etc/hosts", "PIDFile": pid,
		"Clients": c.clients(), "Self": []netip.Addr{own}, "Origins": origins,
		"HTTP": topology.OriginHTTP, "HTTPS": topology.OriginHTTPS,
		"ConnectSeconds": int(timers.ConnectTimeout.Seconds()), "ForwardSeconds": int(timers.ForwardTimeout.Seconds()),
		"ShutdownSeconds": int(timers.ShutdownLifetime.Seconds()), "RetryOnError": service.Parents != nil && service.Parents.RetryOnError,
		"Cache": cache, "Digest": cache != nil && cache.Digest,
	})
	if err != nil {
		return proxy.Process{}, fmt.Errorf("squid.conf: %w", err)
	}
	process := proxy.Process{
		Service:  service.Name,
		Engine:   string(topology.Squid),
		Files:    []proxy.File{{Path: conf, Mode: 0o644, Content: text.String()}},
		Command:  []string{"squid", "-N", "-n", name, "-d", "1", "-f", conf},
		Stale:    []string{pid},
		Segments: name + "-",
		Ready:    ready,
		Events:   "squid",
		Reload:   reloading("squid"),
		StopsIn:  service.StopsIn(),
	}
	if cache != nil && cache.Store != "" { // the directories of the store: made where there are none yet
		process.Disk, process.Before = diskOf(service), append(slices.Clone(process.Command), "-z")
	}
	return process, nil
}

// squidParent is one cache_peer of a Squid.
type squidParent struct {
	Name, Addr              string // its node
	Port, Seconds, Failures int
}

// parents resolves a Squid's parents, the preferred one first.
func (c configurer) parents(service topology.Service) ([]squidParent, error) {
	if service.Parents == nil {
		return nil, nil
	}
	var list []squidParent
	for _, name := range service.Parents.Nodes {
		target, err := c.forwardProxy(name)
		if err != nil {
			return nil, err
		}
		addr, err := find(c.site.LAN, name)
		if err != nil {
			return nil, err
		}
		list = append(list, squidParent{name, addr.String(), target.Port, int(service.Parents.ConnectTimeout.Seconds()), service.Parents.FailLimit})
	}
	return list, nil
}

// clients are the addresses a forward proxy serves: every node of the lab, and itself.
func (c configurer) clients() []netip.Addr {
	clients := []netip.Addr{loopback}
	for _, addr := range c.site.LAN {
		clients = append(clients, addr)
	}
	slices.SortFunc(clients, netip.Addr.Compare)
	return slices.Compact(clients)
}

// proxy is the process of a builtin forward proxy.
func (c configurer) proxy(node topology.Node, service topology.Service) (proxy.Process, error) {
	if service.Parents != nil {
		return proxy.Process{}, fmt.Errorf("parents of a Squid that %s stands in for: %w", topology.Builtin, proxy.ErrUnsupported)
	}
	listen, err := c.listen(node.Name, service.Port)
	if err != nil {
		return proxy.Process{}, err
	}
	hosts, err := c.hosts(node)
	if err != nil {
		return proxy.Process{}, err
	}
	connect := dialTimeout
	if service.Engine == topology.Squid {
		connect = service.OwnTimers().ConnectTimeout
	}
	process, err := builtin(service.Name, "builtin", "proxy", c.dir(node.Name), proxy.ProxyConfig{
		Node: node.Name, Listen: listen, Hosts: hosts,
		Ports: []int{topology.OriginHTTP}, ConnectPorts: []int{topology.OriginHTTPS},
		DialTimeout: connect, Linger: service.StopsIn(),
	})
	if err != nil {
		return proxy.Process{}, err
	}
	process.Listen, process.StopsIn = []string{listen}, service.StopsIn()
	process.Ready, err = c.local(node.Name, service.Port)
	return process, err
}
