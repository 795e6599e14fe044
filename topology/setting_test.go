package topology_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("the settings of a design", func() {
	// keys gives the settings of a bundled design.
	keys := func(name string) (*topology.Topology, []string) {
		GinkgoHelper()
		t, err := topology.Load(name)
		Expect(err).NotTo(HaveOccurred())
		var all []string
		for _, s := range t.Settings() {
			all = append(all, s.Key)
		}
		return t, all
	}

	It("have every timer of every bundled design, with the value of its file", func() {
		timer := regexp.MustCompile(`(?m)([a-z_]+): ([0-9.]+(?:ms|s|m))\b`)
		found := 0
		for _, name := range topology.Designs() {
			text, err := topology.Source(name)
			Expect(err).NotTo(HaveOccurred())
			t, _ := keys(name)
			values := map[string]bool{}
			for _, s := range t.Settings() {
				if d, err := time.ParseDuration(s.Value); err == nil {
					values[s.Key[strings.LastIndexByte(s.Key, '.')+1:]+" "+d.String()] = true
				}
			}
			for line := range strings.Lines(string(text)) {
				line, _, _ = strings.Cut(line, "#")
				for _, m := range timer.FindAllStringSubmatch(line, -1) {
					found++
					d, err := time.ParseDuration(m[2])
					Expect(err).NotTo(HaveOccurred())
					Expect(values).To(HaveKey(m[1]+" "+d.String()), "%s has a timer that is no setting", name)
				}
			}
		}
		Expect(found).To(BeNumerically(">", 100))
	})

	It("are each once, and a variation is undone", func() {
		for _, name := range topology.Designs() {
			t, all := keys(name)
			before, err := json.Marshal(t)
			Expect(err).NotTo(HaveOccurred())
			seen := map[string]bool{}
			for i, s := range t.Settings() {
				Expect(seen).NotTo(HaveKey(all[i]), name)
				seen[all[i]] = true
				varied := 0
				s.Vary(func() {
					varied++
					after, err := json.Marshal(t)
					Expect(err).NotTo(HaveOccurred())
					if string(after) != string(before) {
						varied += 100
					}
				})
				Expect(varied).To(BeNumerically(">=", 101), "%s: %s has no other value", name, s.Key)
			}
			Expect(json.Marshal(t)).To(Equal(before))
		}
	})

	It("have their place in the file", func() {
		text, err := topology.Source("active-passive")
		Expect(err).NotTo(HaveOccurred())
		lines := strings.Split(string(text), "\n")
		const key = "addresses.proxy.vrrp.advert"
		at, err := topology.Places("active-passive", []string{key, "addresses.proxy.vrrp.nothing"})
		Expect(err).NotTo(HaveOccurred())
		var line, col int
		_, err = fmt.Sscanf(at[key], "active-passive.yaml:%d:%d", &line, &col)
		Expect(err).NotTo(HaveOccurred())
		Expect(lines[line-1]).To(ContainSubstring("advert:"))
		Expect(at["addresses.proxy.vrrp.nothing"]).To(HavePrefix("active-passive.yaml:"), "of what would hold it")
	})

	It("have the place in the file of a variant, and none in a file that is gone", func() {
		file := filepath.Join(GinkgoT().TempDir(), "ours.yaml")
		text, err := topology.Source("active-passive")
		Expect(err).NotTo(HaveOccurred())
		Expect(os.WriteFile(file, text, 0o600)).To(Succeed())
		at, err := topology.Places(file+"@drain", []string{"signals"})
		Expect(err).NotTo(HaveOccurred())
		Expect(at["signals"]).To(HavePrefix(file + ":"))
		_, err = topology.Places(file+".gone", []string{"signals"})
		Expect(err).To(MatchError(os.ErrNotExist))
	})
})
