package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
)

// calibrationSchema is the version of the file's form.
const calibrationSchema = "spof/calibration/v1"

const maxCalibration = 1 << 20 // bytes

// calibration is the cost of requests on this machine. Each run measures it in the baseline of its trials. The next run uses it to warn of
// too much load. A file that cannot be read or written counts as no calibration, without an error.
type calibration struct {
	Schema  string `json:"schema"`
	Machine string `json:"machine"` // processors and kernel
	Version string `json:"version"` // of spof
	Runtime string `json:"runtime"`
	// Costs are by plan.Plan.Shape.
	Costs map[string]plan.Cost `json:"costs"`

	path string // empty: nothing is kept, for example without a cache directory
}

// calibrated reads the calibration of this machine for a runtime; it is empty if there is none.
func calibrated(rt string) calibration {
	c := calibration{Schema: calibrationSchema, Machine: thisMachine(), Version: version, Runtime: rt, Costs: map[string]plan.Cost{}}
	dir, err := os.UserCacheDir()
	if err != nil {
		return c
	}
	key := sha256.Sum256([]byte(c.Machine + "\n" + c.Version + "\n" + c.Runtime))
	c.path = filepath.Join(dir, "spof", fmt.Sprintf("cost-%x.json", key[:6]))
	data, err := plainfile.Read(c.path, maxCalibration)
	if err != nil {
		return c
	}
	var kept calibration
	if json.Unmarshal(data, &kept) != nil || kept.Schema != c.Schema || kept.Machine != c.Machine || kept.Version != c.Version || kept.Runtime != c.Runtime {
		return c
	}
	for shape, cost := range kept.Costs {
		if cost.PerRequest > 0 && cost.CPUs > 0 && cost.Rate > 0 {
			c.Costs[shape] = cost
		}
	}
	return c
}

// calibrations returns all calibrations of this machine: one for each runtime and choice of engines.
func calibrations() (all []calibration) {
	for _, rt := range []string{engines("docker", false), engines("docker", true), engines("local", true)} {
		all = append(all, calibrated(rt))
	}
	return all
}

// engines names a runtime and its engines: the cost of a request depends on both. Loopback has only spof's own engines.
func engines(rt string, builtin bool) string {
	if builtin && rt != "local" {
		return rt + " --builtin"
	}
	return rt
}

// knows reports whether the cost of a request of the plan is known.
func (c calibration) knows(p *plan.Plan) bool {
	_, known := c.Costs[p.Shape()]
	return known
}

// demand warns if a plan needs more processors than this machine has. Without a known cost it does not warn.
func (c calibration) demand(p *plan.Plan) []scenarios.Warning {
	if cost, known := c.Costs[p.Shape()]; known {
		return p.Demand(cost)
	}
	return nil
}

// learn measures the cost of a request in a trial whose lab ran alone, and keeps it. The cost at a higher rate replaces the old one, because
// the share of the idle cost is smaller. At the same rate a lower cost replaces the old one, because each cost includes the other work of the
// machine. For the first trial of a shape, learn returns the warnings that were not possible before.
func (c calibration) learn(t *trace.Trace) []scenarios.Warning {
	if c.path == "" || machineOf(t.Header.CPUs, t.Header.Kernel) != c.Machine {
		return nil // the lab ran on another machine
	}
	cost, ok := analyze.CostOf(t)
	if !ok {
		return nil
	}
	shape := t.Header.Plan.Shape()
	kept, known := c.Costs[shape]
	if known && (cost.Rate < kept.Rate || cost.Rate == kept.Rate && cost.PerRequest >= kept.PerRequest) {
		return nil
	}
	c.Costs[shape] = cost
	c.write()
	if known {
		return nil
	}
	return c.demand(&t.Header.Plan)
}

// write replaces the file as a whole, or leaves the old one.
func (c calibration) write() {
	data, err := json.MarshalIndent(c, "", "  ")
	if err != nil || os.MkdirAll(filepath.Dir(c.path), 0o755) != nil {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(c.path), ".cost-*")
	if err != nil {
		return
	}
	defer os.Remove(f.Name()) // fails after the rename
	_, err = f.Write(append(data, '\n'))
	if closed := f.Close(); err == nil && closed == nil {
		_ = os.Rename(f.Name(), c.path)
	}
}

// thisMachine names the processors and the kernel. The cost of a request depends on both.
func thisMachine() string {
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return machineOf(runtime.NumCPU(), strings.TrimSpace(string(kernel)))
}

func machineOf(cpus int, kernel string) string {
	return fmt.Sprintf("%d x %s, Linux %s", cpus, agent.Processor(), kernel)
}
