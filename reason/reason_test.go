package reason_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
)

func TestReason(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "reason")
}

var _ = Describe("a message with a code", func() {
	missing := reason.Errorf("no-such-file", "file %s: %w", "a.yaml", fs.ErrNotExist)

	It("wraps what it is about, and has a text without the code", func() {
		Expect(missing).To(MatchError(fs.ErrNotExist))
		Expect(missing).To(MatchError("file a.yaml: file does not exist"))
		Expect(reason.Text(missing)).To(Equal("file a.yaml: file does not exist [no-such-file]"))
	})
	It("is found in a tree of errors, each code once and the outermost first", func() {
		tree := reason.Errorf("outer", "run: %w", errors.Join(missing, fmt.Errorf("again: %w", missing), errors.New("plain")))
		Expect(reason.Codes(tree)).To(Equal([]string{"outer", "no-such-file"}))
		Expect(reason.Text(tree)).To(HaveSuffix(" [outer]"))
	})
	It("is absent from other errors", func() {
		Expect(reason.Codes(nil)).To(BeEmpty())
		Expect(reason.Codes(errors.New("plain"))).To(BeEmpty())
		Expect(reason.Text(errors.New("plain"))).To(Equal("plain"))
	})
	DescribeTable("is printed with a code at the end of each line", func(err error, lines ...string) {
		Expect(strings.Split(reason.Text(err), "\n")).To(Equal(lines))
	},
		Entry("joined errors", fmt.Errorf("output: %w", errors.Join(missing, errors.New("plain"), missing)),
			"output: file a.yaml: file does not exist [no-such-file]", "plain", "file a.yaml: file does not exist [no-such-file]"),
		Entry("a code around several lines", reason.Errorf("outer", "run:\n%w (%w)", missing, errors.New("two\nlines")),
			"run: [outer]", "file a.yaml: file does not exist (two [no-such-file]", "lines) [outer]"),
		Entry("a line that shows its cause in other words", reason.Errorf("", "%w", uncoded{missing}), "in short [no-such-file]"),
		Entry("an error without a code", reason.Errorf("", "plain"), "plain"),
	)
})

type uncoded struct{ error }

func (uncoded) Error() string   { return "in short" }
func (u uncoded) Unwrap() error { return u.error }
