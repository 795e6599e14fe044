package spoftest

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("the directory of the traces of a run", func() {
	It("is none under Ginkgo, whose ArtifactDir nobody removes", func() {
		temporary := GinkgoT().TempDir()
		GinkgoT().Setenv("TMPDIR", temporary)
		Expect((&Lab{GinkgoT(), &shared{}}).traceDir("x")).To(BeEmpty())
		Expect(os.ReadDir(temporary)).To(BeEmpty())
	})

	It("is the one of TraceDir", func() {
		base := GinkgoT().TempDir()
		lab := &Lab{GinkgoT(), &shared{o: optionsOf([]Option{TraceDir(base)})}}
		Expect(lab.traceDir("x")).To(Equal(filepath.Join(base, "x-1")))
		Expect(lab.traceDir("x")).To(Equal(filepath.Join(base, "x-2")))
	})
})

// TestArtifacts needs a *testing.T.
func TestArtifacts(t *testing.T) {
	dir, err := (&Lab{t, &shared{}}).traceDir("x")
	if err != nil || dir != filepath.Join(t.ArtifactDir(), "x-1") {
		t.Errorf("traces in %q, %v; want x-1 below %q", dir, err, t.ArtifactDir())
	}
}
