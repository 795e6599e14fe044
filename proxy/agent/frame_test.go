package agent

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
)

var _ = Describe("frames", func() {
	It("are read as they were written", func() {
		var b bytes.Buffer
		w := &frameWriter{w: &b}
		Expect(w.write(frameEvent, []byte("one"))).To(Succeed())
		Expect(w.write(frameSamples, nil)).To(Succeed())
		r := bufio.NewReader(&b)
		kind, payload, buf, err := readFrame(r, nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(kind).To(BeEquivalentTo(frameEvent))
		Expect(string(payload)).To(Equal("one"))
		kind, payload, _, err = readFrame(r, buf)
		Expect(err).NotTo(HaveOccurred())
		Expect(kind).To(BeEquivalentTo(frameSamples))
		Expect(payload).To(BeEmpty())
		_, _, _, err = readFrame(r, buf)
		Expect(err).To(MatchError(io.EOF))
	})

	It("above the limit are refused before any allocation", func() {
		_, _, _, err := readFrame(bufio.NewReader(strings.NewReader("e\xff\xff\xff\xff")), nil)
		Expect(err).To(MatchError(ContainSubstring("larger than")))
	})

	It("that are cut short are an error", func() {
		_, _, _, err := readFrame(bufio.NewReader(strings.NewReader("e\x00\x00\x00\x05ab")), nil)
		Expect(err).To(MatchError(io.ErrUnexpectedEOF))
	})
})

func FuzzReadFrame(f *testing.F) {
	f.Add([]byte("e\x00\x00\x00\x03abc"))
	f.Add([]byte("s\xff\xff\xff\xff"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzcost.Bound(t)
		r := bufio.NewReader(bytes.NewReader(data))
		var buf []byte
		for {
			_, payload, grown, err := readFrame(r, buf)
			if err != nil {
				return
			}
			if len(payload) > len(data) {
				t.Fatalf("a payload of %d bytes out of %d", len(payload), len(data))
			}
			buf = grown
		}
	})
}
