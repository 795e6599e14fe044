package plainfile_test

import (
	"errors"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
)

// form is a JSON text with values of every kind.
type form struct {
	Name    string    `json:"name"`
	Started time.Time `json:"started"`
	On      bool      `json:"on"`
	Cells   []struct {
		Lost    *uint8             `json:"lost"`
		Offered int64              `json:"offered"`
		Shares  map[string]float64 `json:"shares"`
	} `json:"cells"`
}

var _ = DescribeTable("JSON says what is wrong in the words of a user", func(text, want string) {
	err := plainfile.JSON("f.json", []byte(text), new(form))
	Expect(err).To(MatchError(want))
	Expect(err).To(BeAssignableToTypeOf(new(plainfile.Wrong)))
},
	Entry("a text for a list", "{\n  \"cells\": \"none\"}", `f.json:2:12: cells is "none"; want a list [...]`),
	Entry("a number for an object", `{"cells": [{}, 7]}`, `f.json:1:16: cells[1] is 7; want an object {...}`),
	Entry("an object for a list", `{"cells": {"a": 1}}`, `f.json:1:11: cells is an object {...}; want a list [...]`),
	Entry("a list for a text", `{"name": ["a", "b"]}`, `f.json:1:10: name is a list [...]; want a text in quotes`),
	Entry("a text for truth", `{"on": "yes"}`, `f.json:1:8: on is "yes"; want true or false`),
	Entry("below 0", `{"cells": [{"lost": 3}, {"offered": 1, "lost": -1}]}`, `f.json:1:48: cells[1].lost is -1; want a whole number from 0 to 255`),
	Entry("a fraction", `{"cells": [{"offered": 1.5 }]}`, `f.json:1:24: cells[0].offered is 1.5; want a whole number of 64 bits`),
	Entry("in a map", `{"cells": [{"shares": {"a": 1, "b": true}}]}`, `f.json:1:37: cells[0].shares.b is true; want a number`),
	Entry("another value at all", `[1]`, `f.json:1:1: the text is a list [...]; want an object {...}`),
	Entry("no time", `{"started": "today"}`, `f.json: "today" is no time; want one such as "2026-11-30T12:00:00Z"`),
	Entry("no text for a time", `{"started": 5}`, `f.json: a value has another form than spof writes`),
	Entry("no JSON", "{\n\"name\": hello}", `f.json:2:9: 'h' is no JSON here`),
	Entry("more after the end", `{} x`, `f.json:1:4: 'x' is no JSON here`),
	Entry("cut off", `{"cells": [`, `f.json:1:11: the text ends in the middle`),
	Entry("nothing", ``, `f.json:1:1: the text ends in the middle`),
)

var _ = DescribeTable("a value that is wrong in spite of its form has its place", func(path, want string) {
	text := []byte("{\n  \"cells\": [{\"shares\": {\"a\": 7}},\n   {\"lost\": 3}]}")
	Expect(plainfile.At("f.json", text, path, "is wrong")).To(MatchError(want))
},
	Entry("in a map", "cells[0].shares.a", "f.json:2:30: cells[0].shares.a is wrong"),
	Entry("in a list", "cells[1]", "f.json:3:4: cells[1] is wrong"),
	Entry("that is not there", "cells[2]", "f.json: cells[2] is wrong"),
)

var _ = It("reads JSON of a line, whose place is a column", func() {
	Expect(plainfile.JSON("", []byte(`{"on": 1}`), new(form))).To(MatchError("column 8: on is 1; want true or false"))
	Expect(plainfile.JSON("", []byte(`{"on": true}`), new(form))).To(Succeed())
})

// FuzzJSON checks that any text is read, or refused with a place inside it.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{"cells": [{"lost": -1, "shares": {"a": "b"}}]}`, `[1, {"a": [true]}]`, `{"name": "\u0000`, "{\n]", ``} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fuzzcost.Bound(t)
		var wrong *plainfile.Wrong
		if err := plainfile.JSON("f", []byte(text), new(form)); err == nil {
			return
		} else if !errors.As(err, &wrong) {
			t.Fatalf("%q: %v", text, err)
		}
		if wrong.What == "" || wrong.Line < 0 || wrong.Col < 0 || wrong.Col > len(text)+1 {
			t.Errorf("%q: %+v", text, wrong)
		}
	})
}
