package configure_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/topology"
)

var trackScript = regexp.MustCompile(`(?m)^    script "(.*)"$`)

// keepalivedProbes runs the track script of a lab as keepalived does, with another address.
func keepalivedProbes(ctx SpecContext, kind topology.CheckKind, addr string, timeout time.Duration) bool {
	GinkgoHelper()
	if _, err := os.Stat("/bin/bash"); err != nil {
		Skip("needs bash: " + err.Error())
	}
	t := sample()
	t.Addresses[0].Track.Kind, t.Addresses[0].Track.Timeout = kind, timeout
	files := process(configured(t, containers()), "lb-a", "keepalived").Files
	script := filepath.Join(GinkgoT().TempDir(), "probe.sh")
	Expect(os.WriteFile(script, []byte(files[1].Content), os.FileMode(files[1].Mode))).To(Succeed())
	command := strings.Fields(trackScript.FindStringSubmatch(files[0].Content)[1])
	Expect(command[2]).To(Equal(files[1].Path))
	host, port, err := net.SplitHostPort(addr)
	Expect(err).NotTo(HaveOccurred())
	command[2], command[4], command[5] = script, host, port
	err = exec.CommandContext(ctx, command[0], command[1:]...).Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		Fail(err.Error())
	}
	return err == nil
}

// answering sends one text to every client, and gives the requests.
func answering(text string) (addr string, asked func() string) {
	GinkgoHelper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(l.Close)
	heard := make(chan string, 8)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			var head strings.Builder
			for in := bufio.NewReader(c); !strings.HasSuffix(head.String(), "\r\n\r\n"); {
				line, err := in.ReadString('\n')
				head.WriteString(line)
				if err != nil {
					break
				}
			}
			heard <- head.String()
			_, _ = fmt.Fprint(c, text)
			_ = c.Close()
		}
	}()
	return l.Addr().String(), func() string { return <-heard }
}

var _ = Describe("keepalived's track script", func() {
	const timeout = 5 * time.Second

	DescribeTable("decides by the status of the response, as Probe does",
		func(ctx SpecContext, status int, healthy bool) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
			DeferCleanup(server.Close)
			Expect(keepalivedProbes(ctx, topology.CheckHTTP, server.Listener.Addr().String(), timeout)).To(Equal(healthy))
		},
		Entry("healthy", http.StatusOK, true),
		Entry("a redirect counts as a response and is not followed", http.StatusFound, true),
		Entry("a refusal counts as a response", http.StatusForbidden, true),
		Entry("unhealthy", http.StatusServiceUnavailable, false),
	)

	DescribeTable("requires a complete header",
		func(ctx SpecContext, text string, healthy bool) {
			addr, asked := answering(text)
			Expect(keepalivedProbes(ctx, topology.CheckHTTP, addr, timeout)).To(Equal(healthy))
			Expect(asked()).To(Equal("GET /spof-health HTTP/1.1\r\nHost: 127.0.0.1:8404\r\nConnection: close\r\n\r\n"))
		},
		Entry("whole", "HTTP/1.0 200 OK\r\nA: b\r\n\r\nbody", true),
		Entry("without a reason", "HTTP/1.1 200\r\n\r\n", true),
		Entry("cut after a line", "HTTP/1.1 200 OK\r\nA: b\r\n", false),
		Entry("cut in a line", "HTTP/1.1 20", false),
		Entry("empty", "", false),
		Entry("another protocol", "SSH-2.0 200 x\r\n\r\n", false),
		Entry("a status that is none", "HTTP/1.1 2000 OK\r\n\r\n", false),
	)

	It("detects a frozen service by http within the timeout, but not by tcp", func(ctx SpecContext) {
		frozen, err := net.Listen("tcp", "127.0.0.1:0") // the kernel accepts, no process answers
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(frozen.Close)
		addr := frozen.Addr().String()
		Expect(keepalivedProbes(ctx, topology.CheckTCP, addr, timeout)).To(BeTrue())
		began := time.Now()
		Expect(keepalivedProbes(ctx, topology.CheckHTTP, addr, 500*time.Millisecond)).To(BeFalse())
		Expect(time.Since(began)).To(BeNumerically(">=", 500*time.Millisecond))
	})

	It("requests an object from an origin through a proxy, and decides by its status", func(ctx SpecContext) {
		addr, asked := answering("HTTP/1.1 200 OK\r\n\r\n")
		Expect(keepalivedProbes(ctx, topology.CheckOrigin, addr, timeout)).To(BeTrue())
		Expect(asked()).To(HavePrefix("GET http://web.test:8080/o/0/check HTTP/1.1\r\nHost: web.test:8080\r\n"))
		addr, _ = answering("HTTP/1.1 502 Bad Gateway\r\n\r\n")
		Expect(keepalivedProbes(ctx, topology.CheckOrigin, addr, timeout)).To(BeFalse())
	})

	It("fails if no process listens", func(ctx SpecContext) {
		closed, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		addr := closed.Addr().String()
		Expect(closed.Close()).To(Succeed())
		Expect(keepalivedProbes(ctx, topology.CheckTCP, addr, timeout)).To(BeFalse())
		Expect(keepalivedProbes(ctx, topology.CheckHTTP, addr, timeout)).To(BeFalse())
	})
})
