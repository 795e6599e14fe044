package agent

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
)

// control is an origin's control. A deaf one ignores requests.
type control struct {
	mu   sync.Mutex
	list proxy.Refusals
	deaf bool
}

func (c *control) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	client := strings.TrimPrefix(r.URL.Path, "/")
	switch {
	case c.deaf:
	case r.Method == http.MethodPut:
		var status int
		_ = json.NewDecoder(r.Body).Decode(&status)
		c.list[client] = status
	case r.Method == http.MethodDelete:
		delete(c.list, client)
	}
	_ = json.NewEncoder(w).Encode(c.list)
}

var _ = Describe("an exit that the origin refuses", func() {
	origin := func(c *control) *host {
		h := newHost(context.Background(), Options{}, func(proxy.Event) {})
		h.spec.Peers = map[string]string{"line-a": "10.0.1.4", "line-b": "10.0.1.5"}
		h.install([]proxy.Process{{Service: "origin", Refusing: controlled(c)}})
		return h
	}
	fault := func(id, link string) Fault {
		return Fault{ID: id, Service: link, FaultParams: proxy.FaultParams{Status: 429}}
	}

	It("is blocked and served again, independently of others", func(ctx context.Context) {
		c := &control{list: proxy.Refusals{}}
		h := origin(c)
		effect, err := h.inject(ctx, ExitBlock, fault("f1 of exit-a", "line-a"))
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(Equal("the origin answers 429 over line-a"))
		_, err = h.inject(ctx, ExitBlock, fault("f1 of exit-b", "line-b"))
		Expect(err).NotTo(HaveOccurred())
		Expect(c.list).To(Equal(proxy.Refusals{"10.0.1.4": 429, "10.0.1.5": 429}))
		_, err = h.recover(ctx, ExitBlock, fault("f1 of exit-a", "line-a"))
		Expect(err).NotTo(HaveOccurred())
		Expect(c.list).To(Equal(proxy.Refusals{"10.0.1.5": 429}))
	}, SpecTimeout(2*patience))

	It("needs an origin that confirms, and a known link", func(ctx context.Context) {
		_, err := origin(&control{deaf: true}).inject(ctx, ExitBlock, fault("f1", "line-a"))
		Expect(err).To(MatchError(ContainSubstring("10.0.1.4 is 0: want 429")))
		_, err = origin(&control{}).inject(ctx, ExitBlock, fault("f1", "line-c"))
		Expect(err).To(MatchError(`no address of the WAN link "line-c"`))
		h := newHost(context.Background(), Options{}, func(proxy.Event) {})
		h.spec.Peers = map[string]string{"line-a": "10.0.1.4"}
		_, err = h.inject(ctx, ExitBlock, fault("f1", "line-a"))
		Expect(err).To(MatchError(ContainSubstring("no origin that can refuse clients")))
	}, SpecTimeout(2*patience))
})
