package topology

import "strings"

func (n Node) name() string      { return n.Name }
func (a Address) name() string   { return a.Name }
func (l Link) name() string      { return l.Name }
func (f Feed) name() string      { return f.Name }
func (g Generator) name() string { return g.Name }

func namesOf[T interface{ name() string }](things []T) []string {
	names := make([]string, len(things))
	for i, t := range things {
		names[i] = t.name()
	}
	return names
}

// list joins names for a message.
func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// listWithout lists the names without one of them.
func listWithout(names []string, one string) string {
	return list(filter(names, func(n string) bool { return n != one }))
}
