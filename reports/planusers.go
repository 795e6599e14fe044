package reports

import (
	"slices"

	"github.com/seed-ab8b6914/spof/planner"
)

// planStates are the states in which a plan counts the users who are carried.
var planStates = []string{"whole", "n-1", "n-2", "backup-wan", "generator"}

// planUsersHead are the columns of planUsers: the states in words.
var planUsersHead = []string{"design", "whole", "without a node", "without two nodes", "on the backup WAN", "on the generator"}

// planUsers tells how many users each design carries in the worst state of each name, and from where the figure is.
func planUsers(r *planner.Result) (rows [][]string) {
	for i := range r.Designs {
		row := []string{r.Designs[i].Name}
		for _, name := range planStates {
			text := none
			if c, has := worstState(&r.Designs[i], name); has {
				text = usersCarried(c)
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	return rows
}

// usersCarried is the number of users of a state, with its source.
func usersCarried(c planner.Carried) string {
	return c.Interval() + map[planner.Source]string{planner.Measured: " (measured)", planner.ByPath: " (path)"}[c.From]
}

// worstState finds the state of a name that carries least; false: the design has none.
func worstState(d *planner.Design, name string) (worst planner.Carried, has bool) {
	for _, c := range d.Carries {
		if c.State == name && (!has || c.Users < worst.Users) {
			worst, has = c, true
		}
	}
	return worst, has
}

// anyCarried reports whether the capacity of a design was measured.
func anyCarried(r *planner.Result) bool {
	return slices.ContainsFunc(r.Designs, func(d planner.Design) bool {
		return slices.ContainsFunc(d.Carries, func(c planner.Carried) bool { return c.From == planner.Measured })
	})
}
