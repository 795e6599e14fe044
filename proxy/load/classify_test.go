package load

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = DescribeTable("outcomes of errors", func(err error, want Outcome) {
	wrapped := &net.OpError{Op: "read", Err: os.NewSyscallError("read", err)}
	Expect(classify(err)).To(Equal(want))
	Expect(classify(wrapped)).To(Equal(want), "wrapped")
},
	Entry(nil, syscall.ECONNREFUSED, Refused),
	Entry(nil, syscall.ECONNRESET, Reset),
	Entry(nil, syscall.EPIPE, Reset),
	Entry(nil, io.EOF, Reset),
	Entry(nil, io.ErrUnexpectedEOF, Reset),
	Entry(nil, net.ErrClosed, Reset),
	Entry("our own socket, closed after a write that failed", os.ErrClosed, Reset),
	Entry(nil, os.ErrDeadlineExceeded, Timeout),
	Entry(nil, context.DeadlineExceeded, Timeout),
	Entry("the kernel's own timeout", syscall.ETIMEDOUT, Timeout),
	Entry(nil, syscall.EHOSTUNREACH, Unreachable),
	Entry(nil, syscall.ENETUNREACH, Unreachable),
	Entry(nil, syscall.ENETDOWN, Unreachable),
	Entry(nil, syscall.EHOSTDOWN, Unreachable),
	Entry("no descriptor left", syscall.EMFILE, NotSent),
	Entry("no port left", syscall.EADDRNOTAVAIL, NotSent),
	Entry("an answer that failed", failure(Corrupt), Corrupt),
	Entry("anything else on a connection", errors.New("odd"), Reset),
)

var _ = Describe("outcomes", func() {
	It("are OK without an error only", func() {
		Expect(classify(nil)).To(Equal(OK))
		Expect(classify(failure(OK + 1))).NotTo(Equal(OK))
	})

	It("tell a TLS failure from a network failure", func() {
		Expect(classify(classifyTLS(x509.UnknownAuthorityError{}))).To(Equal(TLSFailed))
		Expect(classify(classifyTLS(fmt.Errorf("tls: %w", syscall.ECONNRESET)))).To(Equal(Reset))
		Expect(classify(classifyTLS(os.ErrDeadlineExceeded))).To(Equal(Timeout))
		Expect(classify(classifyTLS(os.ErrClosed))).To(Equal(Reset), "so that a tunnel found dead by a write is tried again")
		Expect(classifyTLS(nil)).To(Succeed())
	})

	It("follow the status of the response", func() {
		Expect(classify(statusFailure(404))).To(Equal(Status4xx))
		Expect(classify(statusFailure(503))).To(Equal(Status5xx))
		Expect(classify(statusFailure(302))).To(Equal(Malformed))
	})
})
