package yamlfile

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Schema is a part of a JSON Schema, draft 2020-12.
type Schema = map[string]any

// Schema gives the description as a JSON Schema. Mappings are closed. about describes the key at a place for people, such as
// load.rate, users.NAME.count or faults[]{surge}.factor: it names the choice of Kind where a key differs by it. Empty: nothing to say.
//
// The schema accepts every file that the decoder accepts. It knows no rule over several values, such as a name that must exist.
func (d Description) Schema(about func(place string) string) Schema {
	return writer{about}.schema(d, "")
}

// writer writes schemas of shapes. All shapes given to its methods are of one place, from several runs.
type writer struct{ about func(place string) string }

// schema gives the schema of a place; nil: no run read it.
func (w writer) schema(shapes []*shape, place string) Schema {
	var ways []any
	if one := w.keyed(shapes, place); one != nil {
		ways = append(ways, one)
	}
	if named := below(shapes, func(s *shape) *shape { return s.named }); len(named) > 0 {
		names := Schema{"type": "object", "propertyNames": Schema{"pattern": validName.String()}}
		names["additionalProperties"] = orAny(w.schema(named, place+".NAME"))
		ways = append(ways, counted(names, shapes, "Properties"))
	}
	if items := below(shapes, func(s *shape) *shape { return s.items }); len(items) > 0 {
		list := Schema{"type": "array", "items": orAny(w.schema(items, place+"[]"))}
		ways = append(ways, counted(list, shapes, "Items"))
	}
	forms := formsOf(shapes)
	for _, f := range forms {
		ways = append(ways, f.schema())
	}
	return w.described(ways, forms, place)
}

// described joins the ways in which a value may be written, with words and default.
func (w writer) described(ways []any, forms []Form, place string) Schema {
	var one Schema
	switch len(ways) {
	case 0:
		return nil
	case 1:
		one = ways[0].(Schema)
	default:
		one = Schema{"anyOf": ways}
	}
	words := []string{}
	if text := w.about(place); text != "" {
		words = append(words, text)
	}
	for _, f := range forms {
		if f.Words != "" && !slices.Contains(words, f.Words) {
			words = append(words, f.Words)
		}
	}
	if len(words) > 0 {
		one["description"] = strings.Join(words, "; ")
	}
	if len(forms) > 0 && forms[0].Default != nil { // further forms write the same value in another way
		one["default"] = forms[0].Default
	}
	return one
}

// keyed gives the schema of a mapping with keys; nil: no run opened it as one.
func (w writer) keyed(shapes []*shape, place string) Schema {
	opened := those(shapes, func(s *shape) bool { return s.opened })
	if len(opened) == 0 {
		return nil
	}
	properties := Schema{}
	for _, key := range keysOf(opened) {
		properties[key] = orAny(w.schema(field(opened, key), join(place, key)))
	}
	all := Schema{"type": "object", "additionalProperties": false, "properties": properties}
	if need := required(opened); len(need) > 0 {
		all["required"] = need
		for _, key := range need {
			delete(properties[key].(Schema), "default")
		}
	}
	if either := opened[0].either; len(either) > 0 {
		var ways []any
		for _, key := range either {
			ways = append(ways, Schema{"required": []string{key}})
		}
		all["oneOf"] = ways
	}
	if kinds := w.kinds(opened, place, all); len(kinds) > 0 {
		all["allOf"] = kinds
	}
	return all
}

// kinds gives, for each choice of Kind, what differs from the whole: keys that it lacks, that it must have, and that it reads
// differently.
func (w writer) kinds(opened []*shape, place string, all Schema) (kinds []any) {
	byChoice := map[string][]*shape{}
	key := ""
	for _, s := range opened {
		if s.kind != "" {
			key = s.kind
			byChoice[s.choice] = append(byChoice[s.choice], s)
		}
	}
	for _, choice := range slices.Sorted(maps.Keys(byChoice)) {
		then, properties := Schema{}, Schema{}
		for name, whole := range all["properties"].(Schema) {
			switch own := w.schema(field(byChoice[choice], name), join(place+"{"+choice+"}", name)); {
			case name == key || reflect.DeepEqual(whole, any(own)):
			case own == nil:
				properties[name] = false
			default:
				properties[name] = own
			}
		}
		if len(properties) > 0 {
			then["properties"] = properties
		}
		if need := required(byChoice[choice]); !reflect.DeepEqual(any(need), all["required"]) {
			then["required"] = need
		}
		if len(then) > 0 {
			kinds = append(kinds, Schema{"if": Schema{"required": []string{key}, "properties": Schema{key: Schema{"const": choice}}}, "then": then})
		}
	}
	return kinds
}

