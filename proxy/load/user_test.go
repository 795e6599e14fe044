package load

import (
	"io"
	"net"
	"net/netip"
	"os"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("a user's idle connections", func() {
	var u *user
	hop := Hop{netip.MustParseAddrPort("127.0.0.1:3128")}
	fill := func(n int) (conns []*conn) {
		for range n {
			c := &conn{user: u, hop: hop}
			conns = append(conns, c)
			u.put(c)
		}
		return conns
	}
	BeforeEach(func() { u = &user{} })

	It("are at most six; the one that is unused for longest is closed", func() {
		conns := fill(maxIdle)
		late := &conn{user: u}
		Expect(u.put(late)).To(BeIdenticalTo(conns[0]))
		Expect(conns[0].state).To(Equal(over))
		Expect(u.idle).To(HaveExactElements(conns[1], conns[2], conns[3], conns[4], conns[5], late))
	})

	It("are reused by route, the last used first", func() {
		conns := fill(3)
		conns[1].use = tunnelUse + 1
		Expect(u.take(request{tunnel: true, origin: 1}, hop, 0)).To(BeIdenticalTo(conns[1]))
		Expect(u.take(request{tunnel: true, origin: 0}, hop, 0)).To(BeNil())
		Expect(u.take(request{}, hop, 5)).To(BeIdenticalTo(conns[2]))
		Expect(conns[2].state).To(Equal(busy))
		Expect(conns[2].sent).To(BeEquivalentTo(5))
	})

	It("are dropped when the other side closes them", func() {
		conns := fill(2)
		Expect(u.woken(conns[0], io.EOF)).To(Equal(over))
		Expect(u.idle).To(HaveExactElements(conns[1]))
		Expect(u.woken(conns[0], io.EOF)).To(Equal(over), "again")
	})

	It("survive the deadline of their last request", func() {
		read, _, err := os.Pipe()
		Expect(err).NotTo(HaveOccurred())
		defer read.Close()
		c := fill(1)[0]
		c.socket = &socket{File: read}
		Expect(u.woken(c, os.ErrDeadlineExceeded)).To(Equal(idle))
		Expect(u.idle).To(HaveExactElements(c))
	})

	It("are not kept after the end", func() {
		u.close()
		c := &conn{user: u}
		Expect(u.put(c)).To(BeIdenticalTo(c))
		Expect(u.idle).To(BeEmpty())
	})
})

var _ = Describe("the recorder", func() {
	It("passes every sample on, in batches of at most 512", func() {
		seen, largest := map[int64]int{}, 0
		r := newRecorder(func(batch []Sample) {
			largest = max(largest, len(batch))
			for _, s := range batch {
				seen[s.Scheduled]++
			}
		})
		const adders, each = 4, 2000
		var wg sync.WaitGroup
		for a := range adders {
			wg.Go(func() {
				for i := range each {
					r.add(Sample{Scheduled: int64(a*each + i)})
				}
			})
		}
		wg.Wait()
		r.close()
		Expect(seen).To(HaveLen(adders * each))
		Expect(largest).To(BeNumerically("<=", batchSize))
		Expect(r.total).To(Equal(adders * each))
	})
})

// freePort gives a loopback address at which nobody listens.
func freePort() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	defer l.Close()
	return l.Addr().String()
}
