package analyze_test

import (
	"os"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// reasonCodes are the codes of reasons in the package's source.
func reasonCodes() (codes []string) {
	GinkgoHelper()
	literal := regexp.MustCompile(`(?:because|add)\("([a-z-]+)"|(?:notMeasured|healthyNodeFailed) = "([a-z-]+)"`)
	files, err := os.ReadDir(".")
	Expect(err).NotTo(HaveOccurred())
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		source, err := os.ReadFile(file.Name())
		Expect(err).NotTo(HaveOccurred())
		for _, m := range literal.FindAllStringSubmatch(string(source), -1) {
			codes = append(codes, m[1]+m[2])
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes) // a code may have several messages
}

var _ = It("docs/troubleshooting.md explains every reason code once, and no other", func() {
	page, err := os.ReadFile("../../docs/troubleshooting.md")
	Expect(err).NotTo(HaveOccurred())
	_, section, found := strings.Cut(string(page), "\n## Reason codes\n")
	Expect(found).To(BeTrue())
	section, _, _ = strings.Cut(section, "\n## ")
	var explained []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllStringSubmatch(section, -1) {
		explained = append(explained, row[1])
	}
	slices.Sort(explained)
	Expect(len(explained)).To(BeNumerically(">", 20))
	Expect(explained).To(Equal(reasonCodes()))
})

var _ = It("docs/codes.md lists every reason code", func() {
	page, err := os.ReadFile("../../docs/codes.md")
	Expect(err).NotTo(HaveOccurred())
	for _, code := range reasonCodes() {
		Expect(string(page)).To(ContainSubstring("\n| `" + code + "` | `reports/analyze` |"))
	}
})
