package network_test

import (
	"math/rand/v2"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/network"
)

func TestNetwork(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "network")
}

// enumerated is the probability that the terminals are connected, by all states of the links. It knows nothing of frontiers.
func enumerated(n network.Network, p []float64, terminals []int) (sum float64) {
	for set := range 1 << len(n.Links) {
		at, q := make([]int, n.Nodes), 1.0
		for v := range at {
			at[v] = v
		}
		for i, l := range n.Links {
			if set>>i&1 == 0 {
				q *= 1 - p[i]
				continue
			}
			q *= p[i]
			for v, from := 0, at[l[0]]; v < n.Nodes; v++ {
				if at[v] == from {
					at[v] = at[l[1]]
				}
			}
		}
		for _, v := range terminals {
			if at[v] != at[terminals[0]] {
				q = 0
			}
		}
		sum += q
	}
	return sum
}

var _ = Describe("a network", func() {
	It("is connected with the probability of the enumeration of its links, within 1e-12", func() {
		rng := rand.New(rand.NewPCG(1, 2))
		for range 300 {
			n := network.Network{Nodes: 2 + rng.IntN(6)}
			var p []float64
			for range 1 + rng.IntN(11) {
				a := rng.IntN(n.Nodes)
				n.Links = append(n.Links, [2]int{a, (a + 1 + rng.IntN(n.Nodes-1)) % n.Nodes})
				p = append(p, rng.Float64())
			}
			terminals := rng.Perm(n.Nodes)[:2+rng.IntN(n.Nodes-1)]
			c, err := n.Connected(terminals...)
			Expect(err).NotTo(HaveOccurred())
			whole, by := c.Probability(p)
			want := enumerated(n, p, terminals)
			Expect(whole).To(BeNumerically("~", want, 1e-12*want))
			i := rng.IntN(len(p))
			p[i] = 1
			up := enumerated(n, p, terminals)
			p[i] = 0
			Expect(by[i]).To(BeNumerically("~", up-enumerated(n, p, terminals), 1e-12*up))
		}
	})

	It("that is the bridge has 0.97848 at p = 0.9", func() { // Barlow & Proschan: 2p^2 + 2p^3 - 5p^4 + 2p^5
		c, err := network.Network{Nodes: 4, Links: [][2]int{{0, 1}, {0, 2}, {1, 2}, {1, 3}, {2, 3}}}.Connected(0, 3)
		Expect(err).NotTo(HaveOccurred())
		whole, _ := c.Probability([]float64{.9, .9, .9, .9, .9})
		Expect(whole).To(BeNumerically("~", 0.97848, 1e-15))
	})

	It("that is a ring is connected as a whole if at most one link fails", func() {
		ring := network.Network{Nodes: 30}
		p, all, one := make([]float64, 30), 1.0, 0.0
		for v := range 30 {
			ring.Links = append(ring.Links, [2]int{v, (v + 1) % 30})
			p[v] = 0.9
			all *= 0.9
		}
		one = 30 * all / 0.9 * 0.1
		c, err := ring.Connected()
		Expect(err).NotTo(HaveOccurred())
		whole, _ := c.Probability(p)
		Expect(whole).To(BeNumerically("~", all+one, 1e-14))
	})

	It("without links connects nothing", func() {
		c, err := network.Network{Nodes: 2}.Connected()
		Expect(err).NotTo(HaveOccurred())
		whole, _ := c.Probability(nil)
		Expect(whole).To(BeZero())
	})

	It("that is wrong is refused with all problems", func() {
		_, err := network.Network{Nodes: 3, Links: [][2]int{{0, 3}, {1, 1}}}.Connected(0, 0, 7)
		Expect(reason.Codes(err)).To(Equal([]string{"unknown-node", "link-to-itself", "terminal-twice"}))
		Expect(err).To(MatchError(ContainSubstring("link 0 joins nodes 0 and 3; want 0 to 2")))
		_, err = network.Network{Nodes: 3}.Connected(1)
		Expect(reason.Codes(err)).To(Equal([]string{"too-few-terminals"}))
	})
})
