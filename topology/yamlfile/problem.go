package yamlfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong in a file.
type Problem struct {
	File string
	Line int    // from 1; 0: the problem is not in the text of a file, and File has the whole place
	Col  int    // from 1, in characters
	What string // what is wrong, and the valid values
	Code string // names the kind of problem, see package reason
}

// Error gives the problem as file:line:col: what, or as place: what.
func (p Problem) Error() string {
	if p.Line == 0 {
		return p.File + ": " + p.What
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Col, p.What)
}

// ReasonCode gives the code.
func (p Problem) ReasonCode() string { return p.Code }

// Problems lists the problems of a file, by position. The error is a *Problems.
type Problems []Problem

// maxShown bounds the lines of Error; a file can have a hundred thousand problems.
const maxShown = 100

// Error gives one problem per line.
func (ps *Problems) Error() string {
	var b strings.Builder
	for i, p := range *ps {
		if i == maxShown {
			fmt.Fprintf(&b, "\n... and %d more problems", len(*ps)-maxShown)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.Error())
	}
	return b.String()
}

// Unwrap gives each problem as an error of its own.
func (ps *Problems) Unwrap() []error {
	all := make([]error, len(*ps))
	for i, p := range *ps {
		all[i] = p
	}
	return all
}

func sorted(ps []Problem) Problems {
	ps = slices.Clone(ps)
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	seen := make(map[Problem]bool, len(ps))
	return slices.DeleteFunc(ps, func(p Problem) bool {
		defer func() { seen[p] = true }()
		return seen[p]
	})
}
