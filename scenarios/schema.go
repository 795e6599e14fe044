package scenarios

import "github.com/seed-ab8b6914/spof/topology/yamlfile"

// Schema describes scenario files as a JSON Schema. It comes from the code that reads them. A scenario may bound the known measures.
func Schema(known Measures) yamlfile.Schema {
	return yamlfile.Describe(func(root yamlfile.Value) { decode(root, known) }).Schema(known.about)
}
