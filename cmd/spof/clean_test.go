package main

import (
	"context"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/sim/local"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("what a killed run on loopback has left", func() {
	const nobody = "999999999" // is no process
	var base string
	mkdir := func(path ...string) string {
		GinkgoHelper()
		dir := filepath.Join(append([]string{base}, path...)...)
		Expect(os.MkdirAll(filepath.Join(dir, "proxy-a"), 0o700)).To(Succeed())
		return dir
	}
	BeforeEach(func() {
		base = GinkgoT().TempDir()
		GinkgoT().Setenv("TMPDIR", filepath.Join(base, "tmp[1]"))
	})

	It("is removed, and of the directory of temporary files nothing else", func() {
		left := mkdir("tmp[1]", "spof-local-"+nobody+"-123")
		others := []string{mkdir("tmp1", "spof-local-"+nobody+"-123"), mkdir("tmp[1]", "spof-local-"+nobody+"-notes"), mkdir("tmp[1]", "spof-local-0-1")}
		Expect(local.Clean()).To(ConsistOf(left))
		Expect(left).NotTo(BeADirectory())
		for _, dir := range others {
			Expect(dir).To(BeADirectory())
		}
	})

	It("stays as long as somebody holds it, who may have another list of processes", func() {
		dir := mkdir("tmp[1]", "spof-local-"+nobody+"-123")
		held, err := os.Open(dir)
		Expect(err).NotTo(HaveOccurred())
		Expect(unix.Flock(int(held.Fd()), unix.LOCK_EX)).To(Succeed())
		Expect(local.Clean()).To(BeEmpty())
		Expect(dir).To(BeADirectory())
		Expect(held.Close()).To(Succeed())
		Expect(local.Clean()).To(ConsistOf(dir))
	})

	It("is removed by the next run, which says so", func() {
		left := mkdir("tmp[1]", "spof-local-"+nobody+"-123")
		runtime, err := local.New(local.Options{})
		Expect(err).NotTo(HaveOccurred())
		var said []string
		Expect(runtime.Prepare(context.Background(), topology.Topology{}, func(line string) { said = append(said, line) })).To(Succeed())
		Expect(left).NotTo(BeADirectory())
		Expect(said).To(ConsistOf("removed " + left + ", left by a run that was killed"))
	})
})
