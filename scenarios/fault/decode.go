package fault

import (
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// MaxLength bounds the times of faults and phases.
const MaxLength = time.Hour

// Keys are the keys that a fault of any kind may have.
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
	name := o.Require("kind").Kind("", names()...)
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

// readMode reads the key mode, whose default is the first of the modes.
func readMode(modes []string) func(yamlfile.Object, *Fault) {
	return func(o yamlfile.Object, f *Fault) { f.Mode = o.Get("mode").OneOf(modes[0], modes...) }
}

var share = Parameter{"share", "above 0 %, at most 100 %; with target: all", "100%", "share of all targets; at least one is struck; the seed chooses them", "50%"}

// readShare reads the share of all targets that is struck.
func readShare(o yamlfile.Object, f *Fault) {
	v := o.Get("share")
	if !v.Present() {
		return
	}
	f.Share = v.Ratio(1) // 1 also for a share that Ratio has refused
	switch {
	case f.Share == 0:
		v.Refuse("zero-share", "a share of 0%% strikes no target; want more than 0%%")
	case f.Target.Pick != target.All:
		v.Refuse("share-without-all", "share needs all targets; write target: all")
	}
}
