package configtext_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/reason"
)

func TestConfigtext(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "configtext")
}

var styles = map[string]configtext.Style{
	"haproxy": configtext.HAProxy, "keepalived": configtext.Keepalived, "squid": configtext.Squid, "nginx": configtext.Nginx,
}

// text writes statements with / between words and {} around blocks.
func text(all []configtext.Statement) string {
	var out []string
	for _, one := range all {
		var words []string
		for _, w := range one.Words {
			words = append(words, w.Text)
		}
		line := strings.Join(words, "/")
		if one.HasBlock {
			line += "{" + text(one.Block) + "}"
		}
		out = append(out, line)
	}
	return strings.Join(out, " ")
}

var _ = DescribeTable("a file is divided into statements", func(style, file, want string) {
	all, err := configtext.Scan("f", []byte(file), styles[style])
	Expect(err).NotTo(HaveOccurred())
	Expect(text(all)).To(Equal(want))
},
	Entry("lines", "haproxy", "global\n  maxconn 20 # not more\n\n#all\ndefaults\n", "global maxconn/20 defaults"),
	Entry("quotes and escapes", "haproxy", `log-format "a b" 'c "d' e\ f g\#h "i\"j" k"l m"n`, `log-format/a b/c "d/e f/g#h/i"j/kl mn`),
	Entry("a backslash that escapes nothing", "haproxy", `a \.php$ 'b\n' "c\d"`+" e\\\nf", `a/\.php$/b\n/c\d/e\ f`),
	Entry("escapes of control characters", "haproxy", `a b\r\n\t`, "a/b\r\n\t"),
	Entry("a comment inside a word", "haproxy", "a b#c #d", "a/b"),
	Entry("a number sign inside a word", "squid", "a b#c #d", "a/b#c"),
	Entry("lines of DOS", "haproxy", "a b\r\nc\r\n", "a/b c"),
	Entry("no newline at the end", "squid", "a b", "a/b"),
	Entry("braces", "keepalived", "vrrp_instance A {\n  priority 100 ! half\n  track_script { check }\n  empty {\n }\n}\nb", "vrrp_instance/A{priority/100 track_script{check} empty{}} b"),
	Entry("braces on the next line", "keepalived", "vrrp_instance A\n\n # here\n{\n a\n}", "vrrp_instance/A{a}"),
	Entry("a block in one line", "keepalived", "a { b c }\nd", "a{b/c} d"),
	Entry("joined lines", "squid", "acl a dst \\\n  1.2.3.4 \\\r\n 5.6.7.8\nb", "acl/a/dst/1.2.3.4/5.6.7.8 b"),
	Entry("a quote inside a word of Squid", "squid", `a b"c d`, `a/b"c/d`),
	Entry("joined lines around a comment", "squid", "acl a dst \\\n# \\\n\n  1.2.3.4 # b \\\n c\nd", "acl/a/dst/1.2.3.4 d"),
	Entry("a comment and a quote inside a word", "keepalived", "auth_pass a!b\nscript x\"y z\"w \"!\"#c\nd a\\#b\\!", "auth_pass/a script/x/y z/w/! d/a#b!"),
	Entry("a quote without an end", "keepalived", "a \"b c\nd e\"f", "a/\"b/c d/e\"f"),
	Entry("a quote without an end", "squid", "a 'b c\nd \"e", "a/'b/c d/\"e"),
	Entry("semicolons", "nginx", "a b\n c; http { server { listen 80; } } d;", "a/b/c http{server{listen/80}} d"),
	Entry("variables", "nginx", "set $a ${b}c; x { y ${z}; }", "set/$a/${b}c x{y/${z}}"),
	Entry("quotes over lines", "nginx", "return 200 \"a\nb\";", "return/200/a\nb"),
	Entry("escapes of nginx", "nginx", `location ~ \.php$ { return 200 "a\n\d"; a b\;c d\ e '\'' \"; }`, `location/~/\.php${return/200/a`+"\n"+`\d a/b\;c/d\ e/'/"}`),
	Entry("quotes and braces inside a word of nginx", "nginx", `a it's b"c d}e; if ($a = "b") { c; }`, `a/it's/b"c/d}e if/($a/=/b/){c}`),
	Entry("nothing", "nginx", " # only this", ""),
)

var _ = DescribeTable("what does not end is refused where it begins", func(style, file, want string) {
	_, err := configtext.Scan("f.conf", []byte(file), styles[style])
	Expect(err).To(MatchError(ContainSubstring(want)))
	Expect(reason.Codes(err)).To(Equal([]string{"config-text"}))
},
	Entry("a quote", "haproxy", "a\n  b \"c\nd", `f.conf:2:5: the quote has no end on its line`),
	Entry("a quote at the end", "nginx", `a "b`, `f.conf:1:3: the quote has no end`),
	Entry("a block", "keepalived", "a\nb {\n c\n", "f.conf:2:3: the { of b has no }"),
	Entry("a brace too many", "keepalived", "a { b\n}\n}", "f.conf:3:1: a } without its {"),
	Entry("a block without a name", "nginx", "{ a; }", "f.conf:1:1: a { without a directive before it"),
	Entry("a statement", "nginx", "a;\nb c", "f.conf:2:1: b has no ; at its end"),
	Entry("a statement in a block", "nginx", "a { b c }", "f.conf:1:5: b has no ; at its end"),
	Entry("deep blocks", "keepalived", strings.Repeat("a {", 70), "more than 64 blocks"),
)

// each calls see with every word.
func each(all []configtext.Statement, see func(configtext.Word)) {
	for _, one := range all {
		for _, w := range one.Words {
			see(w)
		}
		each(one.Block, see)
	}
}

// placed tells what is wrong with the positions of the words of a file; empty: nothing.
func placed(data []byte, all []configtext.Statement) (wrong string) {
	end := 0
	each(all, func(w configtext.Word) {
		before := data[:w.At.Offset]
		line, col := 1+strings.Count(string(before), "\n"), len(before)-strings.LastIndex(string(before), "\n")
		switch raw := string(data[w.At.Offset:w.End]); {
		case w.At.Line != line || w.At.Col != col:
			wrong = fmt.Sprintf("%v is at %d:%d", w, line, col)
		case w.At.Offset < end || w.End <= w.At.Offset:
			wrong = fmt.Sprintf("%v overlaps", w)
		case !w.Quoted && !strings.Contains(raw, `\`) && raw != w.Text:
			wrong = fmt.Sprintf("%v is %q in the file", w, raw)
		}
		end = w.End
	})
	return wrong
}

func FuzzScan(f *testing.F) {
	f.Add("a b { c; }\n# d\ne \"f\\\"\" '\\", uint8(0))
	f.Add("x {\n y ${z} \\\n}\n", uint8(2))
	names := []string{"haproxy", "keepalived", "squid", "nginx"}
	f.Fuzz(func(t *testing.T, file string, style uint8) {
		all, err := configtext.Scan("f", []byte(file), styles[names[style%4]])
		if err != nil {
			return
		}
		if wrong := placed([]byte(file), all); wrong != "" {
			t.Fatal(wrong)
		}
	})
}
