package load

import (
	"bytes"
	"context"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/gobwas/ws"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
)

// echoOn is an origin whose WebSocket sends all back.
func echoOn(w http.ResponseWriter, r *http.Request) {
	c, _, _, err := ws.UpgradeHTTP(r, w)
	if err != nil {
		return
	}
	defer c.Close()
	for {
		frame, err := ws.ReadFrame(c)
		if err != nil {
			return
		}
		frame = ws.UnmaskFrameInPlace(frame)
		if ws.WriteFrame(c, ws.NewBinaryFrame(frame.Payload)) != nil {
			return
		}
	}
}

// relay stands between users and a proxy, and can be cut, or swallow all that comes.
type relay struct {
	mu    sync.Mutex
	conns []net.Conn
	mute  bool
}

func (r *relay) start(to string) string {
	GinkgoHelper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { _ = l.Close(); r.cut() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				continue
			}
			r.mu.Lock()
			r.conns = append(r.conns, near, far)
			r.mu.Unlock()
			go r.pass(near, far)
			go r.pass(far, near)
		}
	}()
	return l.Addr().String()
}

// pass passes bytes on; those of a relay that is mute go nowhere.
func (r *relay) pass(to, from net.Conn) {
	defer to.Close()
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		r.mu.Lock()
		mute := r.mute
		r.mu.Unlock()
		if !mute {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
	}
}

func (r *relay) silence(mute bool) { r.mu.Lock(); defer r.mu.Unlock(); r.mute = mute }

func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.conns {
		_ = c.Close()
	}
	r.conns = nil
}

// told keeps events by their kind.
type told struct {
	mu     sync.Mutex
	events map[string][]Event
}

func (t *told) event(e Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events[e.Kind] = append(t.events[e.Kind], e)
}

func (t *told) of(kind string) []Event {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]Event(nil), t.events[kind]...)
}

