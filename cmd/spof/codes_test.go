package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// message is a message with a code in the source: a call of a function with the parameters (code, format string, ...), such as
// reason.Errorf and yamlfile.Value.Refuse, or a struct with the fields Code and What.
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
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		parsed[filepath.Dir(path)] = append(parsed[filepath.Dir(path)], file)
		return err
	})).To(Succeed())
	for dir, list := range parsed {
		pkg, err := filepath.Rel(root, dir)
		Expect(err).NotTo(HaveOccurred())
		local := constructors(list)
		for _, file := range list {
			ast.Inspect(file, func(n ast.Node) bool {
				code, text := parts(n, local)
				if code == nil || text == nil {
					return true
				}
				switch name, literal := words(code, false); {
				case literal && name != "":
					said, _ := words(text, isCall(n))
					all = append(all, message{name, filepath.ToSlash(pkg), said})
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

func isCall(n ast.Node) bool { _, is := n.(*ast.CallExpr); return is }

// constructors gives the names of the functions in files, also of local ones, whose parameters begin with (code, format string).
func constructors(files []*ast.File) map[string]bool {
	names := map[string]bool{}
	note := func(name *ast.Ident, of *ast.FuncType) {
		var params []string
		for _, field := range of.Params.List {
			for _, p := range field.Names {
				params = append(params, p.Name)
			}
		}
		if len(params) >= 2 && params[0] == "code" && params[1] == "format" {
			names[name.Name] = true
		}
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				note(n.Name, n.Type)
			case *ast.AssignStmt:
				for i, right := range n.Rhs {
					name, named := n.Lhs[min(i, len(n.Lhs)-1)].(*ast.Ident)
					if f, is := right.(*ast.FuncLit); is && named {
						note(name, f.Type)
					}
				}
			}
			return true
		})
	}
	return names
}

// parts gives the expressions of the code and the text of a message; nil: the node is none. local are the constructors of the package.
func parts(n ast.Node, local map[string]bool) (code, text ast.Expr) {
	switch n := n.(type) {
	case *ast.CallExpr:
		name, pkg := "", ""
		switch f := n.Fun.(type) {
		case *ast.Ident:
			name = f.Name
		case *ast.SelectorExpr:
			name = f.Sel.Name
			if x, is := f.X.(*ast.Ident); is {
				pkg = x.Name
			}
		}
		if len(n.Args) >= 2 && (local[name] && pkg != "fmt" || name == "Refuse" || pkg == "reason" && name == "Errorf") {
			return n.Args[0], n.Args[1]
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

var verb = regexp.MustCompile(`%[-+# 0]*(?:\*|\d+)?(?:\.(?:\*|\d+)?)?(?:\[\d+\])?[a-zA-Z]|%%`)

// words gives the text of an expression, with … for each part that is known only at run time. format says that it is a format of
// package fmt. literal: no part of it is.
func words(e ast.Expr, format bool) (text string, literal bool) {
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
	case *ast.ParenExpr:
		return words(e.X, format)
	case *ast.BinaryExpr:
		left, known := words(e.X, format)
		right, too := words(e.Y, format)
		return left + right, known && too
	case *ast.CallExpr:
		if f, is := e.Fun.(*ast.SelectorExpr); is && f.Sel.Name == "Sprintf" && len(e.Args) > 0 {
			text, _ = words(e.Args[0], true)
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

	It("are found in calls and structs", func() {
		all, computed := messages("testdata/codes")
		Expect(all).To(Equal([]message{
			{"by-closure", "inner", "closure …"},
			{"by-method", ".", "want a|b, got … (… %), 5 % more"},
			{"by-method", "inner", "method"},
			{"by-struct", ".", "5 % of …"},
			{"by-struct", ".", "… requests in …"},
			{"by-wrapper", ".", "wrapped …: …"},
		}))
		Expect(computed).To(HaveExactElements(HavePrefix("testdata/codes/codes.go:")))
		Expect(codeTable(all[1:2])).To(ContainSubstring("| `by-method` | `.` | want a\\|b, got … (… %), 5 % more |\n"))
		Expect(sharedTable(all)).To(Equal("| code | packages |\n|---|---|\n| `by-method` | `.`, `inner` |\n"))
	})
})
