package analyze_test

import (
	"os"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// reasonCodes are the codes of reasons in the package's source. A failure that tell adds has a second code for its doubtful form.
func reasonCodes() (codes []string) {
	GinkgoHelper()
	literal := regexp.MustCompile(`(because|add|tell)\([^"\n]*"([a-z-]+)"|notMeasured = "([a-z-]+)"|Codes: \[\]string\{"([a-z-]+)"\}`)
	files, err := os.ReadDir(".")
	Expect(err).NotTo(HaveOccurred())
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		source, err := os.ReadFile(file.Name())
		Expect(err).NotTo(HaveOccurred())
		for _, m := range literal.FindAllStringSubmatch(string(source), -1) {
			code := m[2] + m[3] + m[4]
			if strings.HasPrefix(code, "-") { // the suffix that tell adds
				continue
			}
			if codes = append(codes, code); m[1] == "tell" {
				codes = append(codes, code+"-unsure")
			}
		}
	}
	slices.Sort(codes)
	return codes
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
