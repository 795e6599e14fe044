package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// message is a message with a code in the source: a call of a function with the parameters (code, ..., format string, ...), such as
// reason.Errorf and yamlfile.Value.Refuse, a struct with the fields Code and What, or a code that a method ReasonCode returns. A comment
// "// says: TEXT" at the end of the line gives an example where the source has no words of its own. With it, a line that sets a field
// Code or returns a code is a message too.
type message struct{ code, pkg, text string }

// texts are the fields for the text of a struct with a Code.
var texts = []string{"What", "Text", "Reason", "Message"}

// messages gives the messages in the source below a directory, sorted by code, package and text, each once. computed has the positions
// of calls whose code is not a literal.
func messages(root string) (all []message, computed []string) {
	GinkgoHelper()
	files := token.NewFileSet()
	parsed := map[string][]*ast.File{} // by directory
	Expect(filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != root && e.IsDir() && slices.Contains([]string{"testdata", "out", ".git"}, e.Name()):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		parsed[filepath.Dir(path)] = append(parsed[filepath.Dir(path)], file)
		return err
	})).To(Succeed())
	for dir, list := range parsed {
		pkg, err := filepath.Rel(root, dir)
		Expect(err).NotTo(HaveOccurred())
		local := declared(list)
		for _, file := range list {
			says := exampleComments(files, file)
			add := func(n ast.Node, code, text string) {
				if said := says[files.Position(n.End()).Line]; said != "" {
					text = said
				}
				all = append(all, message{code, filepath.ToSlash(pkg), text})
			}
			ast.Inspect(file, func(n ast.Node) bool {
				for _, lit := range returned(n) {
					name, _ := local.words(lit, false)
					add(lit, name, "…")
				}
				for _, lit := range wordless(n) {
					if says[files.Position(lit.End()).Line] != "" {
						name, _ := local.words(lit, false)
						add(lit, name, "")
					}
				}
				code, text := local.parts(n)
				if code == nil || text == nil {
					return true
				}
				switch name, literal := local.words(code, false); {
				case literal && name != "":
					said, _ := local.words(text, isCall(n))
					add(n, name, said)
				case !literal && name != "…": // an expression, not the parameter or field of a constructor
					computed = append(computed, files.Position(n.Pos()).String())
				}
				return true
			})
		}
	}
	slices.SortFunc(all, func(a, b message) int {
		return slices.Compare([]string{a.code, a.pkg, a.text}, []string{b.code, b.pkg, b.text})
	})
	return slices.Compact(all), computed
}

// exampleComments are the examples in comments, by line.
func exampleComments(files *token.FileSet, file *ast.File) map[int]string {
	says := map[int]string{}
	for _, group := range file.Comments {
		for _, c := range group.List {
			if _, said, is := strings.Cut(c.Text, "// says: "); is {
				says[files.Position(c.Pos()).Line] = said
			}
		}
	}
	return says
}

// returned are the literals in the return statements of a method ReasonCode.
func returned(n ast.Node) (lits []*ast.BasicLit) {
	method, is := n.(*ast.FuncDecl)
	if !is || method.Name.Name != "ReasonCode" {
		return nil
	}
	ast.Inspect(method.Body, func(n ast.Node) bool {
		if result, is := n.(*ast.ReturnStmt); is {
			ast.Inspect(result, func(n ast.Node) bool {
				if lit, is := n.(*ast.BasicLit); is && lit.Kind == token.STRING {
					lits = append(lits, lit)
				}
				return true
			})
		}
		return true
	})
	return lits
}

// wordless are the literals that a node sets a field Code to, or returns first.
func wordless(n ast.Node) (lits []ast.Expr) {
	var codes []ast.Expr
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, to := range n.Lhs {
			if field, is := to.(*ast.SelectorExpr); is && field.Sel.Name == "Code" && len(n.Lhs) == len(n.Rhs) {
				codes = append(codes, n.Rhs[i])
			}
		}
	case *ast.KeyValueExpr:
		if key, is := n.Key.(*ast.Ident); is && key.Name == "Code" {
			codes = append(codes, n.Value)
		}
	case *ast.ReturnStmt:
		codes = n.Results[:min(1, len(n.Results))]
	}
	for _, code := range codes {
		if lit, is := code.(*ast.BasicLit); is && lit.Kind == token.STRING && lit.Value != `""` {
			lits = append(lits, lit)
		}
	}
	return lits
}

