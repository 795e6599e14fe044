package load

import (
	"fmt"
	"hash/crc32"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/valyala/fasthttp"

	"github.com/seed-ab8b6914/spof/topology/pac"
)

// patience is how long a spec waits for what must come, on a machine that others keep busy, before it says that it never does.
const patience = 30 * time.Second

func TestLoad(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(patience)
	Tune()
	RunSpecs(t, "load")
}

// originEnv makes the test binary an origin on the loopback address it holds: benchmarks need one outside their process.
const originEnv = "SPOF_TEST_ORIGIN"

func TestMain(m *testing.M) {
	pac.Child()
	if address := os.Getenv(originEnv); address != "" {
		fmt.Fprintln(os.Stderr, serveOrigin(address))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// serveOrigin serves GET /o/N/ID until it fails, or until standard input ends: with the process that started it.
func serveOrigin(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}()
	server := fasthttp.Server{NoDefaultServerHeader: true, NoDefaultDate: true, Handler: func(ctx *fasthttp.RequestCtx) {
		path := string(ctx.Path())
		n, err := strconv.Atoi(strings.Split(path+"//", "/")[2])
		if err != nil {
			ctx.SetStatusCode(fasthttp.StatusNotFound)
			return
		}
		body := testBody(n)
		h := &ctx.Response.Header
		h.Set("Spof-Sum", testSum(body))
		h.Set("Spof-Object", path)
		h.Set("Spof-Via", testVia(string(ctx.Request.Header.Peek("Via"))))
		h.Set("Cache-Control", "no-store")
		ctx.SetBody(body)
	}}
	return server.Serve(listener)
}

func testBody(n int) []byte { return []byte(strings.Repeat("spof ", n/5+1)[:n]) }

func testSum(body []byte) string {
	return fmt.Sprintf("%08x", crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)))
}

func testVia(via string) string {
	if via == "" {
		return "-"
	}
	return via
}
