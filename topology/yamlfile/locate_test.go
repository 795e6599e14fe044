package yamlfile_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

var _ = DescribeTable("Locate finds", func(want string, path ...string) {
	Expect(yamlfile.Locate("f.yaml", []byte("a: {b: 1, c: [x]}\nd: e\n"), path...)).To(Equal(want))
},
	Entry("the whole", "f.yaml:1:1"),
	Entry("a value", "f.yaml:1:8", "a", "b"),
	Entry("the innermost that is there", "f.yaml:1:4", "a", "z", "y"),
	Entry("no further than a list", "f.yaml:1:14", "a", "c", "x"),
	Entry("a later key", "f.yaml:2:4", "d"),
)