// setIn are the literals with a hyphen that the code of directories sets a field Code to, or returns.
func setIn(dirs ...string) (codes []string) {
	GinkgoHelper()
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		Expect(err).NotTo(HaveOccurred())
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, parser.SkipObjectResolution)
			Expect(err).NotTo(HaveOccurred())
			ast.Inspect(file, func(n ast.Node) bool {
				for _, lit := range wordless(n) {
					if code, _ := (declarations{}).words(lit, false); strings.Contains(code, "-") {
						codes = append(codes, code)
					}
				}
				return true
			})
		}
	}
	Expect(codes).NotTo(BeEmpty())
	return codes
}

func isCall(n ast.Node) bool { _, is := n.(*ast.CallExpr); return is }

// declarations are what the messages of a package use.
type declarations struct {
	format    map[string]int    // functions with a parameter code first: the index of the parameter format
	constants map[string]string // of type string
}

// declared finds the functions and constants of files, also local ones.
func declared(files []*ast.File) declarations {
	d := declarations{map[string]int{}, map[string]string{}}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				d.function(n.Name.Name, n.Type)
			case *ast.AssignStmt:
				name, named := n.Lhs[0].(*ast.Ident)
				if f, is := n.Rhs[0].(*ast.FuncLit); is && named {
					d.function(name.Name, f.Type)
				}
			case *ast.ValueSpec:
				for i, value := range n.Values {
					if text, literal := d.words(value, false); literal {
						d.constants[n.Names[i].Name] = text
					}
				}
			}
			return true
		})
	}
	return d
}

func (d declarations) function(name string, of *ast.FuncType) {
	var params []string
	for _, field := range of.Params.List {
		for _, p := range field.Names {
			params = append(params, p.Name)
		}
	}
	if at := slices.Index(params, "format"); at > 0 && params[0] == "code" {
		d.format[name] = at
	}
}

// parts gives the expressions of the code and the text of a message; nil: the node is none.
func (d declarations) parts(n ast.Node) (code, text ast.Expr) {
	switch n := n.(type) {
	case *ast.CallExpr:
		if at := d.formatOf(n.Fun); at > 0 && at < len(n.Args) {
			return n.Args[0], n.Args[at]
		}
	case *ast.CompositeLit:
		for _, element := range n.Elts {
			pair, is := element.(*ast.KeyValueExpr)
			if !is {
				continue
			}
			switch key, _ := pair.Key.(*ast.Ident); {
			case key == nil:
			case key.Name == "Code":
				code = pair.Value
			case slices.Contains(texts, key.Name):
				text = pair.Value
			}
		}
	}
	return code, text
}

// formatOf gives the index of the parameter format of a called function; 0: it makes no message.
func (d declarations) formatOf(called ast.Expr) int {
	switch f := called.(type) {
	case *ast.Ident:
		return d.format[f.Name]
	case *ast.SelectorExpr:
		if x, is := f.X.(*ast.Ident); f.Sel.Name == "Refuse" || is && x.Name == "reason" && f.Sel.Name == "Errorf" {
			return 1
		}
		if x, is := f.X.(*ast.Ident); !is || x.Name != "fmt" {
			return d.format[f.Sel.Name]
		}
	}
	return 0
}

var verb = regexp.MustCompile(`%[-+# 0]*(?:\*|\d+)?(?:\.(?:\*|\d+)?)?(?:\[\d+\])?[a-zA-Z]|%%`)

