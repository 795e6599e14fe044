package reports

import (
	"reflect"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/planner"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/capacity"
)

// Schema describes report.json as a JSON Schema, draft 2020-12. It comes from the types that are written.
func Schema() map[string]any {
	s := schemaOf(reflect.TypeFor[analyze.Report]())
	s["properties"].(map[string]any)["schema"] = map[string]any{"const": analyze.ReportSchema}
	return s
}

// PlanSchema describes plan.json as a JSON Schema.
func PlanSchema() map[string]any {
	s := schemaOf(reflect.TypeFor[planner.Result]())
	s["properties"].(map[string]any)["schema"] = map[string]any{"const": planner.Schema}
	return s
}

// plain is a type with a form of its own in JSON.
type plain interface{ Plain() any }

// values are the values of types that have few.
var values = map[reflect.Type][]string{
	reflect.TypeFor[analyze.Verdict]():  {string(analyze.Pass), string(analyze.Fail), string(analyze.Inconclusive)},
	reflect.TypeFor[capacity.Outcome](): {string(capacity.Held), string(capacity.GaveWay), string(capacity.Machine)},
	reflect.TypeFor[capacity.Limit](): {string(capacity.ByDesign), string(capacity.ByMachine), string(capacity.ByMost), string(capacity.ByPath),
		string(capacity.ByOutage), string(capacity.ByBacklog), string(capacity.ByBudget)},
}

// mapKeys are the keys of maps, by their place: a measure's key or its name.
var mapKeys = map[string]func(*analyze.Measure) string{
	"summary": (*analyze.Measure).Key, "measures": (*analyze.Measure).Key,
	"ranges": func(m *analyze.Measure) string { return m.Name },
}

// schemaOf gives the schema of a type as encoding/json writes it.
func schemaOf(t reflect.Type) map[string]any {
	if t.Kind() != reflect.Pointer && t.Implements(reflect.TypeFor[plain]()) {
		return schemaOf(reflect.TypeOf(reflect.Zero(t).Interface().(plain).Plain()))
	}
	switch t.Kind() {
	case reflect.Pointer:
		return map[string]any{"anyOf": []any{schemaOf(t.Elem()), map[string]any{"type": "null"}}}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Array:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem()), "minItems": t.Len(), "maxItems": t.Len()}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": schemaOf(t.Elem())}
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return map[string]any{"type": "string", "format": "date-time"}
		}
		return structSchema(t)
	}
	return singleSchema(t)
}

// singleSchema gives the schema of a text, a number or a truth value.
func singleSchema(t reflect.Type) map[string]any {
	if v := values[t]; v != nil {
		return map[string]any{"enum": v}
	}
	switch {
	case t.Kind() == reflect.String:
		return map[string]any{"type": "string"}
	case t.Kind() == reflect.Bool:
		return map[string]any{"type": "boolean"}
	case t.Kind() == reflect.Uint64:
		return map[string]any{"type": "integer", "minimum": 0}
	case t.Kind() == reflect.Float64:
		return map[string]any{"type": "number"}
	}
	return map[string]any{"type": "integer"}
}

// structSchema gives the schema of a struct: closed, with every field that is always written required.
func structSchema(t reflect.Type) map[string]any {
	properties, need := map[string]any{}, []string{}
	for f := range fields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		s := schemaOf(f.Type)
		if of := mapKeys[name]; of != nil && f.Type.Kind() == reflect.Map {
			s = byMeasure(f.Type.Elem(), of)
		}
		properties[name] = s
		if options != "omitempty" {
			need = append(need, name)
		}
	}
	return map[string]any{"type": "object", "additionalProperties": false, "properties": properties, "required": need}
}

// fields are those fields of a struct that are written.
func fields(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() && f.Tag.Get("json") != "-" && !yield(f) {
				return
			}
		}
	}
}

// byMeasure gives the schema of a map whose keys belong to measures.
func byMeasure(elem reflect.Type, name func(*analyze.Measure) string) map[string]any {
	properties := map[string]any{}
	for i := range analyze.Measures {
		m := &analyze.Measures[i]
		s := schemaOf(elem)
		if m.About != "" {
			s["description"] = m.About + " (" + m.Unit + ")"
		}
		properties[name(m)] = s
	}
	return map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
}
