package topology

import (
	"errors"
	"regexp"
	"strconv"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Build checks and completes a design made in Go, by the rules of Read. A field that is left at "", nil, or a time of 0 is a key that a file
// leaves out: it gets the key's default, or is a problem if the key is required. true, false and numbers are as they stand, as are a Latency,
// a Start and a ShutdownLifetime of 0. What Read derives may be left out: Node.WAN where there is one link, Group.Proxy of a group with another
// way, PAC.Hops. The error is a *yamlfile.Problems; instead of lines it has the keys that lead to each value, such as users.office.count. A
// program that builds a design with a PAC file must call pac.Child first.
func Build(t Topology) (*Topology, error) {
	name := t.Name
	if base, policy, variant := Variant(name); variant && Signals(policy).orEmpty() == t.Signals {
		t.Name = base
	}
	w := &writer{}
	w.topology(&t)
	built, err := Read("design "+strconv.Quote(name), w.written())
	var problems *yamlfile.Problems
	switch {
	case errors.As(err, &problems):
		for i, p := range *problems {
			(*problems)[i] = w.inGo(p)
		}
		return nil, problems
	case err != nil:
		return nil, err
	}
	built.Name = name
	return built, nil
}

// otherLine is how a problem names a second place.
var otherLine = regexp.MustCompile(`\bat line ([0-9]+)`)

// inGo gives a problem the place of its value in the design, instead of that in the text of writer.
func (w *writer) inGo(p yamlfile.Problem) yamlfile.Problem {
	if place := w.place(p.Line); place != "" {
		p.File += ": " + place
	}
	p.What = otherLine.ReplaceAllStringFunc(p.What, func(s string) string {
		line, _ := strconv.Atoi(otherLine.FindStringSubmatch(s)[1]) // digits
		return "at " + w.place(line)
	})
	p.Line, p.Col = 0, 0
	return p
}
