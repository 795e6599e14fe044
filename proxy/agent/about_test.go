package agent

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("what an agent says of its machine", func() {
	It("has the versions of the engines' packages, and of no others", func() {
		const status = "Package: haproxy\nStatus: install ok installed\nVersion: 2.6.12-1+deb12u1\n\n" +
			"Package: bash\nVersion: 5.2\n\nPackage: squid-common\nVersion: 9\n\nPackage: squid\nDescription: proxy\n Version: 1 in a text\nVersion: 5.7-2\n"
		Expect(versions([]byte(status), []string{"haproxy", "squid", "nginx"})).To(Equal(map[string]string{"haproxy": "2.6.12-1+deb12u1", "squid": "5.7-2"}))
		Expect(versions(nil, []string{"squid"})).To(BeNil())
	})

	It("has the processor", func() { Expect(Processor()).NotTo(BeEmpty()) })
})
