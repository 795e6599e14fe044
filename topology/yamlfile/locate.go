package yamlfile

import "fmt"

// Locate gives the position, as file:line:col, of the value at a path of keys. If the file has only a part of the path, it is the position
// of the innermost value. The text must be valid YAML for Read.
func Locate(file string, data []byte, path ...string) string {
	_, v := Read(file, data)
	if !v.Present() {
		return fmt.Sprintf("%s:1:1", file)
	}
	for _, key := range path {
		if !v.IsMapping() {
			break
		}
		next := Value{}
		for i := 0; i+1 < len(v.n.Content); i += 2 {
			if v.n.Content[i].Value == key {
				next = v.r.value(v.n.Content[i+1])
			}
		}
		if !next.Present() {
			break
		}
		v = next
	}
	return v.Position()
}
