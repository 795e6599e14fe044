package spoftest_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/scenarios/plan"
)

// api lists the exported declarations of the package in a directory, without comments and bodies.
func api(dir string) string {
	GinkgoHelper()
	entries, err := os.ReadDir(dir)
	Expect(err).NotTo(HaveOccurred())
	set := token.NewFileSet()
	var files []*ast.File
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, filepath.Join(dir, e.Name()), nil, parser.ParseComments)
		Expect(err).NotTo(HaveOccurred())
		files = append(files, f)
	}
	p, err := doc.NewFromFiles(set, files, "github.com/seed-ab8b6914/spof/"+dir)
	Expect(err).NotTo(HaveOccurred())
	out := new(strings.Builder)
	say := func(d ast.Decl) {
		ast.Inspect(d, func(n ast.Node) bool {
			if f, ok := n.(*ast.Field); ok {
				f.Doc, f.Comment = nil, nil
			}
			return true
		})
		Expect(printer.Fprint(out, set, d)).To(Succeed())
		out.WriteString("\n")
	}
	functions := func(list []*doc.Func) {
		for _, f := range list {
			f.Decl.Doc, f.Decl.Body = nil, nil
			say(f.Decl)
		}
	}
	values := func(list []*doc.Value) {
		for _, v := range list {
			v.Decl.Doc = nil
			say(v.Decl)
		}
	}
	out.WriteString("package " + p.Name + "\n\n")
	values(p.Consts)
	values(p.Vars)
	functions(p.Funcs)
	for _, t := range p.Types {
		t.Decl.Doc = nil
		out.WriteString("\n")
		say(t.Decl)
		values(t.Consts)
		values(t.Vars)
		functions(t.Funcs)
		functions(t.Methods)
	}
	return out.String()
}

var _ = It("the bounds in words are those of the code", func() {
	for file, words := range map[string]string{"run.go": "Trials is the number of trials, 1 to %d;", "../docs/go-tests.md": "options of `Run`: 1 to %d trials"} {
		text, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(text)).To(ContainSubstring(words, plan.MaxTrials))
	}
})

var _ = It("docs/go-tests.md names every exported function and method", func() {
	page, err := os.ReadFile("../docs/go-tests.md")
	Expect(err).NotTo(HaveOccurred())
	names := regexp.MustCompile(`(?m)^func (?:\(\w+ \*?\w+\) )?(\w+)\(`).FindAllStringSubmatch(api("."), -1)
	Expect(len(names)).To(BeNumerically(">", 40))
	for _, m := range names {
		if m[1] != "String" {
			Expect(string(page)).To(MatchRegexp(`\b` + m[1] + `\b`))
		}
	}
})

var _ = It("the file of docs/go-tests.md compiles as it stands", func(ctx SpecContext) {
	page, err := os.ReadFile("../docs/go-tests.md")
	Expect(err).NotTo(HaveOccurred())
	_, rest, found := strings.Cut(string(page), "## From an empty directory\n")
	Expect(found).To(BeTrue())
	_, rest, _ = strings.Cut(rest, "```go\n")
	text, _, found := strings.Cut(rest, "```\n")
	Expect(found).To(BeTrue())
	file := filepath.Join(GinkgoT().TempDir(), "ours_test.go")
	Expect(os.WriteFile(file, []byte(text), 0o644)).To(Succeed())
	out, err := exec.CommandContext(ctx, "go", "vet", file).CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(out))
}, SpecTimeout(5*time.Minute))

var _ = DescribeTable("the exported API is that of the golden file; UPDATE=1 writes it", func(dir, golden string) {
	got := api(dir)
	if os.Getenv("UPDATE") != "" {
		Expect(os.WriteFile(golden, []byte(got), 0o644)).To(Succeed())
	}
	want, err := os.ReadFile(golden)
	Expect(err).NotTo(HaveOccurred())
	Expect(got).To(Equal(string(want)))
},
	Entry("spoftest", ".", "testdata/api.txt"),
	Entry("spofmatch", "spofmatch", "testdata/spofmatch.txt"),
)
