package sim_test

import (
	"context"
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/docker"
	"github.com/seed-ab8b6914/spof/topology"
)

// From a Go test: does our pair of proxies survive the loss of a node?
func ExampleRun() {
	design, err := topology.Load("active-passive") // or the path of a file
	if err != nil {
		panic(err)
	}
	scenario, err := scenarios.Open("node-death", analyze.Expectable())
	if err != nil {
		panic(err)
	}
	compiled, err := plan.Compile(design, scenario, 1, 3) // seed 1, 3 trials
	if err != nil {
		panic(err)
	}
	if err := docker.Configure(); err != nil { // testcontainers-go without its reaper
		panic(err)
	}
	runtime, err := docker.New(docker.Options{Binary: "bin/spof"}) // what runs on the nodes
	if err != nil {
		panic(err)
	}
	traces, err := sim.Run(context.Background(), *compiled, sim.Options{Runtime: runtime, Started: time.Now()})
	if err != nil {
		panic(err)
	}
	cell := analyze.CellOf(traces)
	fmt.Println(cell.Verdict, cell.Sentence)
}
