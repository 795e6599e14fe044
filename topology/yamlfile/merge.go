package yamlfile

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Merge changes a value by a patch of another file, as RFC 7396 (JSON Merge Patch) says: mappings merge key by key, null removes a key,
// and everything else replaces what was there. Values that come from the patch keep their place in its file, so a problem with one points
// to the patch. To remove what is not there is a problem.
func (v Value) Merge(patch Value) {
	if v.n == nil || patch.n == nil || !patch.isMapping("a mapping with the changes") || !v.isMapping("a mapping") {
		return
	}
	for i := 0; i+1 < len(patch.n.Content); i += 2 {
		key, value := patch.n.Content[i], patch.n.Content[i+1]
		at := v.index(key.Value)
		switch {
		case isNull(value) && at < 0:
			v.r.value(v.r.adopt(patch.r, key)).Refuse("patch-removes-nothing", "null removes %s, which is not there%s; there are %s",
				short(key.Value), Suggest(key.Value, v.keys()), strings.Join(v.keys(), ", "))
		case isNull(value):
			v.n.Content = slices.Delete(v.n.Content, at, at+2)
			v.r.remove(v.n, key.Value, v.r.adopt(patch.r, key))
		case at < 0:
			v.n.Content = append(v.n.Content, v.r.adopt(patch.r, key), v.r.adopt(patch.r, value))
		case v.n.Content[at+1].Kind == yaml.MappingNode && value.Kind == yaml.MappingNode:
			v.r.value(v.n.Content[at+1]).Merge(patch.r.value(value))
		default:
			v.n.Content[at+1] = v.r.adopt(patch.r, value)
		}
	}
}

// index is where a mapping has a key; -1: nowhere.
func (v Value) index(key string) int {
	for i := 0; i+1 < len(v.n.Content); i += 2 {
		if v.n.Content[i].Value == key {
			return i
		}
	}
	return -1
}

func (v Value) keys() (keys []string) {
	for i := 0; i+1 < len(v.n.Content); i += 2 {
		keys = append(keys, v.n.Content[i].Value)
	}
	return keys
}

// remove notes the key of a patch that removes a key of a mapping, so that a problem with its absence points to the patch.
func (r *Reader) remove(mapping *yaml.Node, key string, by *yaml.Node) {
	if r.removed == nil {
		r.removed = map[*yaml.Node]map[string]*yaml.Node{}
	}
	if r.removed[mapping] == nil {
		r.removed[mapping] = map[string]*yaml.Node{}
	}
	r.removed[mapping][key] = by
}

// missing is the place of a problem with a key that a mapping does not have: the null of a patch that removed it, else the mapping.
func (v Value) missing(key string) Value {
	if v.r == nil || v.r.removed[v.n][key] == nil {
		return v
	}
	return v.r.value(v.r.removed[v.n][key])
}

// adopt copies a node of another file. The copy keeps its place there.
func (r *Reader) adopt(other *Reader, n *yaml.Node) *yaml.Node {
	own := *n
	own.Content = nil
	for _, c := range n.Content {
		own.Content = append(own.Content, r.adopt(other, c))
	}
	if r.foreign == nil {
		r.foreign = map[*yaml.Node]string{}
	}
	r.foreign[&own] = other.fileOf(n)
	return &own
}
