package builtin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"sync"

	"github.com/inetaf/tcpproxy"
	"golang.org/x/sync/errgroup"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/topology"
)

// BalancerMain is a TCP balancer (proxy.BalancerConfig) on listeners[0]. It answers proxy.HealthPath on listeners[1]. It checks its
// servers actively like HAProxy, or passively like nginx, and prints server-up and server-down. If no server takes a connection, the
// balancer closes it. A server that goes down keeps its connections, unless the configuration says otherwise.
func BalancerMain(ctx context.Context, configJSON []byte, listeners []net.Listener, stdout io.Writer) error {
	cfg, err := decode[proxy.BalancerConfig](configJSON, 2, listeners)
	if err != nil {
		return err
	}
	b, err := newBalancer(cfg, stdout)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	run, ctx := errgroup.WithContext(ctx)
	run.Go(func() error { return b.serve(ctx, listen(listeners[0], connLimit(2))) })
	run.Go(func() error { return answerHealth(ctx, listen(listeners[1], 64)) })
	for i := range cfg.Servers {
		if cfg.Passive == nil {
			run.Go(func() error { return b.watch(ctx, i) })
			if cfg.Servers[i].Agent != "" {
				run.Go(func() error { return b.followChassis(ctx, i) })
			}
		}
	}
	return run.Wait()
}

// balancer distributes connections to servers.
type balancer struct {
	cfg    proxy.BalancerConfig
	retry  policy.Retry
	check  policy.CheckConfig
	events *events

	mu      sync.Mutex
	pool    *policy.Pool
	open    []map[net.Conn]bool // by server: its clients
	passive []*policy.Passive   // by server; empty with active checks
	failing []bool              // by server: its checks fail
	signals []proxy.Signal      // by server: its chassis's signal
}

func newBalancer(cfg proxy.BalancerConfig, stdout io.Writer) (*balancer, error) {
	pool, err := policy.NewPool(policy.Algorithm(cfg.Algorithm), len(cfg.Servers))
	if err != nil {
		return nil, err
	}
	if cfg.ConnectTimeout <= 0 || cfg.Check.Timeout <= 0 && cfg.Passive == nil {
		return nil, errors.New("connect_timeout_ns and the check's timeout_ns: want more than 0")
	}
	every := cfg.RedispatchEvery
	if cfg.Passive != nil {
		every = 1 // as nginx always does
	}
	b := &balancer{
		cfg: cfg,
		retry: policy.Retry{
			Retries: cfg.Retries, Redispatch: cfg.Redispatch, Every: every,
			InTurn: pool.Algorithm() == policy.RoundRobin, ConnectTimeout: cfg.ConnectTimeout,
		},
		check:   policy.CheckConfig{Interval: cfg.Check.Interval, Fall: cfg.Check.Fall, Rise: cfg.Check.Rise},
		events:  &events{node: cfg.Node, out: stdout},
		pool:    pool,
		open:    make([]map[net.Conn]bool, len(cfg.Servers)),
		failing: make([]bool, len(cfg.Servers)), signals: make([]proxy.Signal, len(cfg.Servers)),
	}
	for i, server := range cfg.Servers {
		b.signals[i] = proxy.SignalReady
		b.open[i] = map[net.Conn]bool{}
		if server.Backup {
			pool.Backup(i)
		}
	}
	if cfg.Passive != nil {
		pool.Spill()
		return b, b.preparePassive(*cfg.Passive)
	}
	return b, b.check.Validate()
}

// serve accepts connections until ctx ends.
func (b *balancer) serve(ctx context.Context, l *listener) error {
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	p := tcpproxy.Proxy{ListenFunc: func(string, string) (net.Listener, error) { return l, nil }}
	p.AddRoute(b.cfg.Listen, target{ctx, b})
	return ended(ctx, p.Run())
}

// target handles the connections that tcpproxy accepts.
type target struct {
	ctx context.Context // ends with the program
	*balancer
}

// HandleConn connects the client to a server until both directions are closed.
func (t target) HandleConn(client net.Conn) {
	var taken []int // the tried servers; the last one is in use
	defer func() {
		if len(taken) > 0 {
			t.release(taken[len(taken)-1])
			t.closed(taken[len(taken)-1], client)
		}
	}()
	(&tcpproxy.DialProxy{
		DialTimeout:     -1, // connect has a time-out for each attempt
		KeepAlivePeriod: -1, // set by tune
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			server, err := t.connect(source(client), &taken)
			if err == nil && !t.opened(taken[len(taken)-1], client) {
				return nil, errors.Join(errors.New("the server went out of service"), server.Close())
			}
			if err == nil && t.cfg.IdleTimeout > 0 {
				server = endIdle(server, client, t.cfg.IdleTimeout)
			}
			return server, err
		},
		OnDialError: func(client net.Conn, _ error) { _ = client.Close() },
	}).HandleConn(client)
}

