package agent

import (
	"context"
	"io"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
)

var _ = Describe("a fault of a service", func() {
	DescribeTable("takes no effect where there is nothing left to strike", func(ctx context.Context, kind string) {
		h := newHost(Options{Log: io.Discard}, func(proxy.Event) {})
		h.services = []*service{newService(proxy.Process{Service: "squid"}, h.o, h.starts, h.event)}
		_, err := h.inject(ctx, Fault{ID: "f1", Kind: kind, Service: "squid"})
		Expect(err).To(MatchError("service squid does not run"))
	},
		Entry("crash", faultCrash),
		Entry("hang", faultHang),
	)
})
