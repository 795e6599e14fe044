package registry_test

import (
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/proxy/engine/registry"
	"github.com/seed-ab8b6914/spof/topology"
)

// named gives the engines that a design may name, from the message of the reader.
func named() []string {
	GinkgoHelper()
	_, err := topology.Read("f", []byte("topology: t\nnodes: {n: {services: {s: {engine: no-such, port: 3128}}}}\n"))
	Expect(err).To(HaveOccurred())
	found := regexp.MustCompile(`"no-such"; valid: ([a-z, ]+)`).FindStringSubmatch(err.Error())
	Expect(found).NotTo(BeNil(), err.Error())
	return strings.Split(found[1], ", ")
}

var _ = Describe("the engines", func() {
	It("are those that a design may name, and keepalived", func() {
		var names []string
		for _, e := range registry.Engines {
			names = append(names, e.Name)
		}
		Expect(names).To(ConsistOf(append(named(), proxy.ServiceKeepalived)))
	})

	It("each have a process and a parser", func() {
		for _, e := range registry.Engines {
			Expect(e.Process).NotTo(BeNil(), e.Name)
			Expect(e.Event).NotTo(BeNil(), e.Name)
			Expect(e.Events).NotTo(BeEmpty(), e.Name)
		}
	})

	It("have different parsers", func() {
		seen := map[string]string{}
		for _, e := range registry.Engines {
			Expect(seen).NotTo(HaveKey(e.Events), e.Name)
			seen[e.Events] = e.Name
		}
	})

	It("have all parts of a reload if they can reload", func() {
		for _, e := range registry.Engines {
			if e.Reload == nil {
				continue
			}
			Expect(e.Reload.Signal).NotTo(BeZero(), e.Name)
			for _, text := range []string{e.Reload.Begun, e.Reload.Accepted, e.Reload.Refused, e.Reload.Spoil} {
				Expect(text).NotTo(BeEmpty(), e.Name)
			}
		}
	})

	It("have packages and descriptions if they are real", func() {
		for _, e := range registry.Named() {
			Expect(e.Packages).NotTo(BeEmpty(), e.Name)
			Expect([]string{e.Real, e.OnLoopback}).NotTo(ContainElement(""), e.Name)
		}
		Expect(len(registry.Named())).To(Equal(len(named())-1), "all that a design may name, except spof's own")
	})

	It("have spof's own as the stand-in", func() {
		for _, e := range registry.Engines {
			itself, ok := registry.Running(e.Name, false)
			Expect(ok).To(BeTrue())
			Expect(itself.Name).To(Equal(e.Name))
			other, ok := registry.Running(e.Name, true)
			Expect(ok).To(BeTrue())
			Expect(other.Name).To(Equal(string(topology.Builtin)))
		}
		for _, standIn := range []bool{false, true} {
			_, ok := registry.Running("no-such", standIn)
			Expect(ok).To(BeFalse())
		}
	})

	It("refuse a task of another kind without a panic", func() {
		for _, e := range []string{"haproxy", "nginx", "keepalived", "builtin"} {
			it, _ := registry.Of(e)
			_, err := it.Run(engine.Task{Node: "n", Service: topology.Service{Name: "s"}})
			Expect(err).To(HaveOccurred(), e)
		}
	})
})
