package reports

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

var _ = Describe("measures that only some designs have", func() {
	plain := summed(analyze.Cell{Topology: "single", Scenario: "node-death", Trials: []analyze.Trial{{DualActiveMS: new(float64), Moves: new(int)}}})
	surge := 3.5
	caching := summed(analyze.Cell{Topology: "cold-standby", Scenario: "node-death", Trials: []analyze.Trial{{
		Cache: &analyze.Cache{Before: analyze.CacheUse{HitRatio: 0.6}, During: analyze.CacheUse{HitRatio: 0.1}, Surge: &surge},
		WAN:   &analyze.WAN{Before: 1 << 20, During: 2 << 20},
	}}})
	twice := 3400.0
	moves := 2
	split := summed(analyze.Cell{Topology: "pair", Scenario: "partition", Trials: []analyze.Trial{{DualActiveMS: &twice, Moves: &moves, Bypassed: 12}}})
	pool := summed(analyze.Cell{Topology: "pool", Scenario: "exit-death", Trials: []analyze.Trial{{
		Exits: &analyze.Exits{Before: analyze.ExitUse{Effective: 6}, During: analyze.ExitUse{Effective: 4}, SessionsBroken: 3},
	}}})
	streams := summed(analyze.Cell{Topology: "pair", Scenario: "streams", Trials: []analyze.Trial{{
		Streams: &analyze.Streams{Open: 25, Broken: 46, BrokenBefore: 24, BrokenAfter: 20, Silent: 2, Lost: 1, OutageMS: &analyze.MinMedMax{Min: 2500, Median: 2900, Max: 3400}},
	}}})
	unbroken := summed(analyze.Cell{Topology: "pair", Scenario: "streams", Trials: []analyze.Trial{{Streams: &analyze.Streams{Open: 25}}}})

	DescribeTable("are shown for these designs", func(c analyze.Cell, want string) { Expect(optionalText(c)).To(Equal(want)) },
		Entry("no other designs, no zeros", plain, ""),
		Entry("caches", caching, "cache hits before 60.0 %, cache hits under the fault 10.0 %, origin traffic, worst second / worst before 3.50×, WAN before 1.00 MiB/s, WAN under the fault 2.00 MiB/s"),
		Entry("split brain and leaks", split, "needless moves of the address 2, address held by two nodes 3.40 s, bypassed 12"),
		Entry("streams", streams, "streams open 25, streams broken 46, broken before the repair 24, broken after the repair 20, silent when the load ended 2, streams that did not return 1, median time without a stream 2.90 s, longest time without a stream 3.40 s"),
		Entry("streams that hold", unbroken, "streams open 25, streams broken 0"),
		Entry("exits", pool, "effective exits before 6.00, effective exits under the fault 4.00, sessions broken 3"),
	)

	It("have columns in the page only if a design has them, and a dash for the other designs", func() {
		var with, without strings.Builder
		Expect(writeHTML(&with, &analyze.Report{Cells: []analyze.Cell{plain, caching}}, nil)).To(Succeed())
		Expect(with.String()).To(And(ContainSubstring(`<th class="n">cache hits under the fault</th>`), ContainSubstring(`<td class="n">10.0 %</td>`)))
		Expect(writeHTML(&without, &analyze.Report{Cells: []analyze.Cell{plain}}, nil)).To(Succeed())
		Expect(without.String()).NotTo(Or(ContainSubstring("cache hits"), ContainSubstring("effective exits"), ContainSubstring("address held by two nodes"), ContainSubstring("moves of the address")))
	})

	It("are shown in the terminal and in Markdown", func() {
		var text, md strings.Builder
		Table(&text, &analyze.Report{Cells: []analyze.Cell{split}}, false)
		Expect(text.String()).To(ContainSubstring("\n  needless moves of the address 2, address held by two nodes 3.40 s, bypassed 12\n"))
		Expect(writeMarkdown(&md, &analyze.Report{Cells: []analyze.Cell{split}}, nil)).To(Succeed())
		Expect(md.String()).To(ContainSubstring("\nNeedless moves of the address 2, address held by two nodes 3.40 s, bypassed 12.\n"))
	})
})

var _ = It("shows no negative cost of a WAN relay", func() {
	rep := &analyze.Report{Cells: []analyze.Cell{summed(analyze.Cell{
		Topology: "single", Scenario: "steady", Verdict: analyze.Pass, Relays: map[string]analyze.Relay{"isp": {AddedP50MS: 0.35, AddedP99MS: -0.7}},
	})}}
	Expect(render(writeMarkdown, rep, nil)).To(ContainSubstring("The WAN relay isp adds 350 µs (p50), nothing measurable (p99)."))
})