// schema gives the schema of a single value.
func (f Form) schema() Schema {
	s := Schema{"type": f.Type}
	if f.Pattern != "" && f.Pattern != "." {
		s["pattern"] = f.Pattern
	}
	if f.Pattern == "." {
		s["minLength"] = 1
	}
	if f.Min != nil {
		s["minimum"], s["maximum"] = *f.Min, *f.Max
	}
	if len(f.Enum) == 0 {
		return s
	}
	delete(s, "type")
	var values []any
	for _, value := range f.Enum {
		n, err := strconv.Atoi(value)
		if f.Type == "string" {
			values = append(values, value)
		}
		if err == nil { // without quotes YAML reads it as a number, which spof takes as well
			values = append(values, n)
		}
	}
	s["enum"] = values
	return s
}

// formsOf gives the forms of a value. Forms that differ only in their range are one, with the widest range and all words.
func formsOf(shapes []*shape) (all []Form) {
	for _, s := range shapes {
		for _, f := range s.forms {
			i := slices.IndexFunc(all, func(o Form) bool {
				return o.Type == f.Type && o.Pattern == f.Pattern && (o.Enum == nil) == (f.Enum == nil)
			})
			if i < 0 {
				all = append(all, f)
				continue
			}
			all[i] = all[i].with(f)
		}
	}
	return all
}

// with joins two forms.
func (f Form) with(o Form) Form {
	if o.Words != "" && !slices.Contains(strings.Split(f.Words, ", or "), o.Words) {
		f.Words = strings.TrimPrefix(f.Words+", or "+o.Words, ", or ")
	}
	if f.Default != o.Default {
		f.Default = nil
	}
	if f.Min != nil && o.Min != nil {
		lo, hi := min(*f.Min, *o.Min), max(*f.Max, *o.Max)
		f.Min, f.Max = &lo, &hi
	}
	f.Enum = slices.Clone(f.Enum)
	for _, value := range o.Enum {
		if !slices.Contains(f.Enum, value) {
			f.Enum = append(f.Enum, value)
		}
	}
	return f
}

func orAny(s Schema) any {
	if s == nil {
		return Schema{}
	}
	return s
}

func join(place, key string) string { return strings.TrimPrefix(place+"."+key, ".") }

func those(shapes []*shape, are func(*shape) bool) (some []*shape) {
	for _, s := range shapes {
		if are(s) {
			some = append(some, s)
		}
	}
	return some
}

// below gives a part of each shape that has it.
func below(shapes []*shape, part func(*shape) *shape) (parts []*shape) {
	for _, s := range shapes {
		if p := part(s); p != nil {
			parts = append(parts, p)
		}
	}
	return parts
}

func field(shapes []*shape, key string) []*shape {
	return below(shapes, func(s *shape) *shape { return s.fields[key] })
}

// keysOf gives the keys of a mapping, in the order of the decoder.
func keysOf(shapes []*shape) (keys []string) {
	for _, s := range shapes {
		for _, key := range s.keys {
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// required gives the keys that every run required.
func required(opened []*shape) (need []string) {
	for _, key := range keysOf(opened) {
		if !slices.ContainsFunc(opened, func(s *shape) bool { return !s.required[key] }) {
			need = append(need, key)
		}
	}
	return need
}

// counted adds the bounds of the entries.
func counted(s Schema, shapes []*shape, of string) Schema {
	for _, one := range shapes {
		if one.most > 0 {
			s["min"+of], s["max"+of] = one.least, one.most
			break
		}
	}
	return s
}
