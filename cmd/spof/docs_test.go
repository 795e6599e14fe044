package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/telemetry"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/topology"
)

// root is the directory of the project.
const root = "../.."

// pages are the Markdown pages, by their path in the project.
func pages() map[string]string {
	GinkgoHelper()
	names := []string{"README.md", "CONTRIBUTING.md"}
	docs, err := os.ReadDir(filepath.Join(root, "docs"))
	Expect(err).NotTo(HaveOccurred())
	for _, e := range docs {
		if strings.HasSuffix(e.Name(), ".md") {
			names = append(names, "docs/"+e.Name())
		}
	}
	all := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(root, name))
		Expect(err).NotTo(HaveOccurred())
		all[name] = string(text)
	}
	return all
}

// generated are the generated parts of pages: page, name of the part, text.
func generated() [][3]string {
	GinkgoHelper()
	all, err := list()
	Expect(err).NotTo(HaveOccurred())
	example, err := os.ReadFile(filepath.Join(root, "sim/example_test.go"))
	Expect(err).NotTo(HaveOccurred())
	coded, _ := messages(root)
	return [][3]string{
		{"docs/faults.md", "faults", faultTable(all.Faults)},
		{"docs/faults.md", "parameters", parameterTable(all.Faults)},
		{"docs/faults.md", "fidelity of faults", fidelityTable("fault", all.Faults, true)},
		{"docs/faults.md", "fidelity of mechanisms", fidelityTable("mechanism", all.Faults, false)},
		{"docs/measures.md", "measures", measureTable()},
		{"docs/diff.md", "main measures", mainMeasures()},
		{"docs/designs.md", "designs", aboutTable("design", all.Topologies)},
		{"docs/scenarios.md", "scenarios", aboutTable("scenario", all.Scenarios)},
		{"docs/designs.md", "keys of a design", keyTable("topology")},
		{"docs/scenarios.md", "keys of a scenario", keyTable("scenario")},
		{"docs/codes.md", "codes", codeTable(coded)},
		{"docs/codes.md", "shared codes", sharedTable(coded)},
		{"docs/telemetry.md", "metrics", metricTable()},
		{"docs/go-tests.md", "example", "```go\n" + string(example) + "```\n"},
	}
}

