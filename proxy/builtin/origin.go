package builtin

import (
	"context"
	"crypto/tls"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
	"golang.org/x/sync/errgroup"

	"github.com/seed-ab8b6914/spof/proxy"
)

// MaxObject is the largest object an origin serves, in bytes.
const MaxObject = 64 << 20

// OriginMain is a web server (proxy.OriginConfig): HTTP on listeners[0], HTTPS on listeners[1]. GET /o/N/ID gives N bytes that depend
// only on the path. Spof-Sum is their CRC-32C (8 hex digits), Spof-Object the path, Spof-Via the request's Via, or "-". N is 0 to
// MaxObject, ID has 1 to 128 characters of A-Za-z0-9._-; other paths are 404. Objects below /o/ are not cacheable. /c/N/ID gives
// cacheable objects with validators. Below /s/ is a WebSocket that sends each message back.
func OriginMain(ctx context.Context, configJSON []byte, listeners []net.Listener, _ io.Writer) error {
	cfg, err := decode[proxy.OriginConfig](configJSON, 2, listeners)
	if err != nil {
		return err
	}
	certificate, err := tls.X509KeyPair([]byte(cfg.Certificate), []byte(cfg.Key))
	if err != nil {
		return fmt.Errorf("configuration: certificate and key: %w", err)
	}
	plain := listen(listeners[0], connLimit(2))
	secure := listen(listeners[1], connLimit(2))
	stop := context.AfterFunc(ctx, func() { _ = plain.Close(); _ = secure.Close() })
	defer stop()
	refusing, slow := &refusals{list: proxy.Refusals{}}, &pace{}
	objects := newObjects()
	objects.pages = cfg.Pages
	server := &fasthttp.Server{
		Handler:               refusing.before(slow.before(objects.serve)),
		Name:                  "spof",
		ReadTimeout:           idleAfter,
		WriteBufferSize:       oneWrite,
		WriteTimeout:          5 * time.Minute, // the largest object at 0.2 MB/s
		Logger:                log.New(io.Discard, "", 0),
		NoDefaultServerHeader: true,
	}
	var run errgroup.Group
	run.Go(func() error { return ended(ctx, server.Serve(plain)) })
	run.Go(func() error {
		return ended(ctx, server.Serve(tls.NewListener(secure, &tls.Config{
			Certificates: []tls.Certificate{certificate},
			MinVersion:   tls.VersionTLS12,
			// Needs half the CPU time of Go's default, a hybrid with ML-KEM-768.
			CurvePreferences: []tls.CurveID{tls.X25519},
		})))
	})
	if cfg.Pace != "" {
		run.Go(func() error { return control(ctx, cfg.Pace, slow) })
	}
	if cfg.Refusing != "" {
		run.Go(func() error { return control(ctx, cfg.Refusing, refusing) })
	}
	return run.Wait()
}

// oneWrite is the size up to which an answer is one write, in bytes: each further write wakes up every program on the path.
const oneWrite = 32 << 10

// before answers refused clients. next answers all others.
func (r *refusals) before(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		if status := r.status(ctx.RemoteIP()); status != 0 {
			ctx.Error("refused\n", status)
			return
		}
		next(ctx)
	}
}

// blockSize is the period of the objects' bytes.
const blockSize = 1 << 20

// objects gives the bytes of every object. They come from a pseudo-random block that repeats without end. The hash of the path gives
// the offset at which an object begins.
type objects struct {
	block []byte // twice the period: every object up to the period is one slice
	pages bool   // other paths have a page
}

func newObjects() *objects {
	period := make([]byte, blockSize)
	_, _ = rand.NewChaCha8([32]byte{'s', 'p', 'o', 'f'}).Read(period) // never fails
	return &objects{block: append(period, period...)}
}

