package reports

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

var _ = Describe("measures that only some designs have", func() {
	plain := analyze.Cell{Topology: "single", Scenario: "node-death", Trials: []analyze.Trial{{DualActiveMS: new(float64)}}}
	surge := 3.5
	caching := analyze.Cell{Topology: "cold-standby", Scenario: "node-death", Trials: []analyze.Trial{{
		Cache: &analyze.Cache{Before: analyze.CacheUse{HitRatio: 0.6}, During: analyze.CacheUse{HitRatio: 0.1}, Surge: &surge},
		WAN:   &analyze.WAN{Before: 1 << 20, During: 2 << 20},
	}}}
	twice := 3400.0
	split := analyze.Cell{Topology: "pair", Scenario: "partition", Trials: []analyze.Trial{{DualActiveMS: &twice, Bypassed: 12}}}
	pool := analyze.Cell{Topology: "pool", Scenario: "exit-death", Trials: []analyze.Trial{{
		Exits: &analyze.Exits{Before: analyze.ExitUse{Effective: 6}, During: analyze.ExitUse{Effective: 4}, SessionsBroken: 3},
	}}}
	streams := analyze.Cell{Topology: "pair", Scenario: "streams", Trials: []analyze.Trial{{
		Streams: &analyze.Streams{Open: 25, Broken: 24, BrokenAfter: 20, Silent: 2, Lost: 1, OutageMS: &analyze.MinMedMax{Min: 2500, Median: 2900, Max: 3400}},
	}}}
	unbroken := analyze.Cell{Topology: "pair", Scenario: "streams", Trials: []analyze.Trial{{Streams: &analyze.Streams{Open: 25}}}}

	DescribeTable("are said of those", func(c analyze.Cell, want string) { Expect(specialText(c)).To(Equal(want)) },
		Entry("nothing of the others, nor zeros", plain, ""),
		Entry("caches", caching, "cache hits before 60.0 %, cache hits under the fault 10.0 %, worst second at the origin 3.50× the worst before, WAN before 1.00 MiB/s, WAN under the fault 2.00 MiB/s"),
		Entry("split brain and leaks", split, "address held twice 3.40 s, bypassed 12"),
		Entry("streams", streams, "streams open 25, streams broken 24, broken again after the repair 20, median time without one 2.90 s, longest time without one 3.40 s, streams silent when the load ended 2, streams that never came back 1"),
		Entry("streams that hold", unbroken, "streams open 25, streams broken 0"),
		Entry("exits", pool, "exits in effect before 6.00, exits in effect under the fault 4.00, sessions broken 3"),
	)

	It("have columns in the page only where a design has them, and a dash for the others", func() {
		var with, without strings.Builder
		Expect(writeHTML(&with, &analyze.Report{Cells: []analyze.Cell{plain, caching}}, nil)).To(Succeed())
		Expect(with.String()).To(And(ContainSubstring(`<th class="n">cache hits under the fault</th>`), ContainSubstring(`<td class="n">10.0 %</td>`)))
		Expect(writeHTML(&without, &analyze.Report{Cells: []analyze.Cell{plain}}, nil)).To(Succeed())
		Expect(without.String()).NotTo(Or(ContainSubstring("cache hits"), ContainSubstring("exits in effect"), ContainSubstring("address held twice")))
	})

	It("are said in the terminal and in Markdown", func() {
		var text, md strings.Builder
		Table(&text, &analyze.Report{Cells: []analyze.Cell{split}}, false)
		Expect(text.String()).To(ContainSubstring("\n  address held twice 3.40 s, bypassed 12\n"))
		Expect(writeMarkdown(&md, &analyze.Report{Cells: []analyze.Cell{split}}, nil)).To(Succeed())
		Expect(md.String()).To(ContainSubstring("\nAddress held twice 3.40 s, bypassed 12.\n"))
	})
})
