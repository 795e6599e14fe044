package agent

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine/squid"
)

// cacheEnv names a directory: the test program then answers like Squid's cache manager, on its first inherited socket. Each file in the
// directory is an object.
const cacheEnv = "SPOF_TEST_CACHE"

func serveCache(dir string) error {
	l, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		return err
	}
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		entries, err := os.ReadDir(dir)
		if err != nil || r.URL.Path != squid.InfoPath {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		fmt.Fprintf(w, "\t%6d StoreEntries\n\t%6d Hot Object Cache Items\r\n\t%6d on-disk objects\n", 99, 0, len(entries))
	}))
}

var _ = Describe("a cold cache", func() {
	fault := Fault{ID: "f1", Service: "squid"}

	// caching is a node with a cache of some objects.
	caching := func(ctx context.Context, objects int) (h *host, dir string) {
		GinkgoHelper()
		dir = GinkgoT().TempDir()
		for i := range objects {
			Expect(os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), nil, 0o600)).To(Succeed())
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		addr := l.Addr().String()
		Expect(l.Close()).To(Succeed())
		h = newHost(context.Background(), Options{Log: io.Discard}, func(proxy.Event) {})
		h.install([]proxy.Process{{
			Service: "squid", Engine: squid.Engine.Name, Command: []string{os.Args[0]}, Env: []string{cacheEnv + "=" + dir},
			Listen: []string{addr}, Ready: addr, Disk: dir,
		}})
		DeferCleanup(h.end)
		Expect(boot(ctx, h)).To(Succeed())
		return h, dir
	}

	It("has lost its objects by its own count", func(ctx context.Context) {
		h, dir := caching(ctx, 3)
		old := h.services[0].pids()
		effect, err := h.inject(ctx, ColdCache, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(HavePrefix("3 objects in store before, 0 after; 1 process(es) ended in order; listening again "))
		Expect(os.ReadDir(dir)).To(BeEmpty())
		Expect(h.services[0].pids()).NotTo(Equal(old))
		_, err = h.recover(ctx, ColdCache, fault)
		Expect(err).NotTo(HaveOccurred())
	}, SpecTimeout(2*patience))

	It("has no effect if the objects outlive the restart", func(ctx context.Context) {
		h, _ := caching(ctx, 3)
		h.services[0].p.Disk = "" // so that nothing removes it
		_, err := h.inject(ctx, ColdCache, fault)
		Expect(err).To(MatchError(ContainSubstring("3 objects before, 3 after")))
	}, SpecTimeout(2*patience))

	It("has no effect on an empty cache", func(ctx context.Context) {
		h, _ := caching(ctx, 0)
		_, err := h.inject(ctx, ColdCache, fault)
		Expect(err).To(MatchError(ContainSubstring("is empty already")))
	}, SpecTimeout(2*patience))
})