var _ = Describe("streams", func() {
	var (
		spec  Spec
		wire  *relay
		heard *told
	)
	// holding runs the load until stop, and waits for it.
	holding := func() (stop func()) {
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan struct{})
		spec.Start = Monotonic()
		go func() { defer close(ended); _, _ = Run(ctx, spec, heard.event, func([]Sample) {}) }()
		stop = sync.OnceFunc(func() { cancel(); <-ended })
		DeferCleanup(stop)
		return stop
	}
	open := func() int { return len(heard.of(EventStreamOpen)) }
	broken := func() int { return len(heard.of(EventStreamBroken)) }

	BeforeEach(func() {
		plain := httptest.NewServer(answers)
		secure := httptest.NewTLSServer(http.HandlerFunc(echoOn))
		DeferCleanup(plain.Close)
		DeferCleanup(secure.CloseClientConnections)
		proxy := &testProxy{name: "proxy-a"}
		wire, heard = &relay{}, &told{events: map[string][]Event{}}
		spec = Spec{
			Proxy: wire.start(proxy.start()), Duration: time.Minute, Rate: 1, Users: 8, Seed: 1, Origins: []string{"127.0.0.1"},
			HTTPPort: port(plain), HTTPSPort: port(secure), BodyBytes: 100, Timeout: 2 * time.Second,
			CA:      pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}),
			Nodes:   []string{"proxy-a"},
			Allowed: []string{"127.0.0.0/8"},
			Streams: &Streams{Share: 0.5, Every: 10 * time.Millisecond, Silence: time.Second},
		}
	})

	It("are held by a share of the users, and opened again after they are cut", func() {
		holding()
		Eventually(open).Should(Equal(4))
		wire.cut()
		Eventually(broken).Should(Equal(4))
		Eventually(open).Should(Equal(8))
		users := map[string]bool{}
		for _, e := range heard.of(EventStreamBroken) {
			users[e.Subject] = true
			Expect(e.Text).To(Equal("reset"))
			Expect(e.For).To(BeNumerically("<", spec.Streams.Silence), "it was answered until then")
		}
		Expect(users).To(HaveLen(4))
	})

	It("end after the timeout if nothing answers, and open again when something does", func() {
		holding()
		Eventually(open).Should(Equal(4))
		wire.silence(true)
		Eventually(broken).Should(Equal(4))
		for _, e := range heard.of(EventStreamBroken) {
			Expect(e.Text).To(Equal("timeout"))
			Expect(e.For).To(BeNumerically(">=", spec.Streams.Silence))
		}
		Consistently(open, "500ms").Should(Equal(4))
		wire.silence(false)
		Eventually(open).Should(Equal(8))
		Expect(broken()).To(Equal(4))
	})

	It("end with the load, unbroken", func() {
		spec.Duration, spec.Rate = 3*time.Second, 10 // in which all of them can open
		_, err := Run(context.Background(), func() Spec { spec.Start = Monotonic(); return spec }(), heard.event, func([]Sample) {})
		Expect(err).NotTo(HaveOccurred())
		Expect(open()).To(Equal(4))
		Expect(broken()).To(BeZero())
		Expect(heard.of(EventStreamEnd)).To(HaveLen(4))
		for _, e := range heard.of(EventStreamEnd) {
			Expect(e.For).To(BeNumerically("<", spec.Streams.Silence), "it was answered until then")
		}
	})

	It("report the length of a silence that the end of the load cuts short", func() {
		spec.Duration, spec.Rate, spec.Streams.Silence = 4*time.Second, 10, time.Minute
		ran := make(chan error, 1)
		spec.Start = Monotonic()
		go func() { _, err := Run(context.Background(), spec, heard.event, func([]Sample) {}); ran <- err }()
		Eventually(open).Should(Equal(4))
		wire.silence(true)
		silent := Monotonic()
		Eventually(ran).Should(Receive(BeNil()))
		Expect(broken()).To(BeZero())
		Expect(heard.of(EventStreamEnd)).To(HaveLen(4))
		for _, e := range heard.of(EventStreamEnd) {
			Expect(e.At-e.For.Nanoseconds()).To(BeNumerically("~", silent, time.Second), "when its last answer came")
		}
	})

	It("use the path that the users choose", func() {
		spec.Pool = &Pool{Exits: []string{freePort(), spec.Proxy}, Names: []string{"proxy-a", "proxy-a"}}
		spec.Proxy = ""
		holding()
		Eventually(open).Should(Equal(4))
	})

	It("are refused with a share of 0", func() {
		spec.Streams.Share = 0
		Expect(spec.Validate()).To(MatchError(ContainSubstring("streams")))
	})

	DescribeTable("break if the other side violates the protocol", func(said ...ws.Frame) {
		wire := new(bytes.Buffer)
		for _, f := range said {
			Expect(ws.WriteFrame(wire, f)).To(Succeed())
		}
		s := stream{rw: wire}
		Expect(s.receive(make(chan uint64), make(chan struct{}))).To(SatisfyAny(MatchError(failure(Malformed)), MatchError(io.EOF)))
	},
		Entry("text", ws.NewTextFrame([]byte("12345678"))),
		Entry("too much", ws.NewBinaryFrame(make([]byte, 4096))),
		Entry("masked", ws.MaskFrame(ws.NewBinaryFrame(make([]byte, 8)))),
		Entry("goodbye", ws.NewCloseFrame(nil)),
	)
})

// FuzzListen holds that whatever an origin says on a stream ends in an error, after no more messages than there is room for.
func FuzzListen(f *testing.F) {
	for _, frame := range []ws.Frame{ws.NewBinaryFrame([]byte("12345678")), ws.NewTextFrame([]byte("hello")), ws.NewCloseFrame(nil)} {
		b, err := ws.CompileFrame(frame)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append(b, b...))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		fuzzcost.Bound(t)
		s := stream{rw: bytes.NewBuffer(said)}
		answers := make(chan uint64, len(said)/streamMessage+1)
		if err := s.receive(answers, make(chan struct{})); err == nil {
			t.Error("the end of the stream is no error")
		}
		if len(answers) > len(said)/(streamMessage+ws.MinHeaderSize) {
			t.Errorf("%d messages in %d bytes", len(answers), len(said))
		}
	})
}
