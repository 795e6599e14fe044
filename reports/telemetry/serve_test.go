package telemetry_test

import (
	"io"
	"net"
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/telemetry"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
)

var _ = DescribeTable("the address of metrics", func(text, want string) {
	got, err := telemetry.Address(text)
	completed(got, err, want, "metrics-address")
},
	Entry("is loopback without a host", ":9464", "127.0.0.1:9464"),
	Entry("may be all addresses of the machine", "0.0.0.0:9464", "0.0.0.0:9464"),
	Entry("may be of version 6", "[::1]:0", "[::1]:0"),
	Entry("needs a port", "127.0.0.1", ""),
	Entry("needs a number", ":http", ""),
	Entry("needs a port that exists", ":70000", ""),
	Entry("needs an address", "9464", ""),
)

var _ = Describe("the server of metrics", func() {
	var s *telemetry.Server
	serve := func() {
		GinkgoHelper()
		l, err := telemetry.Listen("127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		m := telemetry.NewMetrics()
		m.Begin("v1", "docker", []plan.Plan{compiled()})
		s = telemetry.Serve(l, m)
	}
	get := func(url string) (int, string) {
		GinkgoHelper()
		answer, err := http.Get(url)
		Expect(err).NotTo(HaveOccurred())
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		Expect(err).NotTo(HaveOccurred())
		return answer.StatusCode, string(body)
	}

	It("serves the metrics and nothing else, and frees its port at the end", func() {
		serve()
		code, text := get(s.URL())
		Expect(code).To(Equal(200))
		Expect(text).To(line(`spof_trials_planned{CELL} 2`))
		for _, path := range []string{"/", "/debug/pprof/", "/metrics/"} {
			code, _ := get("http://" + hostOf(s) + path)
			Expect(code).To(Equal(404), path)
		}
		Expect(s.Close()).To(Succeed())
		again, err := net.Listen("tcp", hostOf(s))
		Expect(err).NotTo(HaveOccurred())
		Expect(again.Close()).To(Succeed())
	})

	It("refuses a port that is taken", func() {
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		defer taken.Close()
		_, err = telemetry.Listen(taken.Addr().String())
		Expect(reason.Codes(err)).To(Equal([]string{"metrics-not-served"}))
	})

	It("keeps few connections, and none that says nothing", func() {
		serve()
		began := time.Now()
		var silent []net.Conn
		for range telemetry.Scrapers {
			conn, err := net.Dial("tcp", hostOf(s))
			Expect(err).NotTo(HaveOccurred())
			defer conn.Close()
			silent = append(silent, conn)
		}
		code, _ := get(s.URL()) // waits until the server has closed one of them
		Expect(code).To(Equal(200))
		Expect(time.Since(began)).To(BeNumerically(">=", telemetry.HeaderWithin))
		Expect(silent[0].SetReadDeadline(time.Now().Add(30 * time.Second))).To(Succeed())
		_, err := silent[0].Read(make([]byte, 1))
		Expect(err).To(MatchError(io.EOF))
		Expect(s.Close()).To(Succeed())
	})

	It("ends while a client reads nothing", func() {
		serve()
		conn, err := net.Dial("tcp", hostOf(s))
		Expect(err).NotTo(HaveOccurred())
		defer conn.Close()
		_, err = conn.Write([]byte("GET /metrics HTTP/1.1\r\n"))
		Expect(err).NotTo(HaveOccurred())
		began := time.Now()
		Expect(s.Close()).To(Succeed())
		Expect(time.Since(began)).To(BeNumerically("<", 20*time.Second))
	})
})

// hostOf is the address of a server.
func hostOf(s *telemetry.Server) string {
	return s.URL()[len("http://") : len(s.URL())-len("/metrics")]
}