// connect tries servers until one accepts the connection.
func (t target) connect(client netip.Addr, taken *[]int) (net.Conn, error) {
	i, ok := t.take(client, nil)
	if !ok {
		return nil, errors.New("no server is up")
	}
	*taken = append(*taken, i)
	for attempt := 1; ; attempt++ {
		server, err := dial(t.ctx, t.cfg.Servers[i].Addr, t.cfg.ConnectTimeout)
		t.connected(i, err)
		if err == nil {
			return server, nil
		}
		another, active, down := t.left(*taken)
		if !another && t.cfg.Passive != nil {
			return nil, err // nginx tries no server twice
		}
		again, redispatch, wait := t.retry.After(attempt, timedOut(err), another, active, down)
		if !again || !sleepUntil(t.ctx, proxy.Monotonic()+int64(wait)) {
			return nil, err
		}
		if redispatch {
			next, ok := t.take(client, *taken)
			if !ok {
				return nil, err
			}
			t.release(i)
			i = next
			*taken = append(*taken, i)
		}
	}
}

func (b *balancer) take(client netip.Addr, avoid []int) (int, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refresh()
	i, ok := b.pool.Take(client, avoid)
	if ok && len(b.passive) > 0 {
		b.passive[i].Chosen(proxy.Monotonic())
	}
	return i, ok
}

func (b *balancer) release(i int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pool.Release(i)
}

// opened records a client of server i. It reports false if the server has left service and the configuration closes its connections.
func (b *balancer) opened(i int, client net.Conn) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cfg.ShutdownSessions && (b.failing[i] || b.signals[i] == proxy.SignalLeave) {
		return false
	}
	b.open[i][client] = true
	return true
}

func (b *balancer) closed(i int, client net.Conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open[i], client)
}

// set takes server i into service or out of it. As configured, it closes the connections to a server that went down, and those to
// backups when a server is up again.
func (b *balancer) set(i int, up bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failing[i] = !up
	b.pool.Set(i, up && b.signals[i] == proxy.SignalReady)
	for k, server := range b.cfg.Servers {
		leaves := k == i && !up && b.cfg.ShutdownSessions
		relieved := server.Backup && up && !b.cfg.Servers[i].Backup && b.cfg.ShutdownBackups
		if leaves || relieved {
			b.disconnect(k)
		}
	}
}

// disconnect closes the connections to server i; b.mu is held.
func (b *balancer) disconnect(i int) {
	for client := range b.open[i] {
		_ = client.Close()
	}
}

// left tells which servers remain after the tried ones: whether another is up, how many are in service, and whether the last tried
// one is down.
func (b *balancer) left(tried []int) (another bool, active int, down bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refresh()
	return b.pool.Another(tried), b.pool.Active(), !b.pool.Up(tried[len(tried)-1])
}

// watch checks server i until ctx ends.
func (b *balancer) watch(ctx context.Context, i int) error {
	server := b.cfg.Servers[i]
	probe := func(ctx context.Context) error { return b.probe(ctx, server) }
	return watch(ctx, b.check, i, len(b.cfg.Servers), probe, b.events.missed(server.Name), func(now int64, up bool, err error) {
		b.set(i, up)
		event := proxy.Event{At: now, Kind: proxy.EventServerUp, Subject: server.Name}
		if !up {
			event.Kind, event.Text = proxy.EventServerDown, err.Error()
		}
		b.events.print(event)
	})
}

// probe is one health check. As in HAProxy, the connect timeout, at most the interval, bounds the connect, and the check's timeout
// bounds the answer after it.
func (b *balancer) probe(ctx context.Context, server proxy.BalancedServer) error {
	err := proxy.Probe(ctx, topology.CheckTCP, server.Addr, min(b.cfg.ConnectTimeout, b.check.Interval))
	if err != nil || b.cfg.Check.Kind == topology.CheckTCP {
		return err
	}
	return proxy.Probe(ctx, b.cfg.Check.Kind, server.Probe, b.cfg.Check.Timeout)
}

// answerHealth answers proxy.HealthPath with 200 while the program runs.
func answerHealth(ctx context.Context, l *listener) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+proxy.HealthPath, func(http.ResponseWriter, *http.Request) {})
	server := &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: headerWithin,
		IdleTimeout:       headerWithin,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	stop := context.AfterFunc(ctx, func() { _ = l.Close(); _ = server.Close() })
	defer stop()
	return ended(ctx, server.Serve(l))
}

// source is the client's address.
func source(client net.Conn) netip.Addr {
	if tcp, ok := client.RemoteAddr().(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr()
	}
	return netip.Addr{}
}