// words gives the text of an expression, with … for each part that is known only at run time. format says that it is a format of
// package fmt. literal: no part of it is.
func (d declarations) words(e ast.Expr, format bool) (text string, literal bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ = strconv.Unquote(e.Value)
		if format {
			text = verb.ReplaceAllStringFunc(text, func(v string) string {
				if v == "%%" {
					return "%"
				}
				return "…"
			})
		}
		return text, e.Kind == token.STRING
	case *ast.Ident:
		if value, is := d.constants[e.Name]; is {
			return value, true
		}
	case *ast.ParenExpr:
		return d.words(e.X, format)
	case *ast.BinaryExpr:
		left, known := d.words(e.X, format)
		right, too := d.words(e.Y, format)
		return left + right, known && too
	case *ast.CallExpr:
		if f, is := e.Fun.(*ast.SelectorExpr); is && f.Sel.Name == "Sprintf" && len(e.Args) > 0 {
			text, _ = d.words(e.Args[0], true)
			return text, false
		}
	}
	return "…", false
}

// tableCell makes a text safe for a cell of a Markdown table.
func tableCell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "\n", " ", "……", "…").Replace(strings.TrimSpace(text))
}

// codeTable has the messages of each code.
func codeTable(all []message) string {
	rows := [][]string{{"code", "package", "message"}}
	for _, m := range all {
		rows = append(rows, []string{code(m.code), code(m.pkg), tableCell(m.text)})
	}
	return table(rows...)
}

// sharedTable has the packages of each code of several packages.
func sharedTable(all []message) string {
	packages := map[string][]string{}
	for _, m := range all {
		if !slices.Contains(packages[m.code], m.pkg) {
			packages[m.code] = append(packages[m.code], m.pkg)
		}
	}
	rows := [][]string{{"code", "packages"}}
	for _, m := range all {
		if list := packages[m.code]; len(list) > 1 {
			rows = append(rows, []string{code(m.code), code(list...)})
			delete(packages, m.code)
		}
	}
	return table(rows...)
}

var _ = Describe("the codes of messages", func() {
	It("are literals of lower-case words with hyphens", func() {
		all, computed := messages(root)
		Expect(len(all)).To(BeNumerically(">", 40))
		Expect(computed).To(BeEmpty(), "a code that is not a literal")
		for _, m := range all {
			Expect(m.code).To(MatchRegexp(`^[a-z0-9]+(-[a-z0-9]+)*$`), "%s: %s", m.pkg, m.text)
		}
	})

	It("have words wherever the comparison sets one", func() {
		said, _ := messages(root)
		var listed []string
		for _, m := range said {
			if m.pkg == "reports/compare" || m.pkg == "reports/history" {
				listed = append(listed, m.code)
			}
		}
		for _, code := range setIn(root+"/reports/compare", root+"/reports/history") {
			Expect(listed).To(ContainElement(code), "add a comment // says: TEXT")
		}
	})

	It("are found in calls and structs", func() {
		all, computed := messages("testdata/codes")
		Expect(all).To(Equal([]message{
			{"by-assignment", ".", "assigned"},
			{"by-closure", "inner", "closure …"},
			{"by-constant", ".", "constant"},
			{"by-method", ".", "want a|b, got … (… %), 5 % more"},
			{"by-method", "inner", "method"},
			{"by-return", ".", "refused"},
			{"by-return-too", ".", "…"},
			{"by-returned-value", ".", "returned"},
			{"by-struct", ".", "5 % of …"},
			{"by-struct", ".", "without a text"},
			{"by-struct", ".", "… requests in …"},
			{"by-wrapper", ".", "an example 4 s > 2 s"},
			{"by-wrapper", ".", "wrapped …: …"},
		}))
		Expect(computed).To(HaveExactElements(HavePrefix("testdata/codes/codes.go:")))
		Expect(codeTable(all[3:4])).To(ContainSubstring("| `by-method` | `.` | want a\\|b, got … (… %), 5 % more |\n"))
		Expect(sharedTable(all)).To(Equal("| code | packages |\n|---|---|\n| `by-method` | `.`, `inner` |\n"))
	})
})
