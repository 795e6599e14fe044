package agent

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/proxy"
)

// smallDisk mounts a filesystem of 16 MiB until the spec ends.
func smallDisk() string {
	GinkgoHelper()
	dir := GinkgoT().TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=16m"); err != nil {
		Skip("needs the right to mount: " + err.Error())
	}
	DeferCleanup(func() { Expect(unix.Unmount(dir, unix.MNT_DETACH)).To(Succeed()) })
	return dir
}

// writing is a node whose service always writes to its disk. A mortal service exits when a write fails. ended counts unexpected ends.
func writing(ctx context.Context, disk string, mortal bool) (h *host, ended *atomic.Int32) {
	GinkgoHelper()
	ended = new(atomic.Int32)
	h = newHost(context.Background(), Options{Log: io.Discard}, func(e proxy.Event) {
		if e.Kind == proxy.EventServiceExit {
			ended.Add(1)
		}
	})
	end := "true"
	if mortal {
		end = "exit 1"
	}
	script := `while :; do head -c 8192 /dev/zero 2>/dev/null >"$1/$(date +%s%N)" || ` + end + `; sleep 0.01; done`
	h.install([]proxy.Process{{
		Service: "squid", Engine: "squid", Disk: disk, Command: []string{"sh", "-c", script, "sh", disk},
	}})
	DeferCleanup(h.end)
	Expect(boot(ctx, h)).To(Succeed())
	return h, ended
}

var _ = It("cannot fill a filesystem without a block size", func() {
	free, block, err := room(unix.Statfs_t{Bavail: 3, Bsize: 4096})
	Expect([]any{free, block, err}).To(Equal([]any{int64(12288), int64(4096), nil}))
	_, _, err = room(unix.Statfs_t{Bavail: 3})
	Expect(err).To(MatchError(ContainSubstring("block size 0")))
})

var _ = Describe("a full disk", func() {
	fault := Fault{ID: "f1", Service: "squid"}
	filled := func(dir string) error { _, err := os.Stat(filepath.Join(dir, "filled")); return err }

	It("refuses writes from its instant to the recovery", func(ctx context.Context) {
		disk := smallDisk()
		h, ended := writing(ctx, disk, false)
		due := fault
		due.At = proxy.Monotonic() + 100*time.Millisecond.Nanoseconds()
		effect, err := h.inject(ctx, DiskFull, due)
		Expect(err).NotTo(HaveOccurred())
		liesWithin(effect, due.At) // prepareDisk does not fill it
		Expect(effect.Proof).To(MatchRegexp(`^1[0-9]\.[0-9] MiB taken, 0 bytes free: a write fails \(no space left on device\)$`))
		Expect(writeOn(disk)).To(MatchError(unix.ENOSPC))
		_, err = h.inject(ctx, DiskFull, fault)
		Expect(err).To(MatchError("fault f1 is active: it cannot become injecting"))

		effect, err = h.recover(ctx, DiskFull, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(MatchRegexp(`MiB given back, 1[0-9]\.[0-9] MiB free: a write succeeds$`))
		Expect(filled(disk)).To(MatchError(os.ErrNotExist))
		Expect(ended.Load()).To(BeZero(), "it never exited")
		_, err = h.recover(ctx, DiskFull, fault)
		Expect(err).To(MatchError("fault f1 is absent: it cannot become recovering"))
		_, err = h.inject(ctx, DiskFull, fault)
		Expect(err).NotTo(HaveOccurred(), "it can be filled again")
	}, SpecTimeout(2*patience))

	It("may end the service, which is reported; recovery restarts it", func(ctx context.Context) {
		h, ended := writing(ctx, smallDisk(), true)
		_, err := h.inject(ctx, DiskFull, fault)
		Expect(err).NotTo(HaveOccurred())
		Eventually(ctx, ended.Load).Should(BeEquivalentTo(1))
		effect, err := h.recover(ctx, DiskFull, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(ContainSubstring("a write succeeds; the service had exited and was restarted: "))
		Expect(h.services[0].pids()).NotTo(BeEmpty())
	}, SpecTimeout(2*patience))

	It("needs a disk and a running service", func(ctx context.Context) {
		disk := smallDisk()
		h, _ := writing(ctx, disk, false)
		h.services[0].p.Disk = ""
		_, err := h.inject(ctx, DiskFull, fault)
		Expect(err).To(MatchError("service squid has no disk of its own"))

		h.services[0].p.Disk = disk
		h.services[0].kill()
		Expect(h.services[0].awaitGone(ctx)).To(Succeed())
		_, err = h.inject(ctx, DiskFull, Fault{ID: "f2", Service: "squid"})
		Expect(err).To(MatchError("service squid is not running"))
	}, SpecTimeout(2*patience))
})

var _ = It("the command before a start must succeed", func(ctx context.Context) {
	made := filepath.Join(GinkgoT().TempDir(), "made")
	h := newHost(context.Background(), Options{Log: io.Discard}, func(proxy.Event) {})
	h.install([]proxy.Process{{
		Service: "squid", Before: []string{"touch", made}, Command: []string{"sh", "-c", `test -e "$1" && exec sleep 60`, "sh", made},
	}})
	DeferCleanup(h.end)
	Expect(boot(ctx, h)).To(Succeed())
	Expect(h.services[0].running()).NotTo(BeEmpty())

	h.services[0].p.Before = []string{"sh", "-c", "echo no room; exit 3"}
	h.services[0].kill()
	Expect(h.services[0].awaitGone(ctx)).To(Succeed())
	Expect(boot(ctx, h)).To(MatchError("service squid: sh: exit status 3: no room\n"))
}, SpecTimeout(2*patience))
