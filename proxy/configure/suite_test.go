package configure_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/topology/pac"
)

// update writes the golden files anew: go test ./proxy/configure -update, then read the difference.
var update = flag.Bool("update", false, "write the golden files anew")

// TestMain lets this test program be the process of a PAC file.
func TestMain(m *testing.M) {
	pac.Child()
	os.Exit(m.Run())
}

func TestConfigure(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "configure")
}

// expectGolden compares a text with testdata/NAME.
func expectGolden(name, text string) {
	GinkgoHelper()
	file := filepath.Join("testdata", name)
	if *update {
		Expect(os.WriteFile(file, []byte(text), 0o644)).To(Succeed())
	}
	want, err := os.ReadFile(file)
	Expect(err).NotTo(HaveOccurred())
	Expect(text).To(Equal(string(want)), "differs from %s", file)
}
