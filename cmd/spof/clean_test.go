package main

import (
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/sim/local"
)

var _ = It("cleans the directory of temporary files that it is given, and of that only what labs left", func() {
	const nobody = "999999999" // is no process
	base := GinkgoT().TempDir()
	mkdir := func(path ...string) string {
		GinkgoHelper()
		dir := filepath.Join(append([]string{base}, path...)...)
		Expect(os.MkdirAll(dir, 0o700)).To(Succeed())
		return dir
	}
	left := mkdir("tmp[1]", "spof-local-"+nobody+"-123")
	others := []string{mkdir("tmp1", "spof-local-"+nobody+"-123"), mkdir("tmp[1]", "spof-local-"+nobody+"-notes"), mkdir("tmp[1]", "spof-local-0-1")}
	GinkgoT().Setenv("TMPDIR", filepath.Join(base, "tmp[1]"))
	Expect(local.Clean()).To(ConsistOf(left))
	Expect(left).NotTo(BeADirectory())
	for _, dir := range others {
		Expect(dir).To(BeADirectory())
	}
})
