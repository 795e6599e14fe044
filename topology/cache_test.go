package topology_test

import (
	"os"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("a cache", func() {
	const own = "cache: {memory: 64MiB, siblings: [proxy-b], protocol: icp}"
	text := func() string {
		GinkgoHelper()
		data, err := os.ReadFile("designs/cache-siblings.yaml")
		Expect(err).NotTo(HaveOccurred())
		return string(data)
	}

	It("is read with its siblings", func() {
		t, err := topology.Read("t.yaml", []byte(text()))
		Expect(err).NotTo(HaveOccurred())
		a, ok := t.Node("proxy-a")
		Expect(ok).To(BeTrue())
		squid, ok := a.Caching()
		Expect(ok).To(BeTrue())
		Expect(*squid.Cache).To(Equal(topology.Cache{Memory: 64 << 20, Siblings: []string{"proxy-b"}, Protocol: topology.ICP}))
		Expect(t.Caches()).To(BeTrue())
	})

	It("may be on a disk", func() {
		t, err := topology.Read("t.yaml", []byte(strings.Replace(text(), own, "cache: {memory: 1MiB, disk: 64MiB}", 1)))
		Expect(err).NotTo(HaveOccurred())
		a, _ := t.Node("proxy-a")
		squid, _ := a.Caching()
		Expect(*squid.Cache).To(Equal(topology.Cache{Memory: 1 << 20, Disk: 64 << 20, Store: topology.UFS}))
	})

	DescribeTable("is refused with the valid values", func(with string, want ...string) {
		_, err := topology.Read("t.yaml", []byte(strings.Replace(text(), own, with, 1)))
		expectProblems(err, want...)
	},
		Entry("no memory", "cache: {siblings: [proxy-b]}", `44:16 missing-key key "memory"`),
		Entry("too little", "cache: {memory: 1KiB}", "44:25 wrong-value from 1MiB to 512MiB"),
		Entry("too small a disk", "cache: {memory: 1MiB, disk: 4MiB}", "44:37 wrong-value from 16MiB to 512MiB"),
		Entry("another store", "cache: {memory: 1MiB, disk: 64MiB, store: rock}", "44:51 unknown-value valid: ufs, aufs"),
		Entry("a store without a disk", "cache: {memory: 1MiB, store: aufs}", "44:38 unused-key"),
		Entry("the node itself", "cache: {memory: 1MiB, siblings: [proxy-a]}", "44:42 unfit-sibling valid: proxy-b"),
		Entry("an unknown node", "cache: {memory: 1MiB, siblings: [proxy-x]}", `44:42 unknown-name (did you mean "proxy-b"?); valid: proxy-b`),
		Entry("a node without a cache", "cache: {memory: 1MiB, siblings: [lb-a]}", "44:42 unfit-sibling valid: proxy-b"),
		Entry("twice", "cache: {memory: 1MiB, siblings: [proxy-b, proxy-b]}", "44:51 listed-twice"),
		Entry("another protocol", "cache: {memory: 1MiB, siblings: [proxy-b], protocol: carp}", "44:62 unknown-value valid: icp, htcp, digest"),
		Entry("a digest without a disk", "cache: {memory: 1MiB, siblings: [proxy-b], protocol: digest}",
			"44:42 digest-without-disk node proxy-b"),
		Entry("a protocol for an unknown node", "cache: {memory: 1MiB, protocol: icp}", "44:41 unused-key"),
	)

	It("is the only one of its node", func() {
		_, err := topology.Read("t.yaml", []byte(strings.Replace(text(), own+"\n", own+"\n      more: {engine: squid, port: 3129, cache: {memory: 1MiB}}\n", 1)))
		expectProblems(err, "15:21 unfit-server valid: proxy-b", "29:21 unfit-server valid: proxy-b", "45:48 one-per-node service squid")
	})

	It("refuses a sibling that is also a parent", func() {
		_, err := topology.Read("t.yaml", []byte(strings.Replace(text(), own, own+"\n        parents: {nodes: [proxy-b], connect_timeout: 1s}", 1)))
		expectProblems(err, "45:18 peer-twice node proxy-b")
	})

	It("is refused for other engines", func() {
		_, err := topology.Read("t.yaml", []byte(strings.Replace(text(), "engine: haproxy\n", "engine: haproxy\n        cache: {memory: 1MiB}\n", 1)))
		expectProblems(err, "12:16 engine-cannot engine haproxy does not support cache; use squid")
	})
})
