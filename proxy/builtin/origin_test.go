package builtin

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/proxy"
)

const originName = "origin.test"

// originConfig gives a configuration with a certificate for originName, and the roots that verify it.
func originConfig() (proxy.OriginConfig, *x509.CertPool) {
	authority, err := proxy.NewAuthority(time.Now())
	if err != nil {
		panic(err)
	}
	cert, key, err := authority.Certificate(originName, "*."+originName, "192.0.2.7")
	if err != nil {
		panic(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority.PEM)
	return proxy.OriginConfig{Node: "origin", Certificate: string(cert), Key: string(key)}, roots
}

// startOrigin runs an origin and gives its addresses.
func startOrigin() (plain, secure string, roots *x509.CertPool) {
	GinkgoHelper()
	cfg, roots := originConfig()
	http, https := socket(), socket()
	start(OriginMain, cfg, http, https)
	return http.Addr().String(), https.Addr().String(), roots
}

// get sends a request on a new connection and gives the answer and its body.
func get(method, url string, header http.Header) (*http.Response, []byte) {
	GinkgoHelper()
	request, err := http.NewRequest(method, url, nil)
	Expect(err).NotTo(HaveOccurred())
	for k, v := range header {
		request.Header[k] = v
	}
	transport := &http.Transport{DisableKeepAlives: true, DisableCompression: true}
	response, err := transport.RoundTrip(request)
	Expect(err).NotTo(HaveOccurred())
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	Expect(err).NotTo(HaveOccurred())
	return response, body
}

var _ = Describe("an origin", func() {
	It("stands for the web servers of a team's files: every host and path has a page", func() {
		cfg, roots := originConfig()
		cfg.Pages = true
		http1, https := socket(), socket()
		start(OriginMain, cfg, http1, https)
		for method, status := range map[string]int{http.MethodGet: 200, http.MethodHead: 200, http.MethodOptions: 204, http.MethodPost: 405} {
			response, _ := get(method, "http://"+http1.Addr().String()+"/health?x=1", nil)
			Expect(response.StatusCode).To(Equal(status), method)
		}
		_, body := get(http.MethodGet, "http://"+http1.Addr().String()+"/o/100/a", nil)
		Expect(body).To(HaveLen(100), "objects stay")
		conn, err := tls.Dial("tcp", https.Addr().String(), &tls.Config{RootCAs: roots, ServerName: "www." + originName})
		Expect(err).NotTo(HaveOccurred(), "a further name of the certificate")
		Expect(conn.Close()).To(Succeed())
		conn, err = tls.Dial("tcp", https.Addr().String(), &tls.Config{InsecureSkipVerify: true, ServerName: "other.example"})
		Expect(err).NotTo(HaveOccurred(), "any name, of which a client must judge the certificate")
		Expect(conn.Close()).To(Succeed())
	})

	DescribeTable("serves an object of the requested size with its checksum",
		func(size int) {
			plain, _, _ := startOrigin()
			path := fmt.Sprintf("/o/%d/a-1", size)
			response, body := get(http.MethodGet, "http://"+plain+path, nil)
			Expect(response.StatusCode).To(Equal(http.StatusOK))
			Expect(body).To(HaveLen(size))
			Expect(response.ContentLength).To(Equal(int64(size)))
			Expect(response.Header.Get("Spof-Sum")).To(Equal(fmt.Sprintf("%08x", crc32.Checksum(body, castagnoli))))
			Expect(response.Header.Get("Spof-Object")).To(Equal(path))
			Expect(response.Header.Get("Spof-Via")).To(Equal("-"))
			Expect(response.Header.Get("Cache-Control")).To(Equal("no-store"))
		},
		Entry("nothing", 0), Entry("one byte", 1), Entry("16 KiB", 16<<10), Entry("one block", blockSize),
		Entry("more than a block", blockSize+1), Entry("some blocks", 5*blockSize/2),
	)

	It("serves bytes that depend only on the path", func() {
		plain, _, _ := startOrigin()
		_, a := get(http.MethodGet, "http://"+plain+"/o/4096/a", nil)
		_, b := get(http.MethodGet, "http://"+plain+"/o/4096/b", nil)
		_, again := get(http.MethodGet, "http://"+plain+"/o/4096/a", nil)
		Expect(a).NotTo(Equal(b))
		Expect(a).To(Equal(again))
	})

	It("serves cacheable objects below /c/ and validates their tag", func() {
		plain, _, _ := startOrigin()
		response, body := get(http.MethodGet, "http://"+plain+"/c/4096/day-1", nil)
		Expect(response.Header.Get("Cache-Control")).To(Equal("public, max-age=86400"))
		Expect(response.Header.Get("Spof-Object")).To(Equal("/c/4096/day-1"))
		sum := fmt.Sprintf("%08x", crc32.Checksum(body, castagnoli))
		Expect(response.Header.Get("Spof-Sum")).To(Equal(sum))
		Expect(response.Header.Get("ETag")).To(Equal(`"` + sum + `"`))
		Expect(http.ParseTime(response.Header.Get("Last-Modified"))).To(BeTemporally("<", time.Now()))
		for tag, want := range map[string]int{response.Header.Get("ETag"): http.StatusNotModified, `"other"`: http.StatusOK} {
			response, body := get(http.MethodGet, "http://"+plain+"/c/4096/day-1", http.Header{"If-None-Match": {tag}})
			Expect(response.StatusCode).To(Equal(want))
			Expect(body).To(HaveLen(map[int]int{http.StatusOK: 4096}[want]))
		}
		response, _ = get(http.MethodGet, "http://"+plain+"/o/4096/day-1", nil)
		Expect(response.Header).NotTo(HaveKey("Etag"))
	})

	It("reports the Via of every hop", func() {
		plain, _, _ := startOrigin()
		response, _ := get(http.MethodGet, "http://"+plain+"/o/1/a", http.Header{"Via": {"1.1 a", "1.1 b"}})
		Expect(response.Header.Get("Spof-Via")).To(Equal("1.1 a, 1.1 b"))
	})

	It("answers HEAD without a body", func() {
		plain, _, _ := startOrigin()
		response, body := get(http.MethodHead, "http://"+plain+"/o/70000/a", nil)
		Expect(response.ContentLength).To(Equal(int64(70000)))
		Expect(body).To(BeEmpty())
	})

	It("speaks HTTPS with its certificate", func() {
		_, secure, roots := startOrigin()
		c, err := tls.Dial("tcp", secure, &tls.Config{RootCAs: roots, ServerName: originName})
		Expect(err).NotTo(HaveOccurred())
		defer c.Close()
		fmt.Fprint(c, "GET /o/10/a HTTP/1.1\r\nHost: x\r\n\r\n")
		response, err := http.ReadResponse(bufio.NewReader(c), nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(response.ContentLength).To(Equal(int64(10)))
	})

	DescribeTable("refuses other paths",
		func(path string) { _, _, ok := parseObject(path); Expect(ok).To(BeFalse()) },
		Entry("none", "/"), Entry("no id", "/o/1/"), Entry("no size", "/o//a"), Entry("a sign", "/o/+1/a"),
		Entry("a leading zero", "/o/01/a"), Entry("negative", "/o/-1/a"), Entry("too large", "/o/67108865/a"),
		Entry("a deeper path", "/o/1/a/b"), Entry("an encoded byte", "/o/1/%41"), Entry("a query", "/o/1/a?b"),
		Entry("not a number", "/o/x/a"), Entry("cacheable, without id", "/c/1/"), Entry("both", "/c/o/1/a"), Entry("a huge number", "/o/99999999999999999999/a"),
	)

	It("answers other requests with 404 and 405", func() {
		plain, _, _ := startOrigin()
		response, _ := get(http.MethodGet, "http://"+plain+"/o/1/a?b", nil)
		Expect(response.StatusCode).To(Equal(http.StatusNotFound))
		response, _ = get(http.MethodPost, "http://"+plain+"/o/1/a", nil)
		Expect(response.StatusCode).To(Equal(http.StatusMethodNotAllowed))
	})
})

func FuzzParseObject(f *testing.F) {
	for _, path := range []string{"/o/1/a", "/c/1/a", "/o/67108864/A._-", "/o/00/a", "/x"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		fuzzcost.Bound(t)
		if size, _, ok := parseObject(path); ok && (size < 0 || size > MaxObject) {
			t.Fatalf("%q: %d bytes", path, size)
		}
	})
}

// ask sends a request on an open connection and reads the whole answer.
func ask(c net.Conn, in *bufio.Reader, request string) error {
	if _, err := io.WriteString(c, request); err != nil {
		return err
	}
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %s", response.Status)
	}
	return response.Body.Close()
}

// benchmark sends requests on one connection per processor.
func benchmark(b *testing.B, addr, request string) {
	b.RunParallel(func(pb *testing.PB) {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			b.Error(err)
			return
		}
		defer c.Close()
		in := bufio.NewReaderSize(c, 64<<10)
		for pb.Next() {
			if err := ask(c, in, request); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
}

func BenchmarkOrigin(b *testing.B) {
	cfg, _ := originConfig()
	plain, secure := socket(), socket()
	r := launch(OriginMain, cfg, plain, secure)
	defer r.stop()
	for _, size := range []int{1 << 10, 16 << 10, 256 << 10} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			b.SetBytes(int64(size))
			benchmark(b, plain.Addr().String(), fmt.Sprintf("GET /o/%d/a HTTP/1.1\r\nHost: origin.test\r\n\r\n", size))
		})
	}
}
