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

func problems(r *yamlfile.Reader) string {
	if err := r.Err(); err != nil {
		return err.Error()
	}
	return ""
}

var _ = Describe("Read", func() {
	DescribeTable("refuses what is not one plain document", func(data, want string) {
		r, root := yamlfile.Read("f", []byte(data))
		root.Object("a", "b", "c")
		Expect(problems(r)).To(Equal(want))
	},
		Entry("nothing", "", "f:1:1: the file is empty"),
		Entry("comments only", "# no\n", "f:1:1: the file is empty"),
		Entry("an empty document", "---\n", "f:1:1: the file is empty"),
		Entry("null", "~\n", "f:1:1: the file is empty"),
		Entry("two documents", "a: 1\n---\nb: 2\n", "f:2:1: a second document starts here; a file holds just one"),
		Entry("an anchor and its alias", "a: &x 1\nb: *x\n",
			"f:1:4: anchor &\"x\" is not supported; write the value out where it is needed\n"+
				"f:2:4: alias *\"x\" is not supported; write the value out"),
		Entry("an unknown alias", "b: *x\n", "f:1:1: YAML syntax: unknown anchor 'x' referenced"),
		Entry("a merge key", "a: {<<: {b: 1}}\n", "f:1:5: merge key << is not supported; write the keys out"),
		Entry("a tag", "a: !!str 5\n", "f:1:4: tag \"!!str\" is not supported; leave it out"),
		Entry("not UTF-8", "a: 1\nb: \xff\n", "f:2:4: the file is not UTF-8 text"),
		Entry("a control character", "a: \x1b[31m\n", "f:1:4: control character U+001B is not allowed"),
		Entry("too large", strings.Repeat("#", yamlfile.MaxBytes+1), "f:1:1: the file has 1048577 bytes; at most 1048576 are read"),
		Entry("too deep", "a: "+strings.Repeat("[", 40)+strings.Repeat("]", 40), "f:1:35: nested more than 32 levels deep"),
		Entry("a list at the top", "[a]\n", "f:1:1: want a mapping with the keys a, b, c, got a list"),
		Entry("keys that are no text", "{[a]: 1, {b: 1}: 2}\n",
			"f:1:2: want a key: one of a, b, c, got a list\nf:1:10: want a key: one of a, b, c, got a mapping"),
	)

	DescribeTable("names the line of a syntax error", func(data string, line int) {
		r, root := yamlfile.Read("f", []byte(data))
		Expect(root.Present()).To(BeFalse())
		Expect(problems(r)).To(HavePrefix(fmt.Sprintf("f:%d:1: YAML syntax: ", line)))
	},
		Entry("in the first line", "a: b: c\n", 1),
		Entry("a mapping value out of place", "a: 1\nb: c: d\n", 2),
		Entry("a tab", "a:\n\tb: 1\n", 2),
		Entry("an unclosed list", "x: 1\na: [1, 2\nb: 3\n", 3),
		Entry("a dedent to nowhere", "a:\n    b: 1\n  c: 2\n", 3),
		Entry("an unclosed quote", "x: 1\na: \"b\n", 2),
		Entry("in the second document", "a: 1\n---\n\t- x\n", 3),
	)

	It("says where the broken part begins if that is far from where it was found", func() {
		r, _ := yamlfile.Read("f", []byte("x: 1\na: \"b\n\n\nc: d\n"))
		Expect(problems(r)).To(Equal("f:5:1: YAML syntax: found unexpected end of stream; look from line 2 on"))
	})

	It("takes a byte-order mark, comments and CRLF", func() {
		r, root := yamlfile.Read("f", []byte("\ufeff# c\r\na: x\r\n"))
		Expect(root.Object("a").Get("a").String()).To(Equal("x"))
		Expect(r.Err()).NotTo(HaveOccurred())
	})
})

