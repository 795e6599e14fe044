package topology_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// patched reads the bundled active-passive with a patch of the file p.yaml.
func patched(patch string) (*topology.Topology, error) {
	base, err := topology.Source("active-passive")
	Expect(err).NotTo(HaveOccurred())
	_, root := yamlfile.Read("p.yaml", []byte(patch))
	return topology.ReadPatched("base.yaml", base, root)
}

var _ = Describe("ReadPatched", func() {
	It("merges mappings, replaces values and removes what is null", func() {
		t, err := patched(`{nodes: {proxy-c: {services: {squid: {engine: squid, port: 3128}}}}, addresses: {proxy: {vrrp: {version: 3, advert: 100ms, track: null, members: {proxy-c: 50}}}}}`)
		Expect(err).NotTo(HaveOccurred())
		a, _ := t.Address("proxy")
		Expect(a.Advert.String()).To(Equal("100ms"))
		Expect(a.Track).To(BeNil())
		Expect(t.Holders("office")).To(Equal([]string{"proxy-a", "proxy-b", "proxy-c"}))
	})

	It("leaves the base and the patch as they were: the same patch applies again", func() {
		base, _ := topology.Source("active-passive")
		_, one := yamlfile.Read("p.yaml", []byte("{nodes: {proxy-c: {services: {squid: {engine: squid, port: 3128}}}}}"))
		_, two := yamlfile.Read("q.yaml", []byte("{nodes: {proxy-c: {services: {squid: {port: 3129}}}}}"))
		_, err := topology.ReadPatched("base.yaml", base, one, two)
		Expect(err).NotTo(HaveOccurred())
		t, err := topology.ReadPatched("base.yaml", base, one)
		Expect(err).NotTo(HaveOccurred())
		n, _ := t.Node("proxy-c")
		Expect(n.Services[0].Port).To(Equal(3128))
	})

	DescribeTable("points to the line of the patch", func(patch, place, code string) {
		_, err := patched(patch)
		Expect(err).To(BeAssignableToTypeOf(&yamlfile.Problems{}))
		first := (*err.(*yamlfile.Problems))[0]
		Expect(first.Error()).To(HavePrefix(place))
		Expect(first.Code).To(Equal(code))
	},
		Entry("an unknown key", "nodes:\n  proxy-b:\n    prot: 1\n", "p.yaml:3:5", "unknown-key"),
		Entry("a value out of range", "addresses: {proxy: {vrrp: {advert: 20ms}}}", "p.yaml:1:36", "time-step"),
		Entry("a name that is not there", "users: {office: {proxy: 'prxy:3128'}}", "p.yaml:1:25", "unknown-name"),
		Entry("null for a key that must be there", "addresses: {proxy: {vrrp: {router_id: null}}}", "p.yaml:1:28", "missing-key"),
		Entry("null for a name that is not there", "nodes: {proxy-x: null}", "p.yaml:1:9", "patch-removes-nothing"),
	)
})

// FuzzPatch holds that no patch makes the reader panic.
func FuzzPatch(f *testing.F) {
	for _, s := range []string{"nodes: {proxy-b: null}", "nodes: [a]", "{nodes: {proxy-a: {services: {squid: 5}}}}", "wan: null", "? [a]\n: b"} {
		f.Add([]byte(s))
	}
	base, err := topology.Source("active-passive")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzcost.Bound(t)
		_, root := yamlfile.Read("p.yaml", data)
		_, _ = topology.ReadPatched("base.yaml", base, root)
	})
}
