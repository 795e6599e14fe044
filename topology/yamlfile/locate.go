package yamlfile

import "fmt"

// Locate gives the position, as file:line:col, of the value at a path of keys. Where the file does not say all of it, it is
// that of the innermost value that is there. The text must be one that Read takes.
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
