package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"go.yaml.in/yaml/v3"
)

// written gives the pipeline that spof init writes for a CI system, and the shell scripts in it.
func written(ci string) (text string, scripts []string) {
	GinkgoHelper()
	GinkgoT().Chdir(GinkgoT().TempDir())
	_, errs, code := said("init", "mine", "--ci", ci)
	Expect(code).To(Equal(exitPass), errs)
	data, err := os.ReadFile(pipelines[ci].path)
	Expect(err).NotTo(HaveOccurred())
	if ci == "jenkins" {
		for _, sh := range regexp.MustCompile(`(?s)'''(.*?)'''|sh '([^'\n]+)'`).FindAllStringSubmatch(string(data), -1) {
			scripts = append(scripts, sh[1]+sh[2])
		}
		return string(data), scripts
	}
	var tree yaml.Node
	Expect(yaml.Unmarshal(data, &tree)).To(Succeed())
	return string(data), scriptsIn(&tree)
}

// scriptsIn gives the texts of a YAML tree that a shell runs: those of run, and of the lists of GitLab.
func scriptsIn(n *yaml.Node) (scripts []string) {
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && slices.Contains([]string{"run", "before_script", "script", "after_script"}, n.Content[i-1].Value) {
			if c.Kind == yaml.ScalarNode {
				scripts = append(scripts, c.Value)
			}
			for _, item := range c.Content {
				scripts = append(scripts, item.Value)
			}
			continue
		}
		scripts = append(scripts, scriptsIn(c)...)
	}
	return scripts
}

var _ = Describe("the pipeline of spof init --ci", func() {
	commands := regexp.MustCompile(`(?m)^\s*spof ([^|&;\n]+)`)

	for _, ci := range ciSystems() {
		It("runs commands of spof that exist, on the files beside it: "+ci, func() {
			_, scripts := written(ci)
			var ran []string
			for _, script := range scripts {
				for _, m := range commands.FindAllStringSubmatch(script, -1) {
					command, args, err := newRoot().Find(strings.Fields(m[1]))
					Expect(err).NotTo(HaveOccurred(), m[0])
					Expect(command.ParseFlags(args)).To(Succeed(), m[0])
					if check := command.Args; check != nil {
						Expect(check(command, command.Flags().Args())).To(Succeed(), m[0])
					}
					ran = append(ran, command.Name())
					if command.Name() == "validate" {
						_, errs, code := said(strings.Fields(m[1])...)
						Expect(code).To(Equal(exitPass), errs) // of the files to start from
					}
					for _, file := range append(command.Flags().Args(), command.Flags().Lookup("topology").Value.String()) {
						if file = strings.Trim(file, "[]"); file != "" {
							Expect(file).To(BeARegularFile(), m[0])
						}
					}
				}
			}
			Expect(ran).To(Equal([]string{"validate", "run"}))
		})

		It("tells an inconclusive gate from a failed one, and keeps the report: "+ci, func() {
			text, _ := written(ci)
			for _, part := range []string{"inconclusive", "--budget 10m", "--retries 2", "junit.xml", "report.sarif", "report.md", "docker save", "docker load"} {
				Expect(text).To(ContainSubstring(part))
			}
			Expect(text).NotTo(MatchRegexp(`\[\[|\]\]|<no value>`))
		})

		It("is never overwritten, and then nothing is written: "+ci, func() {
			GinkgoT().Chdir(GinkgoT().TempDir())
			path := pipelines[ci].path
			Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
			Expect(os.WriteFile(path, []byte("mine"), 0o600)).To(Succeed())
			_, errs, code := said("init", "proxies", "--ci", ci)
			Expect(code).To(Equal(exitInvalid))
			Expect(errs).To(ContainSubstring("[file-exists]"))
			Expect(os.ReadFile(path)).To(BeEquivalentTo("mine"))
			Expect("proxies").NotTo(BeADirectory())
		})
	}

	It("has a template for each CI system, and no other", func() {
		entries, err := ciTemplates.ReadDir("ci")
		Expect(err).NotTo(HaveOccurred())
		var files []string
		for _, e := range entries {
			files = append(files, e.Name())
		}
		var used []string
		for p := range maps.Values(pipelines) {
			used = append(used, p.template)
		}
		Expect(used).To(ConsistOf(files))
	})

	It("keeps the designs and scenarios that are there", func() {
		GinkgoT().Chdir(GinkgoT().TempDir())
		Expect(os.WriteFile("topology.yaml", []byte("mine"), 0o600)).To(Succeed())
		_, errs, code := said("init", "--ci", "github")
		Expect(code).To(Equal(exitPass), errs)
		Expect(os.ReadFile("topology.yaml")).To(BeEquivalentTo("mine"))
		Expect("scenario.yaml").To(BeARegularFile())
	})

	DescribeTable("refuses", func(code string, args ...string) {
		GinkgoT().Chdir(GinkgoT().TempDir())
		_, errs, exit := said(append([]string{"init"}, args...)...)
		Expect(exit).To(Equal(exitInvalid))
		Expect(errs).To(ContainSubstring("[" + code + "]"))
		Expect(os.ReadDir(".")).To(BeEmpty())
	},
		Entry("an unknown CI system", "flag-value", "--ci", "travis"),
		Entry("a directory elsewhere", "unfit-directory", "/tmp/elsewhere", "--ci", "github"),
		Entry("a directory above", "unfit-directory", "../x", "--ci", "gitlab"),
		Entry("a directory that a shell reads as something else", "unfit-directory", "a; rm b", "--ci", "jenkins"),
	)
})
