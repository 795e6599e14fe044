package reports

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// taint adds a text to every string that can be reached from v. It leaves out verdicts, because spof sets them.
func taint(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			taint(v.Elem(), text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				taint(v.Field(i), text)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			taint(v.Index(i), text)
		}
	case reflect.String:
		if v.Type() != reflect.TypeFor[analyze.Verdict]() {
			v.SetString(v.String() + text)
		}
	}
}

var _ = Describe("the end of a run", func() {
	It("writes no control characters from names and texts of a foreign trace to the terminal", func() {
		shared, _ := sampleRun(3)
		data, err := json.Marshal(shared)
		Expect(err).NotTo(HaveOccurred())
		rep := new(analyze.Report)
		Expect(json.Unmarshal(data, rep)).To(Succeed())
		rep.Skipped = []analyze.Skipped{{Topology: "single", Scenario: "steady", Reason: "why not"}}
		taint(reflect.ValueOf(rep), "\x1b]0;owned\a\u202e\u009b2J\r")
		var plain, coloured bytes.Buffer
		for out, color := range map[*bytes.Buffer]bool{&plain: false, &coloured: true} {
			Table(out, rep, color)
			Place(out, "out/\x1b[2J")
		}
		Expect(plain.String()).To(ContainSubstring("]0;owned"))
		Expect(regexp.MustCompile(`[^\P{C}\n]`).FindAllString(plain.String(), -1)).To(BeEmpty())
		Expect(regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(coloured.String(), "")).To(Equal(plain.String()))
	})
})
