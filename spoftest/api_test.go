package spoftest_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
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