// serve answers one request.
func (o *objects) serve(ctx *fasthttp.RequestCtx) {
	if o.pages && ctx.IsOptions() { // the default request of HAProxy's option httpchk
		ctx.Response.Header.Set("Allow", "GET, HEAD, OPTIONS")
		ctx.SetStatusCode(fasthttp.StatusNoContent)
		return
	}
	if !ctx.IsGet() && !ctx.IsHead() {
		ctx.Error("GET only\n", fasthttp.StatusMethodNotAllowed)
		return
	}
	path := string(ctx.Request.Header.RequestURI())
	if strings.HasPrefix(path, "/s/") {
		echo(ctx)
		return
	}
	size, cacheable, ok := parseObject(path)
	if !ok && o.pages {
		ctx.Response.Header.Set("Cache-Control", "no-store")
		ctx.SetContentType("text/plain; charset=utf-8")
		ctx.SetBodyString("spof\n")
		return
	}
	if !ok {
		ctx.Error("want /o/BYTES/ID or /c/BYTES/ID\n", fasthttp.StatusNotFound)
		return
	}
	via := "-"
	if hops := ctx.Request.Header.PeekAll("Via"); len(hops) > 0 {
		var list []string
		for _, hop := range hops {
			list = append(list, string(hop))
		}
		via = strings.Join(list, ", ")
	}
	start := offset(path)
	header := &ctx.Response.Header
	sum := fmt.Sprintf("%08x", o.sum(start, size))
	header.Set("Cache-Control", "no-store")
	if cacheable {
		tag := `"` + sum + `"`
		header.Set("Cache-Control", freshness)
		header.Set("ETag", tag)
		header.Set("Last-Modified", lastModified)
		if string(ctx.Request.Header.Peek("If-None-Match")) == tag {
			ctx.SetStatusCode(fasthttp.StatusNotModified)
			return
		}
	}
	header.SetContentType("application/octet-stream")
	header.Set("Spof-Sum", sum)
	header.Set("Spof-Object", path)
	header.Set("Spof-Via", via)
	if size <= blockSize {
		ctx.Response.SetBodyRaw(o.block[start : start+size])
		return
	}
	ctx.Response.SetBodyStream(&object{objects: o, at: start, left: size}, size)
}

// Cacheable objects stay fresh longer than any run, and never change.
const (
	freshness    = "public, max-age=86400"
	lastModified = "Thu, 01 Jan 2026 00:00:00 GMT"
)

// parseObject reads /o/N/ID or /c/N/ID. N must be in canonical form, so that an object has one path.
func parseObject(path string) (size int, cacheable, ok bool) {
	rest, cacheable := strings.CutPrefix(path, "/c/")
	if !cacheable {
		if rest, ok = strings.CutPrefix(path, "/o/"); !ok {
			return 0, false, false
		}
	}
	number, id, _ := strings.Cut(rest, "/")
	size, err := strconv.Atoi(number)
	if err != nil || strconv.Itoa(size) != number || size < 0 || size > MaxObject {
		return 0, cacheable, false
	}
	if len(id) < 1 || len(id) > 128 || strings.ContainsFunc(id, func(r rune) bool { return !strings.ContainsRune(idRunes, r) }) {
		return 0, cacheable, false
	}
	return size, cacheable, true
}

const idRunes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

func offset(path string) int {
	h := fnv.New64a()
	_, _ = io.WriteString(h, path)
	return int(h.Sum64() % blockSize)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sum gives the CRC-32C of size bytes from start on.
func (o *objects) sum(start, size int) uint32 {
	sum := uint32(0)
	for size > 0 {
		n := min(size, blockSize)
		sum = crc32.Update(sum, castagnoli, o.block[start:start+n])
		size -= n
	}
	return sum
}

// object reads one object that is larger than the block.
type object struct {
	*objects
	at, left int
}

// Read implements io.Reader.
func (o *object) Read(p []byte) (int, error) {
	if o.left == 0 {
		return 0, io.EOF
	}
	n := copy(p, o.block[o.at:o.at+min(o.left, blockSize)])
	o.at = (o.at + n) % blockSize
	o.left -= n
	return n, nil
}
