package topology

import "github.com/seed-ab8b6914/spof/topology/yamlfile"

// Schema describes topology files as a JSON Schema. It comes from the code that reads them.
func Schema() yamlfile.Schema {
	return yamlfile.Describe(func(root yamlfile.Value) {
		d := &design{names: make(map[string]declared)}
		d.read(root)
	}).Schema(func(place string) string { return yamlfile.AboutOf(keys, place) })
}