var _ = Describe("Object", func() {
	It("reports every key at once, in the order of the file", func() {
		r, root := yamlfile.Read("f", []byte("nodse: 1\nabout: x\nzzz: 2\nabout: y\nzzz: 3\n"))
		o := root.Object("nodes", "about")
		o.Require("nodes")
		Expect(o.Get("about").String()).To(Equal("x"))
		Expect(problems(r)).To(Equal(strings.Join([]string{
			`f:1:1: unknown key "nodse" (did you mean "nodes"?); valid: nodes, about`,
			`f:1:1: key "nodes" is missing`,
			`f:3:1: unknown key "zzz"; valid: nodes, about`,
			`f:4:1: key "about" is repeated, first at line 2`,
			`f:5:1: key "zzz" is repeated, first at line 3`,
		}, "\n")))
	})

	It("says what an empty value stands for", func() {
		r, root := yamlfile.Read("f", []byte("a:\nb:\n"))
		o := root.Object("a", "b")
		o.Get("a").Object("k")
		_ = o.Get("b").String()
		Expect(problems(r)).To(Equal("f:1:3: want a mapping with the keys k ({} for none), got nothing\n" +
			"f:2:3: want text, got nothing"))
	})

	It("says each problem once, however often it is found", func() {
		r, root := yamlfile.Read("f", []byte("b: 1\n"))
		for range 3 {
			root.Object("a")
		}
		var ps *yamlfile.Problems
		Expect(r.Err()).To(BeAssignableToTypeOf(ps))
		Expect(problems(r)).NotTo(ContainSubstring("\n"))
	})

	It("bounds the text of very many problems", func() {
		r, root := yamlfile.Read("f", []byte("["+strings.Repeat("1,", 5000)+"]"))
		for _, v := range root.List() {
			_ = v.String()
		}
		Expect(strings.Split(problems(r), "\n")).To(HaveLen(101))
		Expect(problems(r)).To(HaveSuffix("... and 4900 more problems"))
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
		const want = ": want a name of a-z, 0-9 and -, beginning with a letter and not ending with -, at most 31 long, got "
		Expect(problems(r)).To(Equal(strings.Join([]string{
			"f:3:1" + want + `"B"`, "f:4:1" + want + `"1"`, "f:5:1" + want + `"true"`,
			`f:6:1: "b" is named twice, first at line 1`,
			"f:7:1" + want + `"` + strings.Repeat("x", 32) + `"`,
		}, "\n")))
	})
})

type read = func(v yamlfile.Value) any

