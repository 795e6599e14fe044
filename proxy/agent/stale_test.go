package agent

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
)

var _ = Describe("leftovers of an earlier start of a service", func() {
	prepare := func(p proxy.Process) error {
		return newService(p, Options{Log: io.Discard}, nil, func(proxy.Event) {}).prepare()
	}
	file := func(path string) string {
		GinkgoHelper()
		Expect(os.MkdirAll(filepath.Dir(path), 0o700)).To(Succeed())
		Expect(os.WriteFile(path, nil, 0o600)).To(Succeed())
		DeferCleanup(os.RemoveAll, path)
		return path
	}

	It("are removed by name, not by pattern", func() {
		dir := GinkgoT().TempDir()
		own, other := file(filepath.Join(dir, "run[1]", "squid.pid")), file(filepath.Join(dir, "run1", "squid.pid"))
		Expect(prepare(proxy.Process{Stale: []string{own, filepath.Join(dir, "missing.pid")}})).To(Succeed())
		Expect(own).NotTo(BeAnExistingFile())
		Expect(other).To(BeAnExistingFile())
	})

	It("include its shared memory segments, and no others", func() {
		if _, err := os.Stat(sharedMemory); err != nil {
			Skip("no " + sharedMemory + " on this system")
		}
		name := fmt.Sprintf("spofXspec[1]%d", os.Getpid())
		own, other := file(filepath.Join(sharedMemory, name+"-cf.shm")), file(filepath.Join(sharedMemory, name+"b-cf.shm"))
		Expect(prepare(proxy.Process{Segments: name + "-"})).To(Succeed())
		Expect(own).NotTo(BeAnExistingFile())
		Expect(other).To(BeAnExistingFile())
		Expect(prepare(proxy.Process{})).To(Succeed())
		Expect(other).To(BeAnExistingFile())
	})
})
