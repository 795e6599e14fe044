package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
)

// keyTable lists the keys of a file, from its schema. Measures and the parameters of faults have tables of their own.
func keyTable(kind string) string {
	return table(append([][]string{{"key", "default", "what it is"}}, keyRows(schemas[kind](), "")...)...)
}

// keyRows gives a row for each key below a place, in the order of their names.
func keyRows(part map[string]any, place string) (rows [][]string) {
	properties, _ := part["properties"].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		below, open := properties[key].(map[string]any)
		if !open || documentedElsewhere(place, key) {
			continue
		}
		at := strings.TrimPrefix(place+"."+key, ".")
		rows = append(rows, []string{code(at), defaultOf(part, below, key), meaning(below)})
		rows = append(rows, keyRows(below, at)...)
		if named, ok := below["additionalProperties"].(map[string]any); ok {
			rows = append(rows, entryRows(named, at+".NAME")...)
		}
		if items, ok := below["items"].(map[string]any); ok {
			rows = append(rows, keyRows(items, at+"[]")...)
		}
	}
	return rows
}

// entryRows gives the rows of an entry of a mapping from names: its keys, or the entry itself if it is a single value.
func entryRows(entry map[string]any, place string) [][]string {
	if entry["properties"] == nil {
		return [][]string{{code(place), "", meaning(entry)}}
	}
	return keyRows(entry, place)
}

// documentedElsewhere reports whether a key is a measure, a kind of fault or a parameter of one.
func documentedElsewhere(place, key string) bool {
	if _, measure := analyze.Expectable()[key]; measure && place == "expect" {
		return true
	}
	return place == "faults[]" && (key == "kind" || !slices.Contains(commonKeys, key)) && slices.Contains(fault.Keys(), key)
}

// commonKeys are the keys of every fault.
var commonKeys = []string{"target", "role", "at", "for"}

// meaning gives the description of a key, with its values if they are few.
func meaning(value map[string]any) string {
	text := fmt.Sprint(value["description"])
	if items, ok := value["items"].(map[string]any); ok {
		value = items
	}
	if values, ok := value["enum"].([]any); ok {
		text += fmt.Sprintf("; one of %s", strings.Trim(strings.ReplaceAll(fmt.Sprintf("%q", values), " ", ", "), "[]"))
	}
	return strings.ReplaceAll(text, `"`, "`")
}

func defaultOf(mapping, value map[string]any, key string) string {
	if need, _ := mapping["required"].([]string); slices.Contains(need, key) {
		return "required"
	}
	if def := value["default"]; def != nil {
		return code(fmt.Sprint(def))
	}
	return ""
}
