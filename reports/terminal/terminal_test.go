package terminal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/reports/terminal"
)

func TestTerminal(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "reports/terminal")
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("gone") }

var _ = Describe("text for a terminal", func() {
	DescribeTable("escapes invisible characters", func(text, want, line string) {
		Expect(terminal.Text(text)).To(Equal(want))
		Expect(terminal.Line(text)).To(Equal(line))
	},
		Entry("plain", "proxy-a · 3 ± 1 ms\n\tand é, 中, █", "proxy-a · 3 ± 1 ms\n\tand é, 中, █", "proxy-a · 3 ± 1 ms  and é, 中, █"),
		Entry("a title", "\x1b]0;owned\a", `\u001b]0;owned\u0007`, "]0;owned"),
		Entry("a colour", "\x1b[31mred\x1b[0m", `\u001b[31mred\u001b[0m`, "[31mred[0m"),
		Entry("a carriage return", "FAIL\rPASS", `FAIL\u000dPASS`, "FAIL PASS"),
		Entry("line breaks of DOS", "a\r\nb\r", "a\r\nb"+`\u000d`, "a  b "),
		Entry("a backspace and DEL", "a\b\x7f", `a\u0008\u007f`, "a"),
		Entry("an 8-bit CSI", "\u009b2J", `\u009b2J`, "2J"),
		Entry("another writing direction", "a\u202eb\u2066", `a\u202eb\u2066`, "ab"),
		Entry("a tag beyond 16 bits", "a\U000e0041", `a\udb40\udc41`, "a"),
		Entry("bytes that are no UTF-8", "a\xff\x9b", `a\xff\x9b`, "a\ufffd\ufffd"),
		Entry("the replacement character", "\ufffd", "\ufffd", "\ufffd"),
	)

	It("leaves JSON valid and unchanged in meaning", func() {
		name := "\x1b\x7f\u009b\u202e\U000e0041 \\ \""
		data, err := json.Marshal(name)
		Expect(err).NotTo(HaveOccurred())
		var back string
		Expect(json.Unmarshal([]byte(terminal.Text(string(data))), &back)).To(Succeed())
		Expect(back).To(Equal(name))
	})

	It("is written by a writer, too", func() {
		var b bytes.Buffer
		w := terminal.NewWriter(&b)
		Expect(w.Write([]byte("a\x1b[2J\n"))).To(Equal(6))
		Expect(w.Write([]byte("b"))).To(Equal(1))
		Expect(b.String()).To(Equal(`a\u001b[2J` + "\nb"))
		Expect(terminal.Raw(w)).To(BeIdenticalTo(&b))
		Expect(terminal.Raw(&b)).To(BeIdenticalTo(&b))
		_, err := terminal.NewWriter(broken{}).Write([]byte("\x1b"))
		Expect(err).To(MatchError("gone"))
	})
})

func FuzzText(f *testing.F) {
	f.Add("proxy-a")
	f.Add("\x1b]0;x\a\u202e\xff\U000e0041")
	f.Fuzz(func(t *testing.T, s string) {
		fuzzcost.Bound(t)
		safe := terminal.Text(s)
		if terminal.Text(safe) != safe {
			t.Errorf("%q is not safe: %q", s, safe)
		}
		for _, r := range safe + terminal.Line(s) {
			if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r >= 0x7f && r < 0xa0 {
				t.Errorf("%q gives %q", s, safe)
			}
		}
	})
}
