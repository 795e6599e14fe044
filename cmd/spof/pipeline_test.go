package main

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

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
					command, args, err := newRoot(io.Discard).Find(strings.Fields(m[1]))
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

	It("is written where the CI system reads it: the root of the repository", func() {
		GinkgoT().Chdir(GinkgoT().TempDir())
		Expect(os.Mkdir(".git", 0o700)).To(Succeed())
		Expect(os.MkdirAll("proxies/tests", 0o700)).To(Succeed())
		GinkgoT().Chdir("proxies/tests")
		_, errs, code := said("init", "mine", "--ci", "github")
		Expect(code).To(Equal(exitPass), errs)
		Expect(errs).To(ContainSubstring("spof validate mine/topology.yaml mine/scenario.yaml"))
		Expect(".github").NotTo(BeADirectory())
		text, err := os.ReadFile("../../.github/workflows/spof.yml")
		Expect(err).NotTo(HaveOccurred())
		Expect(string(text)).To(ContainSubstring("spof run ./proxies/tests/mine/scenario.yaml -t ./proxies/tests/mine/topology.yaml "))
		Expect("mine/topology.yaml").To(BeARegularFile())
	})

	It("is not written below a file, nor anything else", func() {
		GinkgoT().Chdir(GinkgoT().TempDir())
		Expect(os.WriteFile(".github", nil, 0o600)).To(Succeed())
		_, errs, code := said("init", "mine", "--ci", "github")
		Expect(code).To(Equal(exitEnvironment))
		Expect(errs).To(ContainSubstring("[output-not-writable]"))
		Expect("mine").NotTo(BeADirectory())
	})

	It("is not written where a shell reads the path as something else", func() {
		GinkgoT().Chdir(GinkgoT().TempDir())
		Expect(os.MkdirAll("a b/.git", 0o700)).To(Succeed())
		Expect(os.MkdirAll("a b/c d", 0o700)).To(Succeed())
		GinkgoT().Chdir("a b/c d")
		_, errs, code := said("init", "mine", "--ci", "github")
		Expect(code).To(Equal(exitInvalid))
		Expect(errs).To(ContainSubstring("[unfit-directory]"))
		Expect(os.ReadDir(".")).To(BeEmpty())
	})

	DescribeTable("takes the spof that wrote it", func(described, version, revision, modified, want string) {
		info := &debug.BuildInfo{Main: debug.Module{Version: version}}
		for key, value := range map[string]string{"vcs.revision": revision, "vcs.modified": modified} {
			info.Settings = append(info.Settings, debug.BuildSetting{Key: key, Value: value})
		}
		Expect(commitOf(described, info)).To(Equal(want))
	},
		Entry("built in its repository", "v1.2.3", "v0.0.0-20261130120000-0123456789ab", "0123456789abcdef", "false", "0123456789abcdef"),
		Entry("with other changes", "devel", "v0.0.0-20261130120000-0123456789ab+dirty", "0123456789abcdef", "true", ""),
		Entry("built by make", "v1.2.3-4-g0123456", "(devel)", "", "", "v1.2.3-4-g0123456"),
		Entry("built by make, with other changes", "0123456-dirty", "(devel)", "", "", ""),
		Entry("installed at a tag", "devel", "v1.2.3", "", "", "v1.2.3"),
		Entry("installed at a commit", "devel", "v1.2.4-0.20261130120000-0123456789ab", "", "", "0123456789ab"),
		Entry("unknown", "devel", "(devel)", "", "", ""),
	)

	for _, ci := range ciSystems() {
		It("checks out the commit, or says how to: "+ci, func(ctx SpecContext) {
			GinkgoT().Chdir(GinkgoT().TempDir())
			j := newJob()
			git := "git -c user.name=x -c user.email=x@example.test -c init.defaultBranch=main "
			commit := git + "-C there commit -q --allow-empty -m "
			first, code := j.run(ctx, git+"init -q there\n"+commit+"one\ngit -C there rev-parse HEAD\n"+commit+"two")
			Expect(code).To(BeZero(), first)
			first = strings.TrimSpace(first)
			text, err := pipeline(ci, gate{Module: "spof.example", Commit: first})
			Expect(err).NotTo(HaveOccurred())
			script := strings.Join(regexp.MustCompile(`(?m)(?:git clone|git -C|git checkout|cd "\$RUNNER).*$`).FindAllString(string(text), 3), "\n")
			script = strings.ReplaceAll(script, "/tmp/spof", ".spof")
			j.env["RUNNER_TEMP"] = j.dir
			j.env["GIT_CONFIG_COUNT"], j.env["GIT_CONFIG_KEY_0"], j.env["GIT_CONFIG_VALUE_0"] = "1", "url.file://"+j.dir+"/there.insteadOf", "https://spof.example"
			out, code := j.run(ctx, script+"\ncd \""+j.dir+"\"\ncat spof/.git/HEAD .spof/.git/HEAD 2> /dev/null || true")
			Expect(code).To(BeZero(), out)
			Expect(out).To(ContainSubstring(first))

			text, err = pipeline(ci, gate{Module: "spof.example"})
			Expect(err).NotTo(HaveOccurred())
			Expect(string(text)).To(MatchRegexp(`(?m)^ +# .*git .*checkout --quiet --detach COMMIT$`))
		}, SpecTimeout(time.Minute))
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
