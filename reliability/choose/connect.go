package choose

import (
	"errors"
	"strings"

	"github.com/seed-ab8b6914/spof/reason"
)

// connect sets what requires and excludes what, directly and by others.
func (c *Choices) connect() error {
	index, errs := c.index()
	requires, excludes := make([]Set, len(c.options)), make([]Set, len(c.options))
	for i, o := range c.options {
		var errR, errX error
		requires[i], errR = c.named(o, "requires", o.Requires, index)
		excludes[i], errX = c.named(o, "excludes", o.Excludes, index)
		errs = append(errs, errR, errX)
	}
	reach(requires)
	errs = append(errs, c.cycle(requires))
	if err := errors.Join(errs...); err != nil {
		return err
	}
	c.relate(requires, excludes)
	return c.contradiction()
}

// index gives the options by name.
func (c *Choices) index() (map[string]int, []error) {
	index, errs := map[string]int{}, []error(nil)
	for i, o := range c.options {
		if _, is := index[o.Name]; is || o.Name == "" {
			errs = append(errs, reason.Errorf("repeated-name", "option %d has the name %q; want a name of its own", i+1, o.Name))
		}
		index[o.Name] = i
	}
	return index, errs
}

// named gives the set of the options with names.
func (c *Choices) named(o Option, key string, names []string, index map[string]int) (s Set, err error) {
	for _, name := range names {
		i, is := index[name]
		if !is {
			err = errors.Join(err, reason.Errorf("unknown-name", "option %s %s %s, which is no option; valid are %s", o.Name, key, name, c.list(all(len(c.options))))) // says: option second-node requires feed-b, which is no option; valid are second-node, second-feed
			continue
		}
		s |= only(i)
	}
	return s, err
}

// reach makes a relation transitive (Warshall 1962).
func reach(to []Set) {
	for via := range to {
		for i := range to {
			if to[i].Has(via) {
				to[i] |= to[via]
			}
		}
	}
}

// cycle refuses options that require themselves: the first, with those on the way.
func (c *Choices) cycle(requires []Set) error {
	for i, r := range requires {
		if !r.Has(i) {
			continue
		}
		var on Set
		for j := range r.All() {
			if requires[j].Has(i) {
				on |= only(j)
			}
		}
		return reason.Errorf("requires-cycle", "options require each other in a cycle: %s; join them into one option", c.list(on))
	}
	return nil
}

// relate sets the closures, dependents and rivals.
func (c *Choices) relate(requires, excludes []Set) {
	n := len(c.options)
	c.closures, c.dependents, c.rivals = make([]Set, n), make([]Set, n), make([]Set, n)
	direct := make([]Set, n) // exclusions, both ways
	for i := range c.options {
		c.closures[i] = requires[i] | only(i)
		for j := range c.closures[i].All() {
			c.dependents[j] |= only(i)
		}
		for j := range excludes[i].All() {
			direct[i], direct[j] = direct[i]|only(j), direct[j]|only(i)
		}
	}
	for i := range c.options {
		for j := range c.closures[i].All() {
			for rival := range direct[j].All() {
				c.rivals[i] |= only(rival)
			}
		}
	}
}

// contradiction refuses options that exclude themselves or what they require.
func (c *Choices) contradiction() error {
	var errs []error
	for i, o := range c.options {
		if both := c.rivals[i] & c.closures[i]; both != 0 {
			errs = append(errs, reason.Errorf("never-possible", "option %s can never be chosen: it needs and excludes %s", o.Name, c.list(both)))
		}
	}
	return errors.Join(errs...)
}

// all is the set of the first n options.
func all(n int) Set { return ^Set(0) >> (maxOptions - n) }

func (c *Choices) list(s Set) string { return strings.Join(c.Names(s), ", ") }
