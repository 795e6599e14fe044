package fault

import (
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// MaxLength bounds every time that a fault or a phase may say of itself.
const MaxLength = time.Hour

// Keys are those that a fault may have, whatever its kind.
func Keys() []string {
	keys := []string{"kind", "target", "role", "at", "for"}
	for _, k := range Kinds() {
		for _, key := range k.keys() {
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// Read reads a fault of a scenario file.
func Read(v yamlfile.Value) Fault {
	o := v.Object(Keys()...)
	name := o.Require("kind").OneOf("", names()...)
	f := Fault{
		Kind:   proxy.FaultKind(name),
		Target: target.Read(o.Require("target")),
		At:     o.Get("at").Duration(0, 0, MaxLength),
		For:    o.Get("for").Duration(0, time.Millisecond, MaxLength),
	}
	kind, known := Of(f.Kind)
	if !known {
		return f
	}
	f.Target.Role = o.Get("role").OneOf(kind.Roles[0], kind.Roles...)
	kind.refuseForeign(o)
	if kind.read != nil {
		kind.read(o, &f)
	}
	return f
}

// readMode reads the key mode; the first of the modes is the default.
func readMode(modes []string) func(yamlfile.Object, *Fault) {
	return func(o yamlfile.Object, f *Fault) { f.Mode = o.Get("mode").OneOf(modes[0], modes...) }
}

var share = Parameter{"share", "above 0 %, at most 100 %; with target: all", "100%", "share of all targets; at least one is struck, chosen by the seed", "50%"}

// readShare reads how many of all targets are struck.
func readShare(o yamlfile.Object, f *Fault) {
	v := o.Get("share")
	if !v.Present() {
		return
	}
	f.Share = v.Ratio(1) // a bad one has been said
	switch {
	case f.Share == 0:
		v.Problemf("a share of nothing strikes nobody; want more than 0%%")
	case f.Target.Pick != target.All:
		v.Problemf("share is of all targets; say target: all")
	}
}
