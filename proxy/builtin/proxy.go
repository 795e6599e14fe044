package builtin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strconv"

	"github.com/elazarl/goproxy"
	"github.com/inetaf/tcpproxy"

	"github.com/seed-ab8b6914/spof/proxy"
)

// ProxyMain is a forward proxy (proxy.ProxyConfig) on listeners[0]. It forwards requests and opens tunnels to the configured hosts and
// ports, keeps connections on both sides, caches nothing and changes no content. It answers 403 to other targets, 504 when the connect
// to an origin times out, 503 when the connect fails, 502 when the origin breaks off.
func ProxyMain(ctx context.Context, configJSON []byte, listeners []net.Listener, _ io.Writer) error {
	cfg, err := decode[proxy.ProxyConfig](configJSON, 1, listeners)
	if err != nil {
		return err
	}
	if cfg.DialTimeout <= 0 {
		return fmt.Errorf("configuration: dial_timeout_ns %d: want more than 0", cfg.DialTimeout)
	}
	f := newForwarder(cfg)
	l := listen(listeners[0], connLimit(2))
	server := &http.Server{
		Handler:           f.handler(),
		ReadHeaderTimeout: headerWithin,
		IdleTimeout:       idleAfter,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	defer f.transport.CloseIdleConnections()
	over := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(over)
		server.SetKeepAlivesEnabled(false) // closes idle connections
		_ = l.Listener.Close()
		sleepUntil(context.Background(), proxy.Monotonic()+int64(cfg.Linger))
		_ = l.Close()
		_ = server.Close()
	})
	err = ended(ctx, server.Serve(listeningSocket{l}))
	if !stop() {
		<-over
	}
	return err
}

// listeningSocket is a listener whose Close keeps the accepted connections open.
type listeningSocket struct{ *listener }

// Close closes only the listening socket.
func (l listeningSocket) Close() error { return l.Listener.Close() }

// forwarder is a forward proxy.
type forwarder struct {
	cfg       proxy.ProxyConfig
	via       string
	transport *http.Transport
}

func newForwarder(cfg proxy.ProxyConfig) *forwarder {
	f := &forwarder{cfg: cfg, via: "1.1 " + cfg.Node + " (spof)"}
	f.transport = &http.Transport{
		DialContext:         f.dial,
		DisableCompression:  true, // adds no Accept-Encoding
		MaxIdleConnsPerHost: 1024,
		IdleConnTimeout:     idleAfter,
	}
	return f
}

// handler configures goproxy.
func (f *forwarder) handler() http.Handler {
	p := goproxy.NewProxyHttpServer()
	p.Logger = log.New(io.Discard, "", 0)
	p.Tr = f.transport
	p.KeepAcceptEncoding = true
	p.NonproxyHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != proxy.HealthPath {
			http.Error(w, "not a request to a proxy", http.StatusBadRequest)
		}
	})
	p.OnRequest().DoFunc(f.request)
	p.OnRequest().HandleConnectFunc(f.connect)
	p.OnResponse().DoFunc(f.response)
	return p
}

// request refuses a request or forwards it with Via.
func (f *forwarder) request(r *http.Request, ctx *goproxy.ProxyCtx) (*http.Request, *http.Response) {
	if r.URL.Path == proxy.HealthPath {
		return r, goproxy.NewResponse(r, goproxy.ContentTypeText, http.StatusOK, "")
	}
	if !f.allowed(r.URL.Hostname(), port(r.URL.Port(), "80"), f.cfg.Ports) {
		return r, goproxy.NewResponse(r, goproxy.ContentTypeText, http.StatusForbidden, "not allowed: "+r.URL.Host+"\n")
	}
	r.Header.Add("Via", f.via)
	if _, ok := r.Header["User-Agent"]; !ok {
		r.Header.Set("User-Agent", "") // else net/http adds its own
	}
	ctx.RoundTripper = goproxy.RoundTripperFunc(f.roundTrip)
	return r, nil
}

func (f *forwarder) roundTrip(r *http.Request, _ *goproxy.ProxyCtx) (*http.Response, error) {
	response, err := f.transport.RoundTrip(r)
	if err == nil && response.StatusCode != http.StatusSwitchingProtocols {
		response.Body = abortingBody{response.Body}
	}
	return response, err
}

// response adds Via to an answer, and turns an error into an answer.
func (f *forwarder) response(response *http.Response, ctx *goproxy.ProxyCtx) *http.Response {
	if response == nil {
		status := failed(ctx.Error)
		response = goproxy.NewResponse(ctx.Req, goproxy.ContentTypeText, status, http.StatusText(status)+"\n")
	}
	response.Header.Add("Via", f.via)
	return response
}

// connect refuses or opens a tunnel. It does not use goproxy's tunnel, whose answer cannot have Via.
func (f *forwarder) connect(host string, ctx *goproxy.ProxyCtx) (*goproxy.ConnectAction, string) {
	name, number, err := net.SplitHostPort(host)
	if err != nil || !f.allowed(name, number, f.cfg.ConnectPorts) {
		ctx.Resp = goproxy.NewResponse(ctx.Req, goproxy.ContentTypeText, http.StatusForbidden, "not allowed: "+host+"\n")
		ctx.Resp.Header.Set("Via", f.via)
		return goproxy.RejectConnect, host
	}
	return &goproxy.ConnectAction{
		Action: goproxy.ConnectHijack,
		Hijack: func(r *http.Request, client net.Conn, _ *goproxy.ProxyCtx) { f.tunnel(client, host) },
	}, host
}

// tunnel connects the client to the origin until both directions are closed.
func (f *forwarder) tunnel(client net.Conn, host string) {
	(&tcpproxy.DialProxy{
		Addr:            host,
		DialTimeout:     f.cfg.DialTimeout,
		KeepAlivePeriod: -1, // set by tune
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			origin, err := f.dial(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			if _, err := fmt.Fprintf(client, "HTTP/1.1 200 Connection established\r\nVia: %s\r\n\r\n", f.via); err != nil {
				_ = origin.Close()
				return nil, err
			}
			return origin, nil
		},
		OnDialError: func(client net.Conn, err error) {
			status := failed(err)
			_, _ = fmt.Fprintf(client, "HTTP/1.1 %d %s\r\nVia: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
				status, http.StatusText(status), f.via)
			_ = client.Close()
		},
	}).HandleConn(client)
}

// dial connects to a configured host.
func (f *forwarder) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	name, number, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	host, ok := f.cfg.Hosts[name]
	if !ok {
		return nil, fmt.Errorf("host %q is not configured", name)
	}
	return dial(ctx, net.JoinHostPort(host, number), f.cfg.DialTimeout)
}

// allowed reports whether the host is configured and the port is among ports.
func (f *forwarder) allowed(host, number string, ports []int) bool {
	_, known := f.cfg.Hosts[host]
	n, err := strconv.Atoi(number)
	return known && err == nil && slices.Contains(ports, n)
}

func port(number, otherwise string) string {
	if number == "" {
		return otherwise
	}
	return number
}

// failed gives the status for an origin's error: 504 connect timed out, 503 connect failed, 502 broken off.
func failed(err error) int {
	var op *net.OpError
	switch {
	case timedOut(err):
		return http.StatusGatewayTimeout
	case errors.As(err, &op) && op.Op == "dial":
		return http.StatusServiceUnavailable
	default:
		return http.StatusBadGateway
	}
}

// abortingBody is a body that aborts the client's connection when the origin aborts its own: a chunked body must not look
// complete.
type abortingBody struct{ io.ReadCloser }

func (b abortingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		panic(http.ErrAbortHandler)
	}
	return n, err
}
