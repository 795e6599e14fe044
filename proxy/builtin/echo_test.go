package builtin

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"

	"github.com/gobwas/ws"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
)

var _ = Describe("the origin's WebSocket", func() {
	It("sends messages back, over TLS too", func(ctx context.Context) {
		plain, secure, roots := startOrigin()
		d := ws.Dialer{TLSConfig: &tls.Config{RootCAs: roots, ServerName: originName}, NetDial: (&net.Dialer{}).DialContext}
		for _, url := range []string{"ws://" + plain + "/s/stream", "wss://" + secure + "/s/stream"} {
			c, _, _, err := d.Dial(ctx, url)
			Expect(err).NotTo(HaveOccurred())
			for _, text := range []string{"one", "two", ""} {
				Expect(ws.WriteFrame(c, ws.MaskFrame(ws.NewTextFrame([]byte(text))))).To(Succeed())
				f, err := ws.ReadFrame(c)
				Expect(err).NotTo(HaveOccurred())
				Expect(f.Header.OpCode).To(Equal(ws.OpText))
				Expect(string(f.Payload)).To(Equal(text))
			}
			Expect(ws.WriteFrame(c, ws.MaskFrame(ws.NewPingFrame([]byte("well?"))))).To(Succeed())
			f, err := ws.ReadFrame(c)
			Expect(err).NotTo(HaveOccurred())
			Expect(f.Header.OpCode).To(Equal(ws.OpPong))
			Expect(ws.WriteFrame(c, ws.NewTextFrame([]byte("not masked")))).To(Succeed())
			f, err = ws.ReadFrame(c)
			Expect(err).NotTo(HaveOccurred())
			Expect(f.Header.OpCode).To(Equal(ws.OpClose))
			_, err = c.Read(make([]byte, 1))
			Expect(err).To(Or(MatchError(io.EOF), MatchError(syscall.ECONNRESET)), "reset, if the server closed before it read everything")
		}
	})

	It("refuses other requests", func() {
		plain, _, _ := startOrigin()
		response, _ := get(http.MethodGet, "http://"+plain+"/s/stream", nil)
		Expect(response.StatusCode).To(Equal(http.StatusUpgradeRequired))
	})
})

// FuzzEcho checks that any input is answered by at most as many bytes (plus one close frame), and that the answer ends.
func FuzzEcho(f *testing.F) {
	for _, frame := range []ws.Frame{ws.MaskFrame(ws.NewTextFrame([]byte("hello"))), ws.MaskFrame(ws.NewPingFrame(nil)), ws.NewCloseFrame(nil)} {
		b, err := ws.CompileFrame(frame)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		fuzzcost.Bound(t)
		out := new(bytes.Buffer)
		_ = answerAll(struct {
			io.Reader
			io.Writer
		}{bytes.NewReader(said), out})
		if out.Len() > len(said)+8 { // a close frame with its code may be longer than the input
			t.Errorf("%d bytes were answered by %d", len(said), out.Len())
		}
	})
}
