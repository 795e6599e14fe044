package mef

import (
	"reflect"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/reliability/faulttree/faulttreetest"
)

// scanned are files that scan knows, and others files that it leaves to encoding/xml.
var (
	scanned = []string{
		"<a/>", "<a></a>", "<a >\n<b-1 c=\"d\"\te_.=\"\"/> </a>\n", `<?xml version="1.0"?><a/>`,
		"<!-- x\ny -->\n<a><!----><label> b\nc<!-- d -->e </label>\n  <a/></a>",
		`<a b="&lt;&#34;&#x41;é&amp;"><label>&gt;中"'></label></a>`, "<a b=\"c\r\nd\"><label>e\r\nf\x7f</label></a>",
	}
	others = []string{
		"", "x", "<a>", "</a>", "<a></b>", "<a/><a/>", "<a>b</a>", "<a b='c'/>", "<a b=\"<\"/>", `<a b="c"d="e"/>`, `<x:a b:c="d"/>`, "<a b/>", "<a b=/>", "<a b=\"c", "<1/>", "<a", "<",
		"<!-- -- --><a/>", "<!-- -><a/>", "<!DOCTYPE a><a/>", "<a><label><![CDATA[b]]></label></a>", "<a><label>b]]>c</label></a>", "<a><label>&nbsp;</label></a>",
		"<a><label>\x00</label></a>", "<a><label>\xff</label></a>", "<?b c?><a/>", `<?xml version="1.1"?><a/>`, "\ufeff<a/>", "<é/>", "<a></a >",
	}
)

var _ = Describe("scan", func() {
	It("gives the same elements as encoding/xml, or leaves the file to it", func() {
		for _, text := range scanned {
			want, err := decode("t.xml", []byte(text))
			Expect(err).NotTo(HaveOccurred(), "%q", text)
			Expect(scan(text)).To(Equal(want), "%q", text)
		}
		for _, text := range others {
			Expect(scan(text)).To(BeNil(), "%q", text)
		}
	})

	It("knows what Write writes", func() {
		t := faulttreetest.Zones(1)
		t.Events[0].Label, t.Events[1].Name, t.Gates[0].Label = `<a & "b">`, "é", "'中' >"
		for i, g := range t.Gates {
			for k, in := range g.Inputs {
				if in == "z0-feed-b" {
					t.Gates[i].Inputs[k] = "é"
				}
			}
		}
		data, err := Write(t)
		Expect(err).NotTo(HaveOccurred())
		want, err := decode("t.xml", data)
		Expect(err).NotTo(HaveOccurred())
		Expect(scan(string(data))).To(Equal(want))
	})
})

func FuzzScan(f *testing.F) {
	for _, text := range scanned {
		f.Add(text)
	}
	for _, text := range others {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fuzzcost.Bound(t)
		got := scan(text)
		if got == nil {
			return
		}
		if want, err := decode("t.xml", []byte(text)); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: %+v, want %+v (%v)", text, got, want, err)
		}
	})
}