func table(rows ...[]string) string {
	var b strings.Builder
	for i, row := range rows {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return b.String()
}

func code(words ...string) string { return "`" + strings.Join(words, "`, `") + "`" }

func aboutTable(what string, all []listed) string {
	rows := [][]string{{what, "what it is"}}
	for _, l := range all {
		rows = append(rows, []string{code(l.Name), l.About})
	}
	return table(rows...)
}

func faultTable(all []listedFault) string {
	rows := [][]string{{"fault", "what it is", "roles of its target", "parameters", "docker", "local"}}
	for _, f := range all {
		if len(f.Roles) == 0 {
			continue
		}
		var names []string
		for _, p := range f.Parameters {
			names = append(names, code(p.Name))
		}
		rows = append(rows, []string{fmt.Sprintf("[`%s`](#%s)", f.Name, f.Name), f.About, code(f.Roles...), strings.Join(names, ", "),
			f.Support["docker"].Level, f.Support["local"].Level})
	}
	return table(rows...)
}

func parameterTable(all []listedFault) string {
	rows := [][]string{{"fault", "parameter", "values", "default", "meaning"}}
	for _, f := range all {
		for _, p := range f.Parameters {
			def := p.Default
			if def == "" {
				def = "required"
			}
			rows = append(rows, []string{code(f.Name), code(p.Name), p.Values, def, p.About})
		}
	}
	return table(rows...)
}

func fidelityTable(what string, all []listedFault, faults bool) string {
	rows := [][]string{{what, "runtime", "fidelity", "how"}}
	for _, f := range all {
		if (len(f.Roles) > 0) != faults {
			continue
		}
		for _, rt := range runtimeNames {
			rows = append(rows, []string{code(f.Name), rt, f.Support[rt].Level, f.Support[rt].How})
		}
	}
	return table(rows...)
}

// bounds are examples of bounds, by unit.
var bounds = map[string]string{
	"ms": "<= 5s", "s": "<= 4s", "count": "== 0", "ratio": "<= 10%", "factor": "<= 3", "number": ">= 2.5", "B/s": "<= 500KiB/s",
}

func measureTable() string {
	rows := [][]string{{"measure", "unit", "in report.json", "a bound", "needs a fault", "meaning"}}
	for _, m := range analyze.Bounded() {
		fault := "no"
		if m.Fault {
			fault = "yes"
		}
		rows = append(rows, []string{code(m.Name), m.Unit, code(m.Key()), code(`"` + bounds[m.Unit] + `"`), fault, m.About})
	}
	return table(rows...)
}

// mainMeasures lists the measures that a comparison tests by itself.
func mainMeasures() string {
	var names []string
	for _, m := range analyze.Measures {
		if m.Gate {
			names = append(names, m.Name)
		}
	}
	return code(names...) + ".\n"
}

func metricTable() string {
	rows := [][]string{{"metric", "type", "labels", "meaning"}}
	for _, m := range telemetry.Table() {
		rows = append(rows, []string{code(m.Name), string(m.Kind), strings.Join(m.Labels, ", "), m.Help})
	}
	return table(rows...)
}

// markers are the lines around a generated part.
func markers(part string) (begin, end string) {
	return "<!-- generated: " + part + "; `make docs` writes it -->\n", "<!-- end: " + part + " -->\n"
}

// upToDate compares a page with what it must be, or with UPDATE=1 writes it.
func upToDate(name, page, want, part string) string {
	GinkgoHelper()
	if os.Getenv("UPDATE") != "" && page != want {
		Expect(os.WriteFile(filepath.Join(root, name), []byte(want), 0o644)).To(Succeed())
		return want
	}
	Expect(page == want).To(BeTrue(), "%s: the part %q is old; run make docs", name, part)
	return page
}

// regenerate puts a part between its markers.
func regenerate(page, part, text string) string {
	GinkgoHelper()
	begin, end := markers(part)
	before, rest, found := strings.Cut(page, begin)
	Expect(found).To(BeTrue(), "no line %q", begin)
	_, after, found := strings.Cut(rest, end)
	Expect(found).To(BeTrue(), "no line %q", end)
	return before + begin + "\n" + text + "\n" + end + after
}

var _ = Describe("the documentation", func() {
	It("has generated tables that are up to date (make docs writes them)", func() {
		all := pages()
		for _, g := range generated() {
			name, part, text := g[0], g[1], g[2]
			all[name] = upToDate(name, all[name], regenerate(all[name], part, text), part)
		}
	})

	It("has outputs of commands that are up to date (make docs writes them); commands that need a lab are left out", func() {
		here, err := os.Getwd()
		Expect(err).NotTo(HaveOccurred())
		GinkgoT().Setenv("XDG_CACHE_HOME", GinkgoT().TempDir()) // no calibration of this machine
		all, now, compared := pages(), map[string]string{}, 0
		GinkgoT().Chdir(GinkgoT().TempDir())
		for name, text := range all {
			now[name] = blocks.ReplaceAllStringFunc(text, func(block string) string {
				block, n := replay(block)
				compared += n
				return block
			})
		}
		Expect(compared).To(BeNumerically(">=", 4))
		GinkgoT().Chdir(here)
		for name, text := range all {
			upToDate(name, text, now[name], "outputs of commands")
		}
	})

	It("quotes the error for an earlier report", func() {
		page := pages()["docs/troubleshooting.md"]
		GinkgoT().Chdir(GinkgoT().TempDir())
		Expect(os.MkdirAll("out/demo", 0o755)).To(Succeed())
		Expect(os.WriteFile("out/demo/report.json", []byte(`{"schema": "`+analyze.ReportSchema+`"}`), 0o600)).To(Succeed())
		_, err := openOutput("out/demo", false)
		Expect(page).To(ContainSubstring("spof: " + reason.Text(err) + "\n"))
	})

	It("shows commands that exist, with bundled designs and scenarios", func() {
		shown := 0
		for name, text := range pages() {
			if name == "docs/codes.md" { // messages, with the values left out
				continue
			}
			for _, line := range commands(text) {
				holds(name, line)
				shown++
			}
		}
		Expect(shown).To(BeNumerically(">", 60))
	})

	It("shows valid designs and scenarios", func() {
		read := 0
		for name, text := range pages() {
			for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(text, -1) {
				var err error
				switch file := block[1]; {
				case strings.HasPrefix(file, "topology:"):
					_, err = topology.Read(name, []byte(file))
				case strings.HasPrefix(file, "scenario:"):
					_, err = scenarios.Read(name, []byte(file), analyze.Expectable())
				default:
					continue // a part of one
				}
				Expect(err).NotTo(HaveOccurred())
				read++
			}
		}
		Expect(read).To(BeNumerically(">=", 4))
	})

	It("links to files and headings that exist", func() {
		all := pages()
		link := regexp.MustCompile(`\]\(([^)#: ]*)(#[^)]*)?\)`)
		for name, text := range all {
			for _, l := range link.FindAllStringSubmatch(text, -1) {
				to := name
				if l[1] != "" {
					to = filepath.Join(filepath.Dir(name), l[1])
				}
				Expect(filepath.Join(root, to)).To(Or(BeAnExistingFile(), BeADirectory()), "%s leads to %s", name, l[0])
				if l[2] != "" {
					Expect(headings(all[to])).To(ContainElement(l[2][1:]), "%s leads to %s", name, l[0])
				}
			}
		}
	})

	It("names files of the project that exist, and names in them", func() {
		file := regexp.MustCompile("`((?:topology|proxy|scenarios|sim|reports|cmd|wholefile|fuzzcost|docs|scripts)/[A-Za-z0-9_/.-]*)`(?: \\(`([A-Za-z.]+)`\\))?")
		named := 0
		for name, text := range pages() {
			for _, f := range file.FindAllStringSubmatch(text, -1) {
				path := filepath.Join(root, f[1])
				Expect(path).To(Or(BeAnExistingFile(), BeADirectory()), "%s names %s", name, f[1])
				named++
				if f[2] == "" {
					continue
				}
				source, err := os.ReadFile(path)
				Expect(err).NotTo(HaveOccurred(), name)
				what := f[2][strings.LastIndex(f[2], ".")+1:]
				Expect(regexp.MustCompile(`\b`+what+`\b`).Match(source)).To(BeTrue(), "%s: no %s in %s", name, what, f[1])
			}
		}
		Expect(named).To(BeNumerically(">", 40))
	})

	It("describes every fault", func() {
		all, err := list()
		Expect(err).NotTo(HaveOccurred())
		there := headings(pages()["docs/faults.md"])
		for _, f := range all.Faults {
			if len(f.Roles) > 0 {
				Expect(there).To(ContainElement(f.Name))
			}
		}
	})
})

// blocks are the blocks of code of a page, with their language.
var blocks = regexp.MustCompile("(?sm)^```([a-z]*)\n(.*?)^```$")

// replay runs the commands of a block of code and gives the block with their outputs. `$ cat FILE` writes a file with the text below it. n
// counts the commands that it ran; those that need a lab it leaves out.
func replay(block string) (now string, n int) {
	GinkgoHelper()
	steps := strings.Split(block, "\n$ ")
	for i, step := range steps[1:] {
		command, text, _ := strings.Cut(step, "\n")
		output := strings.TrimSuffix(text, "```")
		switch fields := strings.Fields(command); {
		case fields[0] == "cat":
			Expect(os.WriteFile(fields[1], []byte(output), 0o600)).To(Succeed())
		case fields[0] == "spof" && fields[1] != "run":
			var out bytes.Buffer
			execute(context.Background(), fields[1:], strings.NewReader(""), &out, &out)
			steps[i+1] = command + "\n" + strings.TrimRight(out.String(), "\n") + text[len(strings.TrimRight(output, "\n")):]
			n++
		}
	}
	return strings.Join(steps, "\n$ "), n
}

// commands are the command lines of spof in a page: in blocks of code, and between backticks.
func commands(text string) (lines []string) {
	line := regexp.MustCompile(`(?m)(?:^(?:\$ )?|&& )(?:bin/)?spof ([a-z]+[^\n#&;>]*)`)
	for _, block := range blocks.FindAllStringSubmatch(text, -1) {
		if block[1] == "" || block[1] == "sh" {
			for _, l := range line.FindAllStringSubmatch(block[2], -1) {
				lines = append(lines, l[1])
			}
		}
	}
	for _, l := range regexp.MustCompile("`spof ([a-z]+[^`]*)`").FindAllStringSubmatch(blocks.ReplaceAllString(text, ""), -1) {
		lines = append(lines, l[1])
	}
	return lines
}

// holds expects that a command line parses, and that its names are bundled.
func holds(page, line string) {
	GinkgoHelper()
	line, _, _ = strings.Cut(line, "   ") // without the description
	where := page + ": spof " + line
	command, args, err := newRoot(io.Discard).Find(strings.Fields(line))
	Expect(err).NotTo(HaveOccurred(), where)
	Expect(command.ParseFlags(args)).To(Succeed(), where)
	named := command.Flags().Args()
	for _, flag := range []string{"topology", "plan", "design", "scenario"} {
		if f := command.Flags().Lookup(flag); f != nil && f.Changed {
			named = append(named, strings.Split(strings.Trim(f.Value.String(), "[]"), ",")...)
		}
	}
	if !slices.Contains([]string{"run", "validate", "show", "graph"}, command.Name()) {
		return
	}
	known := append(topology.Designs(), scenarios.Library()...)
	for _, name := range named {
		if name, _, _ = strings.Cut(name, "@"); !strings.ContainsAny(name, "./") && strings.ToUpper(name) != name {
			Expect(known).To(ContainElement(name), where)
		}
	}
}

// headings are the anchors of a page's headings, as GitHub makes them.
func headings(text string) (anchors []string) {
	drop := regexp.MustCompile("[^a-z0-9 _-]")
	for _, h := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		anchors = append(anchors, strings.ReplaceAll(drop.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-"))
	}
	return anchors
}
