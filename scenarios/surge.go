package scenarios

import (
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// maxFactor bounds a surge.
const maxFactor = 100

func readSurge(o yamlfile.Object, f *Fault) {
	f.Factor = float64(o.Require("factor").Int(0, 2, maxFactor))
}