var (
	text     read = func(v yamlfile.Value) any { return v.String() }
	flag     read = func(v yamlfile.Value) any { return v.Bool(true) }
	whole    read = func(v yamlfile.Value) any { return v.Int(7, 1, 254) }
	span     read = func(v yamlfile.Value) any { return v.Duration(7*time.Second, 0, time.Minute) }
	ratio    read = func(v yamlfile.Value) any { return v.Ratio(0.7) }
	rate     read = func(v yamlfile.Value) any { return v.Rate(7, 1, 1000) }
	size     read = func(v yamlfile.Value) any { return v.Size(7, 0, 1<<20) }
	choice   read = func(v yamlfile.Value) any { return v.OneOf("tcp", "tcp", "http") }
	list     read = func(v yamlfile.Value) any { return len(v.List()) }
	mapping  read = func(v yamlfile.Value) any { return v.Object("k").Require("k").Present() }
	names    read = func(v yamlfile.Value) any { return len(v.Entries()) }
	anySize  read = func(v yamlfile.Value) any { return v.Size(7, 0, math.MaxInt) }
	bits     read = func(v yamlfile.Value) any { return v.BitRate(7, 1e3, 10e9) }
	readings      = []read{bits, text, flag, whole, span, ratio, rate, size, choice, list, mapping, names, anySize}
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

	DescribeTable("is refused with the default", func(as read, yaml string, def any, want string) {
		r, root := yamlfile.Read("f", []byte("v: "+yaml))
		Expect(as(root.Object("v").Get("v"))).To(Equal(def))
		Expect(problems(r)).To(Equal("f:1:4: " + want))
	},
		Entry(nil, text, "5", "", `want text, got "5"; put it in quotes`),
		Entry(nil, text, "~", "", `want text, got "~"`),
		Entry(nil, text, "[a]", "", `want text, got a list`),
		Entry(nil, text, `"a\x1b[31m"`, "", `control character U+001B is not allowed`),
		Entry(nil, text, `"a\u202eb"`, "", `control character U+202E is not allowed`),
		Entry(nil, flag, "yes", true, `want true or false, got "yes"`),
		Entry(nil, flag, `"true"`, true, `want true or false, got "true"`),
		Entry(nil, whole, "255", 7, `want a whole number from 1 to 254, got "255"`),
		Entry(nil, whole, "0x10", 7, `want a whole number from 1 to 254, got "0x10"`),
		Entry(nil, whole, "010", 7, `want a whole number from 1 to 254, got "010"`),
		Entry(nil, whole, "1e2", 7, `want a whole number from 1 to 254, got "1e2"`),
		Entry(nil, whole, `"5"`, 7, `want a whole number from 1 to 254, got "5"`),
		Entry(nil, whole, "99999999999999999999", 7, `want a whole number from 1 to 254, got "99999999999999999999"`),
		Entry(nil, span, "5", 7*time.Second, `unit missing, write 5s or 500ms`),
		Entry(nil, span, "0", 7*time.Second, `unit missing, write 5s or 500ms`),
		Entry(nil, span, "61s", 7*time.Second, `want a time from 0s to 1m, got "61s"`),
		Entry(nil, span, "-1s", 7*time.Second, `want a time from 0s to 1m, got "-1s"`),
		Entry(nil, span, "5 seconds", 7*time.Second, `want a time from 0s to 1m, got "5 seconds"`),
		Entry(nil, ratio, "0.2", 0.7, `unit missing, write 20%`),
		Entry(nil, ratio, "101%", 0.7, `want a share from 0% to 100%, got "101%"`),
		Entry(nil, ratio, "NaN%", 0.7, `want a share from 0% to 100%, got "NaN%"`),
		Entry(nil, rate, "200", 7.0, `unit missing, write 200/s`),
		Entry(nil, rate, "Inf/s", 7.0, `want a rate from 1/s to 1000/s, got "Inf/s"`),
		Entry(nil, rate, "0/s", 7.0, `want a rate from 1/s to 1000/s, got "0/s"`),
		Entry(nil, size, "4096", 7, `unit missing, write 4KiB or 512B`),
		Entry(nil, size, "4kB", 7, `want a size from 0B to 1MiB in B, KiB or MiB, got "4kB"`),
		Entry(nil, size, "2MiB", 7, `want a size from 0B to 1MiB, got "2MiB"`),
		Entry(nil, bits, "50", int64(7), `unit missing, write 50Mbit/s`),
		Entry(nil, bits, "50MBit/s", int64(7), `want a bit rate from 1kbit/s to 10Gbit/s, got "50MBit/s"`),
		Entry(nil, bits, "11Gbit/s", int64(7), `want a bit rate from 1kbit/s to 10Gbit/s, got "11Gbit/s"`),
		Entry(nil, bits, "-1Mbit/s", int64(7), `want a bit rate from 1kbit/s to 10Gbit/s, got "-1Mbit/s"`),
		Entry(nil, anySize, "9223372036854775807MiB", 7, `want a size from 0B to 9223372036854775807B, got "9223372036854775807MiB"`),
		Entry(nil, choice, "htpp", "tcp", `unknown value "htpp" (did you mean "http"?); valid: tcp, http`),
		Entry(nil, choice, strings.Repeat("x", 99), "tcp", `unknown value "`+strings.Repeat("x", 40)+`..."; valid: tcp, http`),
		Entry(nil, list, "a", 0, `want a list such as [a, b], got "a"`),
		Entry(nil, mapping, "null", false, `want a mapping with the keys k ({} for none), got "null"`),
		Entry(nil, mapping, "{}", false, `key "k" is missing`),
		Entry(nil, names, "a", 0, `want a mapping from names, got "a"`),
	)

	DescribeTable("that is missing gives the default and records nothing", func(as read, def any) {
		r, root := yamlfile.Read("f", []byte("a: 1"))
		missing := root.Object("a", "v").Get("v")
		missing.Problemf("never")
		Expect(missing.Present()).To(BeFalse())
		Expect(as(missing)).To(Equal(def))
		Expect(r.Err()).NotTo(HaveOccurred())
	},
		Entry(nil, text, ""), Entry(nil, flag, true), Entry(nil, whole, 7), Entry(nil, span, 7*time.Second),
		Entry(nil, ratio, 0.7), Entry(nil, rate, 7.0), Entry(nil, size, 7), Entry(nil, choice, "tcp"),
		Entry(nil, list, 0), Entry(nil, mapping, false), Entry(nil, names, 0),
	)
})
