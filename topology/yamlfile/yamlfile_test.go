package yamlfile_test

import (
	"fmt"
	"math"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// expectProblems holds that the problems of a file are LINE:COL CODE, or LINE:COL CODE TEXT with a part of the message.
func expectProblems(r *yamlfile.Reader, want ...string) {
	GinkgoHelper()
	var got []string
	if err, ok := r.Err().(*yamlfile.Problems); ok {
		for i, p := range *err {
			problem := fmt.Sprintf("%d:%d %s", p.Line, p.Col, p.Code)
			if i < len(want) {
				if text := strings.TrimPrefix(want[i], problem+" "); strings.Contains(p.What, text) {
					problem += " " + text
				}
			}
			got = append(got, problem)
		}
	}
	Expect(got).To(Equal(want))
}

var _ = Describe("Read", func() {
	DescribeTable("refuses a file that is not one plain document", func(data string, want ...string) {
		r, root := yamlfile.Read("f", []byte(data))
		root.Object("a", "b", "c")
		expectProblems(r, want...)
	},
		Entry("nothing", "", "1:1 empty-file"),
		Entry("comments only", "# no\n", "1:1 empty-file"),
		Entry("an empty document", "---\n", "1:1 empty-file"),
		Entry("null", "~\n", "1:1 empty-file"),
		Entry("two documents", "a: 1\n---\nb: 2\n", "2:1 second-document"),
		Entry("an anchor and its alias", "a: &x 1\nb: *x\n", `1:4 yaml-anchor "x"`, `2:4 yaml-alias "x"`),
		Entry("an unknown alias", "b: *x\n", "1:1 yaml-syntax unknown anchor 'x'"),
		Entry("a merge key", "a: {<<: {b: 1}}\n", "1:5 yaml-merge"),
		Entry("a tag", "a: !!str 5\n", `1:4 yaml-tag "!!str"`),
		Entry("not UTF-8", "a: 1\nb: \xff\n", "2:4 not-utf-8"),
		Entry("a control character", "a: \x1b[31m\n", "1:4 control-character U+001B"),
		Entry("too large", strings.Repeat("#", yamlfile.MaxBytes+1), "1:1 file-too-large at most 1048576"),
		Entry("too deep", "a: "+strings.Repeat("[", 40)+strings.Repeat("]", 40), "1:35 nested-too-deep 32"),
		Entry("a list at the top", "[a]\n", "1:1 wrong-value keys a, b, c, got a list"),
		Entry("keys that are not text", "{[a]: 1, {b: 1}: 2}\n", "1:2 wrong-value one of a, b, c, got a list", "1:10 wrong-value one of a, b, c, got a mapping"),
	)

	DescribeTable("names the line of a syntax error", func(data string, line int) {
		r, root := yamlfile.Read("f", []byte(data))
		Expect(root.Present()).To(BeFalse())
		expectProblems(r, fmt.Sprintf("%d:1 yaml-syntax", line))
	},
		Entry("in the first line", "a: b: c\n", 1),
		Entry("a mapping value out of place", "a: 1\nb: c: d\n", 2),
		Entry("a tab", "a:\n\tb: 1\n", 2),
		Entry("an unclosed list", "x: 1\na: [1, 2\nb: 3\n", 3),
		Entry("a wrong dedent", "a:\n    b: 1\n  c: 2\n", 3),
		Entry("an unclosed quote", "x: 1\na: \"b\n", 2),
		Entry("in the second document", "a: 1\n---\n\t- x\n", 3),
	)

	It("names the line where the broken part begins if it is distant", func() {
		r, _ := yamlfile.Read("f", []byte("x: 1\na: \"b\n\n\nc: d\n"))
		expectProblems(r, "5:1 yaml-syntax look from line 2 on")
	})

	It("takes a byte-order mark, comments and CRLF", func() {
		r, root := yamlfile.Read("f", []byte("\ufeff# c\r\na: x\r\n"))
		Expect(root.Object("a").Get("a").String()).To(Equal("x"))
		Expect(r.Err()).NotTo(HaveOccurred())
	})
})

var _ = Describe("Object", func() {
	It("reports all keys at once, in the order of the file", func() {
		r, root := yamlfile.Read("f", []byte("nodse: 1\nabout: x\nzzz: 2\nabout: y\nzzz: 3\n"))
		o := root.Object("nodes", "about")
		o.Require("nodes")
		Expect(o.Get("about").String()).To(Equal("x"))
		Expect(r.Err()).To(MatchError(strings.Join([]string{
			`f:1:1: unknown key "nodse" (did you mean "nodes"?); valid: nodes, about`,
			`f:1:1: key "nodes" is missing`,
			`f:3:1: unknown key "zzz"; valid: nodes, about`,
			`f:4:1: key "about" is repeated; first at line 2`,
			`f:5:1: key "zzz" is repeated; first at line 3`,
		}, "\n")))
	})

	It("says how to write an empty mapping", func() {
		r, root := yamlfile.Read("f", []byte("a:\nb:\n"))
		o := root.Object("a", "b")
		o.Get("a").Object("k")
		_ = o.Get("b").String()
		expectProblems(r, "1:3 wrong-value keys k ({} for none), got nothing", "2:3 wrong-value got nothing")
	})

	It("reports each problem once, however often it is found", func() {
		r, root := yamlfile.Read("f", []byte("b: 1\n"))
		for range 3 {
			root.Object("a")
		}
		expectProblems(r, "1:1 unknown-key")
	})

	It("bounds the text of very many problems", func() {
		r, root := yamlfile.Read("f", []byte("["+strings.Repeat("1,", 5000)+"]"))
		for _, v := range root.List() {
			_ = v.String()
		}
		Expect(strings.Split(r.Err().Error(), "\n")).To(HaveLen(101))
		Expect(r.Err()).To(MatchError(HaveSuffix("... and 4900 more problems")))
	})
})

var _ = Describe("Entries", func() {
	It("keeps the order of the file and refuses bad and repeated names", func() {
		r, root := yamlfile.Read("f", []byte("b: 1\na-2: 2\nB: 3\n1: 4\ntrue: 5\nb: 6\n"+strings.Repeat("x", 32)+": 7\n"))
		var names []string
		for _, e := range root.Entries() {
			names = append(names, e.Name)
		}
		Expect(names).To(HaveExactElements("b", "a-2", "B", "1", "true", strings.Repeat("x", 32)))
		expectProblems(r, `3:1 wrong-value got "B"`, `4:1 wrong-value got "1"`, `5:1 wrong-value got "true"`, "6:1 repeated-name first at line 1", "7:1 wrong-value at most 31 long")
	})
})

var _ = DescribeTable("RatioText writes a share as the file had it", func(text string) {
	r, root := yamlfile.Read("f", []byte("v: "+text))
	share := root.Object("v").Get("v").Ratio(0.7)
	Expect(r.Err()).NotTo(HaveOccurred())
	Expect(yamlfile.RatioText(share)).To(Equal(text))
},
	Entry(nil, "0%"),
	Entry(nil, "7%"),
	Entry(nil, "29%"),
	Entry(nil, "33.33333%"),
	Entry(nil, "99.99999999999%"),
	Entry(nil, "100%"),
)

type read = func(v yamlfile.Value) any

var (
	text     read = func(v yamlfile.Value) any { return v.String() }
	flag     read = func(v yamlfile.Value) any { return v.Bool(true) }
	whole    read = func(v yamlfile.Value) any { return v.Int(7, 1, 254) }
	span     read = func(v yamlfile.Value) any { return v.Duration(7*time.Second, 0, time.Minute) }
	factor   read = func(v yamlfile.Value) any { return v.Number(7, 0.5, 9) }
	ratio    read = func(v yamlfile.Value) any { return v.Ratio(0.7) }
	rate     read = func(v yamlfile.Value) any { return v.Rate(7, 1, 1000) }
	size     read = func(v yamlfile.Value) any { return v.Size(7, 0, 1<<20) }
	choice   read = func(v yamlfile.Value) any { return v.OneOf("tcp", "tcp", "http") }
	list     read = func(v yamlfile.Value) any { return len(v.List()) }
	mapping  read = func(v yamlfile.Value) any { return v.Object("k").Require("k").Present() }
	names    read = func(v yamlfile.Value) any { return len(v.Entries()) }
	anySize  read = func(v yamlfile.Value) any { return v.Size(7, 0, math.MaxInt) }
	bits     read = func(v yamlfile.Value) any { return v.BitRate(7, 1e3, 10e9) }
	readings      = []read{bits, text, flag, whole, span, ratio, rate, size, choice, list, mapping, names, anySize, factor}
)

var _ = Describe("a value", func() {
	DescribeTable("is read", func(as read, yaml string, want any) {
		r, root := yamlfile.Read("f", []byte("v: "+yaml))
		Expect(as(root.Object("v").Get("v"))).To(Equal(want))
		Expect(r.Err()).NotTo(HaveOccurred())
	},
		Entry(nil, text, `"5"`, "5"),
		Entry(nil, text, "yes", "yes"),
		Entry(nil, flag, "false", false),
		Entry(nil, whole, "254", 254),
		Entry(nil, span, "500ms", 500*time.Millisecond),
		Entry(nil, span, "1m", time.Minute),
		Entry(nil, span, "1.5s", 1500*time.Millisecond),
		Entry(nil, span, "0ms", time.Duration(0)),
		Entry(nil, factor, "2.5", 2.5),
		Entry(nil, factor, "3", 3.0),
		Entry(nil, ratio, "20%", 0.2),
		Entry(nil, ratio, "99.5%", 0.995),
		Entry(nil, ratio, "0", 0.0),
		Entry(nil, rate, "200/s", 200.0),
		Entry(nil, size, "4KiB", 4096),
		Entry(nil, size, "512B", 512),
		Entry(nil, size, "1MiB", 1<<20),
		Entry(nil, choice, "http", "http"),
		Entry(nil, list, "[a, b]", 2),
		Entry(nil, mapping, "{k: 1}", true),
		Entry(nil, names, "{a: 1, b: 1}", 2),
	)

	DescribeTable("is refused and read as the default", func(as read, yaml string, def any, want string) {
		r, root := yamlfile.Read("f", []byte("v: "+yaml))
		Expect(as(root.Object("v").Get("v"))).To(Equal(def))
		expectProblems(r, "1:4 "+want)
	},
		Entry(nil, text, "5", "", `not-text text, got "5"; put it in quotes`),
		Entry(nil, text, "~", "", `wrong-value text, got "~"`),
		Entry(nil, text, "[a]", "", `wrong-value text, got a list`),
		Entry(nil, text, `"a\x1b[31m"`, "", `control-character U+001B`),
		Entry(nil, text, `"a\u202eb"`, "", `control-character U+202E`),
		Entry(nil, flag, "yes", true, `wrong-value true or false, got "yes"`),
		Entry(nil, flag, `"true"`, true, `wrong-value true or false, got "true"`),
		Entry(nil, whole, "255", 7, `wrong-value a whole number from 1 to 254, got "255"`),
		Entry(nil, whole, "0x10", 7, `wrong-value a whole number from 1 to 254, got "0x10"`),
		Entry(nil, whole, "010", 7, `wrong-value a whole number from 1 to 254, got "010"`),
		Entry(nil, whole, "1e2", 7, `wrong-value a whole number from 1 to 254, got "1e2"`),
		Entry(nil, whole, `"5"`, 7, `wrong-value a whole number from 1 to 254, got "5"`),
		Entry(nil, whole, "99999999999999999999", 7, `wrong-value a whole number from 1 to 254, got "99999999999999999999"`),
		Entry(nil, span, "5", 7*time.Second, `unit-missing write 5s or 500ms`),
		Entry(nil, span, "0", 7*time.Second, `unit-missing write 5s or 500ms`),
		Entry(nil, span, "61s", 7*time.Second, `wrong-value a time from 0s to 1m, got "61s"`),
		Entry(nil, span, "-1s", 7*time.Second, `wrong-value a time from 0s to 1m, got "-1s"`),
		Entry(nil, span, "5 seconds", 7*time.Second, `wrong-value a time from 0s to 1m, got "5 seconds"`),
		Entry(nil, factor, `"2.5"`, 7.0, `wrong-value a number from 0.5 to 9, without quotes, got "2.5"`),
		Entry(nil, factor, "9.5", 7.0, `wrong-value a number from 0.5 to 9, without quotes, got "9.5"`),
		Entry(nil, ratio, `"0"`, 0.7, `unit-missing write 20%`),
		Entry(nil, ratio, "0.2", 0.7, `unit-missing write 20%`),
		Entry(nil, ratio, "0.99999", 0.7, `unit-missing write 99.999%`),
		Entry(nil, ratio, "70", 0.7, `unit-missing write 70%`),
		Entry(nil, ratio, "101%", 0.7, `wrong-value a share from 0% to 100%, got "101%"`),
		Entry(nil, ratio, "NaN%", 0.7, `wrong-value a share from 0% to 100%, got "NaN%"`),
		Entry(nil, rate, "200", 7.0, `unit-missing write 200/s`),
		Entry(nil, rate, "Inf/s", 7.0, `wrong-value a rate from 1/s to 1000/s, got "Inf/s"`),
		Entry(nil, rate, "0/s", 7.0, `wrong-value a rate from 1/s to 1000/s, got "0/s"`),
		Entry(nil, size, "4096", 7, `unit-missing write 4KiB or 512B`),
		Entry(nil, size, "4kB", 7, `wrong-value a size from 0B to 1MiB in B, KiB or MiB, got "4kB"`),
		Entry(nil, size, "2MiB", 7, `wrong-value a size from 0B to 1MiB in B, KiB or MiB, got "2MiB"`),
		Entry(nil, bits, "50", int64(7), `unit-missing write 50Mbit/s`),
		Entry(nil, bits, "50MBit/s", int64(7), `wrong-value a bit rate from 1kbit/s to 10Gbit/s, got "50MBit/s"`),
		Entry(nil, bits, "11Gbit/s", int64(7), `wrong-value a bit rate from 1kbit/s to 10Gbit/s, got "11Gbit/s"`),
		Entry(nil, bits, "-1Mbit/s", int64(7), `wrong-value a bit rate from 1kbit/s to 10Gbit/s, got "-1Mbit/s"`),
		Entry(nil, anySize, "9223372036854775807MiB", 7, `wrong-value a size from 0B to 9223372036854775807B in B, KiB or MiB, got "9223372036854775807MiB"`),
		Entry(nil, choice, "htpp", "tcp", `unknown-value "htpp" (did you mean "http"?); valid: tcp, http`),
		Entry(nil, choice, strings.Repeat("x", 99), "tcp", `unknown-value "`+strings.Repeat("x", 40)+`..."; valid: tcp, http`),
		Entry(nil, list, "a", 0, `wrong-value a list such as [a, b], got "a"`),
		Entry(nil, mapping, "null", false, `wrong-value a mapping with the keys k ({} for none), got "null"`),
		Entry(nil, mapping, "{}", false, `missing-key key "k" is missing`),
		Entry(nil, names, "a", 0, `wrong-value a mapping from names, got "a"`),
	)

	DescribeTable("gives the default if it is missing, and records no problem", func(as read, def any) {
		r, root := yamlfile.Read("f", []byte("a: 1"))
		missing := root.Object("a", "v").Get("v")
		missing.Refuse("never", "never")
		Expect(missing.Present()).To(BeFalse())
		Expect(as(missing)).To(Equal(def))
		Expect(r.Err()).NotTo(HaveOccurred())
	},
		Entry(nil, text, ""), Entry(nil, flag, true), Entry(nil, whole, 7), Entry(nil, span, 7*time.Second),
		Entry(nil, ratio, 0.7), Entry(nil, rate, 7.0), Entry(nil, size, 7), Entry(nil, choice, "tcp"),
		Entry(nil, list, 0), Entry(nil, mapping, false), Entry(nil, names, 0),
	)
})
