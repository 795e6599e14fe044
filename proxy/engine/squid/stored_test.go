package squid_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy/engine/squid"
)

func TestSquid(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "squid")
}

var _ = DescribeTable("Stored counts the objects of Squid's cache manager", func(ctx context.Context, text string, want int, problem string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }))
	DeferCleanup(server.Close)
	n, err := squid.Engine.Stored(ctx, server.Listener.Addr().String())
	if problem != "" {
		Expect(err).To(MatchError(ContainSubstring(problem)))
		return
	}
	Expect(err).NotTo(HaveOccurred())
	Expect(n).To(Equal(want))
},
	Entry("in memory and on disk", "\t  1203 StoreEntries\n\t    12 StoreEntries with MemObjects\n\t     7 Hot Object Cache Items\n\t  1190 on-disk objects\n", 1197, ""),
	Entry("in memory alone, with CRLF", "\t     7 Hot Object Cache Items\r\n", 7, ""),
	Entry("no number", "<html>", 0, "gives no number"),
	Entry("a number out of range", "99999999999999999999 on-disk objects\n", 0, "value out of range"),
)
