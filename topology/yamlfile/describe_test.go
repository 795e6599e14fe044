package yamlfile_test

import (
	"encoding/json"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// schema gives the schema of a decoder, without descriptions of keys.
func schema(decode func(yamlfile.Value)) string {
	GinkgoHelper()
	text, err := json.Marshal(yamlfile.Describe(decode).Schema(func(string) string { return "" }))
	Expect(err).NotTo(HaveOccurred())
	return string(text)
}

var _ = Describe("Describe", func() {
	DescribeTable("gives the schema of what a decoder reads", func(decode func(yamlfile.Value), want string) {
		Expect(schema(decode)).To(MatchJSON(want))
	},
		Entry("keys, required ones, and a default", func(v yamlfile.Value) {
			o := v.Object("a", "b")
			o.Require("a").Bool(false)
			o.Get("b").Int(3, 1, 9)
		}, `{"type": "object", "additionalProperties": false, "required": ["a"], "properties": {
			"a": {"type": "boolean"}, "b": {"type": "integer", "minimum": 1, "maximum": 9, "default": 3, "description": "a whole number from 1 to 9"}}}`),
		Entry("a default that is no valid value is none", func(v yamlfile.Value) { v.Int(0, 1, 9) },
			`{"type": "integer", "minimum": 1, "maximum": 9, "description": "a whole number from 1 to 9"}`),
		Entry("a list, and a mapping from names", func(v yamlfile.Value) {
			o := v.Object("l", "m")
			o.Get("l").Holds(1, 4)
			for _, item := range o.Get("l").List() {
				item.OneOf("", "x", "429")
			}
			for _, e := range o.Get("m").Entries() {
				_ = e.Value.Bool(true)
			}
		}, `{"type": "object", "additionalProperties": false, "properties": {
			"l": {"type": "array", "minItems": 1, "maxItems": 4, "items": {"enum": ["x", "429", 429]}},
			"m": {"type": "object", "propertyNames": {"pattern": "^[a-z]([a-z0-9-]{0,29}[a-z0-9])?$"},
				"additionalProperties": {"type": "boolean", "default": true}}}}`),
		Entry("a key that is read only if another one is missing", func(v yamlfile.Value) {
			o := v.Object("a", "b")
			if o.Get("a").Present() {
				o.Get("a").Bool(false)
				return
			}
			o.Get("b").Bool(false)
		}, `{"type": "object", "additionalProperties": false, "properties": {"a": {"type": "boolean"}, "b": {"type": "boolean", "default": false}}}`),
		Entry("a branch inside a branch", func(v yamlfile.Value) {
			o := v.Object("a", "b")
			if o.Get("a").OneOf("x", "x", "y") == "y" && o.Get("b").OneOf("", "p", "q") == "q" {
				o.Require("b")
			}
		}, `{"type": "object", "additionalProperties": false, "properties": {
			"a": {"enum": ["x", "y"], "default": "x"}, "b": {"enum": ["p", "q"]}}}`),
		Entry("exactly one of several keys", func(v yamlfile.Value) {
			o := v.Object("a", "b")
			for _, key := range o.Among("a", "b") {
				o.Get(key).Bool(false)
			}
		}, `{"type": "object", "additionalProperties": false, "oneOf": [{"required": ["a"]}, {"required": ["b"]}], "properties": {
			"a": {"type": "boolean", "default": false}, "b": {"type": "boolean", "default": false}}}`),
		Entry("keys that depend on the kind", func(v yamlfile.Value) {
			o := v.Object("kind", "n")
			if o.Require("kind").Kind("", "with", "without") == "with" {
				o.Require("n").Bool(false)
			}
		}, `{"type": "object", "additionalProperties": false, "required": ["kind"], "properties": {
			"kind": {"enum": ["with", "without"]}, "n": {"type": "boolean", "default": false}},
			"allOf": [
				{"if": {"required": ["kind"], "properties": {"kind": {"const": "with"}}}, "then": {"required": ["kind", "n"]}},
				{"if": {"required": ["kind"], "properties": {"kind": {"const": "without"}}}, "then": {"properties": {"n": false}}}]}`),
		Entry("a text with a form", func(v yamlfile.Value) {
			_ = v.String()
			v.Must("^a", "an a")
		}, `{"type": "string", "pattern": "^a", "description": "an a"}`),
	)

	It("records no problem and reads nothing", func() {
		yamlfile.Describe(func(v yamlfile.Value) {
			v.Refuse("never", "never")
			Expect(v.Position()).To(BeEmpty())
			Expect(v.Line()).To(BeZero())
			Expect(v.Duration(0, time.Second, time.Minute)).To(Equal(time.Second), "a value that the file could have")
		})
	})
})

var _ = DescribeTable("AboutOf takes the longest end of a place", func(place, want string) {
	about := map[string]string{"rate": "a rate", "load.rate": "the load", "NAME": "an entry"}
	Expect(yamlfile.AboutOf(about, place)).To(Equal(want))
},
	Entry(nil, "load.rate", "the load"),
	Entry(nil, "x.load{y}.rate", "the load"),
	Entry(nil, "x.rate", "a rate"),
	Entry(nil, "rate.x", ""),
	Entry(nil, "", ""),
)
