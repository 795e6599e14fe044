package load

import (
	"errors"
	"hash/crc32"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
)

// parsed is what the parser made of one answer.
type parsed struct {
	Status  int
	Bytes   int64
	Closing bool
	Rest    int // bytes left over
}

func parse(src io.Reader, limit int64) (p parsed, sum uint32, err error) {
	r := reader{src: src}
	var h head
	if err = r.readHead(&h); err != nil {
		return p, 0, err
	}
	p.Status = h.status
	p.Bytes, sum, err = r.readBody(&h, limit)
	p.Closing, p.Rest = h.closing, r.buffered()
	return p, sum, err
}

const hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

var _ = Describe("the response parser", func() {
	DescribeTable("reads", func(text string, want parsed) {
		for name, src := range map[string]io.Reader{
			"whole":        strings.NewReader(text),
			"byte by byte": iotest.OneByteReader(strings.NewReader(text)),
		} {
			got, sum, err := parse(src, 100)
			Expect(err).NotTo(HaveOccurred(), name)
			if name == "byte by byte" {
				got.Rest = want.Rest // never read so far
			}
			Expect(got).To(Equal(want), name)
			if got.Bytes == 5 {
				Expect(sum).To(Equal(crc32.Checksum([]byte("hello"), castagnoli)), name)
			}
		}
	},
		Entry("a length", hello, parsed{Status: 200, Bytes: 5}),
		Entry("no reason phrase", "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello", parsed{Status: 200, Bytes: 5}),
		Entry("bare LF", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", parsed{Status: 200, Bytes: 5}),
		Entry("names in any case", "HTTP/1.1 200 OK\r\ncONTENT-lENGTH:5\r\nCONNECTION: Close\r\n\r\nhello", parsed{Status: 200, Bytes: 5, Closing: true}),
		Entry("the same length twice", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", parsed{Status: 200, Bytes: 5}),
		Entry("what comes after", hello+hello, parsed{Status: 200, Bytes: 5, Rest: len(hello)}),
		Entry("chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n003\r\nllo\r\n0\r\nTrailer: x\r\n\r\n", parsed{Status: 200, Bytes: 5}),
		Entry("chunks that hide a length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", parsed{Status: 200, Bytes: 5, Closing: true}),
		Entry("a body to the end", "HTTP/1.1 200 OK\r\n\r\nhello", parsed{Status: 200, Bytes: 5, Closing: true}),
		Entry("1xx first", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"+hello, parsed{Status: 200, Bytes: 5}),
		Entry("HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", parsed{Status: 200, Bytes: 5, Closing: true}),
		Entry("HTTP/1.0 kept alive", "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 5\r\n\r\nhello", parsed{Status: 200, Bytes: 5}),
		Entry("close among options", "HTTP/1.1 200 OK\r\nConnection: foo, close, keep-alive\r\nContent-Length: 5\r\n\r\nhello", parsed{Status: 200, Bytes: 5, Closing: true}),
		Entry("the old name of Connection", "HTTP/1.1 200 OK\r\nProxy-Connection: close\r\nContent-Length: 5\r\n\r\nhello", parsed{Status: 200, Bytes: 5, Closing: true}),
		Entry("204 without a body", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", parsed{Status: 204}),
		Entry("an empty body", "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", parsed{Status: 503}),
	)

	DescribeTable("refuses", func(text string, want error) {
		for name, src := range map[string]io.Reader{
			"whole":        strings.NewReader(text),
			"byte by byte": iotest.OneByteReader(strings.NewReader(text)),
		} {
			_, _, err := parse(src, 100)
			Expect(err).To(MatchError(want), name)
		}
	},
		Entry("nothing", "", io.ErrUnexpectedEOF),
		Entry("the end within the head", hello[:20], io.ErrUnexpectedEOF),
		Entry("the end within the body", hello[:len(hello)-1], io.ErrUnexpectedEOF),
		Entry("the end before the last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", io.ErrUnexpectedEOF),
		Entry("another protocol", "SSH-2.0-OpenSSH\r\n", failure(Malformed)),
		Entry("HTTP/2", "HTTP/2 200 OK\r\n\r\n", failure(Malformed)),
		Entry("a minor version", "HTTP/1.7 200 OK\r\n\r\n", failure(Malformed)),
		Entry("a status of words", "HTTP/1.1 two OK\r\n\r\n", failure(Malformed)),
		Entry("a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", failure(Malformed)),
		Entry("a status below 100", "HTTP/1.1 099 OK\r\n\r\n", failure(Malformed)),
		Entry("another protocol by 101", "HTTP/1.1 101 Switching\r\n\r\n", failure(Malformed)),
		Entry("nothing but 1xx", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 20)+hello, failure(Malformed)),
		Entry("two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", failure(Malformed)),
		Entry("a signed length", "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", failure(Malformed)),
		Entry("an endless length", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello", failure(Malformed)),
		Entry("a coding nobody asked for", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", failure(Malformed)),
		Entry("a field without a colon", "HTTP/1.1 200 OK\r\nContent-Length\r\n\r\n", failure(Malformed)),
		Entry("a folded field", "HTTP/1.1 200 OK\r\nA: b\r\n c: d\r\n\r\n", failure(Malformed)),
		Entry("a space before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello", failure(Malformed)),
		Entry("a head that is too long", "HTTP/1.1 200 OK\r\nA: "+strings.Repeat("x", bufferSize), failure(Malformed)),
		Entry("a chunk of no size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n;\r\n", failure(Malformed)),
		Entry("a chunk without an end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n", failure(Malformed)),
		Entry("trailers without end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"+strings.Repeat("a: b\r\n", 50), failure(Malformed)),
		Entry("a length above the limit", "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", errTooLong),
		Entry("chunks above the limit", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n", errTooLong),
		Entry("a body to the end above the limit", "HTTP/1.1 200 OK\r\n\r\n"+strings.Repeat("x", 101), errTooLong),
	)
})

var _ = Describe("evidence", func() {
	e := newEvidence(&Spec{Nodes: []string{"proxy-a", "proxy-b"}})

	DescribeTable("names the forward proxy in Via that is nearest to the user", func(via string, want int) {
		Expect(e.node([]byte(via))).To(BeEquivalentTo(want))
	},
		Entry("Squid's form", "1.1 proxy-b (squid/5.7)", 2),
		Entry("no comment", "1.1 proxy-a", 1),
		Entry("a port", "HTTP/1.1 proxy-a:3128 (x)", 1),
		Entry("the last of two", "1.1 proxy-b (squid/5.7), 1.1 proxy-a (squid/5.7)", 1),
		Entry("one that is not ours last", "1.1 proxy-b, 1.1 cdn (a)", 2),
		Entry("one that is not ours first", "1.1 cdn (a, b), 1.1 proxy-a", 1),
		Entry("nobody", "1.1 elsewhere", 0),
		Entry("nothing", "", 0),
		Entry("a part of a name", "1.1 proxy", 0),
	)

	DescribeTable("tells which node answered, and whether its cache did", func(fields string, want Flags) {
		var h head
		Expect(h.parse([]byte("HTTP/1.1 200 OK\r\nSpof-Via: x\r\n" + fields + "\r\n"))).To(Succeed())
		Expect(e.flags(&h, false)).To(Equal(want))
	},
		Entry("nobody", "X-Cache: MISS from proxy-a\r\n", Flags(0)),
		Entry("nobody says", "", Flags(0)),
		Entry("the proxy", "X-Cache: HIT from proxy-a\r\n", CacheHit),
		Entry("a sibling, in fields of their own", "X-Cache: HIT from proxy-b\r\nX-Cache: MISS from proxy-a\r\n", PeerHit),
		Entry("a sibling, in one field", "X-Cache: HIT from proxy-b, MISS from proxy-a\r\n", PeerHit),
		Entry("the proxy, which had it from a sibling once", "X-Cache: HIT from proxy-b\r\nX-Cache: HIT from proxy-a\r\n", CacheHit),
		Entry("neither, of what a third had once", "X-Cache: HIT from a, MISS from b, MISS from c\r\n", Flags(0)),
		Entry("an empty field", "X-Cache:\r\n", Flags(0)),
	)
})

func FuzzResponse(f *testing.F) {
	f.Add([]byte(hello), 100)
	f.Add([]byte("HTTP/1.0 200 OK\nConnection: keep-alive\n\nabc"), 3)
	f.Add([]byte("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nVia: 1.1 a\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n"), 5)
	f.Fuzz(func(t *testing.T, text []byte, limit int) {
		fuzzcost.Bound(t)
		limit = max(limit, 0)
		whole, sum, err := parse(strings.NewReader(string(text)), int64(limit))
		if whole.Bytes < 0 || whole.Bytes > int64(limit) {
			t.Fatalf("%d bytes of a body of at most %d", whole.Bytes, limit)
		}
		if err == nil && (whole.Status < 200 || whole.Status > 999) {
			t.Fatalf("status %d", whole.Status)
		}
		// How the bytes were cut on their way must not matter.
		pieces, sum2, err2 := parse(iotest.OneByteReader(strings.NewReader(string(text))), int64(limit))
		pieces.Rest = whole.Rest
		if whole != pieces || sum != sum2 || !errors.Is(err, err2) {
			t.Fatalf("whole: %+v %08x %v; in pieces: %+v %08x %v", whole, sum, err, pieces, sum2, err2)
		}
	})
}
