package main

import (
	"bytes"
	"errors"
	"net"
	"os"
	"runtime"
	"strings"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/sim"
)

var _ = Describe("the exports of a run", func() {
	It("are off by default: no port, no goroutine, and the same observer", func() {
		var stderr bytes.Buffer
		before := runtime.NumGoroutine()
		e, err := exportFlags{}.open(&stderr)
		Expect(err).NotTo(HaveOccurred())
		Expect(e).To(BeNil())
		own := &cellProgress{}
		observer, ended := e.follow(own)
		Expect(observer).To(BeIdenticalTo(sim.Observer(own)))
		ended(nil, nil, false)
		e.begin("docker", nil)
		e.close(&stderr)
		Expect(runtime.NumGoroutine()).To(BeNumerically("<=", before))
		Expect(stderr.String()).To(BeEmpty())
	})

	It("need a port that is free: the run is refused before anything starts", func() {
		GinkgoT().Chdir(GinkgoT().TempDir())
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		defer taken.Close()
		out, errs, code := said("run", "steady", "-t", "single", "--runtime", "local", "--metrics", taken.Addr().String())
		Expect(code).To(Equal(exitEnvironment))
		Expect(out).To(BeEmpty())
		Expect(errs).To(MatchRegexp(`^spof: [^\n]+ \[metrics-not-served\]\n$`))
		Expect(os.ReadDir(".")).To(BeEmpty())
	})

	DescribeTable("refuse flags that name nobody", func(flag, value, code string) {
		GinkgoT().Chdir(GinkgoT().TempDir())
		_, errs, got := said("run", "steady", "-t", "single", "--runtime", "local", flag, value)
		Expect(got).To(Equal(exitInvalid))
		Expect(errs).To(MatchRegexp(`^spof: %s [^\n]+ \[%s\]\n$`, flag, code))
		Expect(os.ReadDir(".")).To(BeEmpty())
	},
		Entry("no port", "--metrics", "localhost", "metrics-address"),
		Entry("no URL", "--otlp", "localhost:4318", "collector-url"),
		Entry("no port that exists", "--otlp", "http://127.0.0.1:99999", "collector-url"),
		Entry("a password", "--otlp", "http://me:secret@localhost:4318", "collector-url"),
	)

	It("give back the port if the traces cannot be prepared", func() {
		free, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		address := free.Addr().String()
		Expect(free.Close()).To(Succeed())
		_, err = exportFlags{metrics: address, otlp: "nowhere"}.open(GinkgoWriter)
		Expect(err).To(HaveOccurred())
		again, err := net.Listen("tcp", address)
		Expect(err).NotTo(HaveOccurred())
		Expect(again.Close()).To(Succeed())
	})

	It("warn in one line of bounded length", func() {
		var w bytes.Buffer
		warnOf(&w, errors.New("bad\n<p>\r\n\t"+strings.Repeat("ä", 1000)))
		Expect(w.String()).To(MatchRegexp(`^warning: bad; <p> ; ä+…\n$`))
		Expect(utf8.RuneCountInString(strings.TrimPrefix(w.String(), "warning: "))).To(Equal(longestWarning + 1))
	})
})
