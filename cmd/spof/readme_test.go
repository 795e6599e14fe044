package main

import (
	"os"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("README", func() {
	data, err := os.ReadFile("../../README.md")
	text := string(data)
	BeforeEach(func() { Expect(err).NotTo(HaveOccurred()) })

	It("shows commands that are there, of designs and scenarios that are bundled", func() {
		known := append(topology.Designs(), scenarios.Library()...)
		commands := regexp.MustCompile("(?m)(?:^|&& |`|\\$ )spof ([a-z]+[^`\n#&]*)").FindAllStringSubmatch(text, -1)
		Expect(len(commands)).To(BeNumerically(">", 20))
		for _, found := range commands {
			line, _, _ := strings.Cut(found[1], "   ") // what it does, in words
			command, args, err := newRoot().Find(strings.Fields(line))
			Expect(err).NotTo(HaveOccurred(), line)
			Expect(command.ParseFlags(args)).To(Succeed(), line)
			named := command.Flags().Args()
			if flag := command.Flags().Lookup("topology"); flag != nil {
				designs, err := command.Flags().GetStringSlice("topology")
				Expect(err).NotTo(HaveOccurred(), line)
				named = append(named, designs...)
			}
			if !slices.Contains([]string{"run", "validate", "show", "graph"}, command.Name()) {
				continue
			}
			for _, name := range named {
				if name, _, _ = strings.Cut(name, "@"); !strings.ContainsAny(name, "./") {
					Expect(known).To(ContainElement(name), line)
				}
			}
		}
	})

	It("shows a design and a scenario that are valid", func() {
		var read int
		for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(text, -1) {
			switch file := block[1]; {
			case strings.HasPrefix(file, "topology:"):
				_, err := topology.Read("README.md", []byte(file))
				Expect(err).NotTo(HaveOccurred())
				read++
			case strings.HasPrefix(file, "scenario:"):
				_, err := scenarios.Read("README.md", []byte(file))
				Expect(err).NotTo(HaveOccurred())
				read++
			}
		}
		Expect(read).To(Equal(2))
	})
})
