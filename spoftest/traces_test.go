package spoftest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy/builtin"
)

var _ = It("asks the origin for no more than it serves", func() { Expect(maxPage).To(Equal(builtin.MaxObject)) })

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

// TestArtifacts needs a *testing.T. A message must not name a file that go test removes.
func TestArtifacts(t *testing.T) {
	lab, want := &Lab{t, &shared{}}, ""
	if keepsArtifacts() {
		want = filepath.Join(t.ArtifactDir(), "x-1")
	}
	dir, err := lab.traceDir("x")
	if err != nil || dir != want || !strings.Contains(lab.untraced(), "-artifacts") {
		t.Errorf("traces in %q, %v; want %q", dir, err, want)
	}
	if keepsArtifacts() {
		return
	}
	out, err := exec.Command(os.Args[0], "-test.run=^TestArtifacts$", "-test.artifacts", "-test.outputdir="+t.TempDir()).CombinedOutput()
	if err != nil {
		t.Errorf("with -artifacts: %v: %s", err, out)
	}
}
