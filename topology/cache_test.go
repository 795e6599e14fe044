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

	DescribeTable("is refused with what would be right", func(with, want string) {
		_, err := topology.Read("t.yaml", []byte(strings.Replace(text(), own, with, 1)))
		Expect(err).To(MatchError(ContainSubstring(want)))
	},
		Entry("no memory", "cache: {siblings: [proxy-b]}", `key "memory" is missing`),
		Entry("too little", "cache: {memory: 1KiB}", `want a size from 1MiB to 512MiB`),
		Entry("too small a disk", "cache: {memory: 1MiB, disk: 4MiB}", `want a size from 16MiB to 512MiB`),
		Entry("another store", "cache: {memory: 1MiB, disk: 64MiB, store: rock}", `unknown value "rock"; valid: ufs, aufs`),
		Entry("a store of nothing", "cache: {memory: 1MiB, store: aufs}", `store without a disk; say how large it is, or leave store out`),
		Entry("itself", "cache: {memory: 1MiB, siblings: [proxy-a]}", `node proxy-a would be its own sibling; valid: proxy-b`),
		Entry("nobody", "cache: {memory: 1MiB, siblings: [proxy-x]}", `unknown node "proxy-x"`),
		Entry("no cache there", "cache: {memory: 1MiB, siblings: [lb-a]}", `node lb-a has no cache to ask; valid: proxy-b`),
		Entry("twice", "cache: {memory: 1MiB, siblings: [proxy-b, proxy-b]}", `sibling "proxy-b" is listed twice`),
		Entry("another protocol", "cache: {memory: 1MiB, siblings: [proxy-b], protocol: carp}", `unknown value "carp"; valid: icp, htcp, digest`),
		Entry("a digest of memory", "cache: {memory: 1MiB, siblings: [proxy-b], protocol: digest}", `node proxy-b keeps nothing on a disk, and a digest sums up nothing else; give it one with disk: 64MiB, or use icp or htcp`),
		Entry("a protocol for nobody", "cache: {memory: 1MiB, protocol: icp}", `protocol without siblings`),
	)

	It("is one of a node, whose ports siblings ask at", func() {
		_, err := topology.Read("t.yaml", []byte(strings.Replace(text(), own+"\n", own+"\n      more: {engine: squid, port: 3129, cache: {memory: 1MiB}}\n", 1)))
		Expect(err).To(MatchError(ContainSubstring("node proxy-a has the cache of squid already; a node has at most one")))
	})

	It("has no sibling that is a parent, of which Squid dies", func() {
		_, err := topology.Read("t.yaml", []byte(strings.Replace(text(), own, own+"\n        parents: {nodes: [proxy-b], connect_timeout: 1s}", 1)))
		Expect(err).To(MatchError(ContainSubstring(":18: proxy-b is a sibling of this Squid, which takes a peer once; leave it out of the parents, or of the siblings")))
	})

	It("is Squid's alone", func() {
		_, err := topology.Read("t.yaml", []byte(strings.Replace(text(), "engine: haproxy\n", "engine: haproxy\n        cache: {memory: 1MiB}\n", 1)))
		Expect(err).To(MatchError(ContainSubstring("engine haproxy has no cache; only squid has one")))
	})
})
