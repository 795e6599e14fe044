// Package ours tests a design of its own.
package ours

import (
	"flag"
	"testing"
	"time"

	"github.com/seed-ab8b6914/spof/spoftest"
	"github.com/seed-ab8b6914/spof/topology"
)

var docker = flag.Bool("docker", false, "run the labs in containers")

func on() spoftest.Option {
	if *docker {
		return spoftest.OnDocker()
	}
	return spoftest.OnLoopback()
}

// The design and the scenario are files.
func TestOurPairTakesOver(t *testing.T) {
	lab := spoftest.Start(t, "testdata/pair.yaml", on())
	want := []spoftest.Condition{spoftest.RecoverWithin(5 * time.Second), spoftest.BypassNothing()}
	res := lab.Run("testdata/death.yaml", spoftest.Want(want...))
	res.Check(t, want...)
}

// The design is made in Go: a faster advert must be seen in the takeover.
func TestAFasterAdvertTakesOverFaster(t *testing.T) {
	design, err := topology.Load("testdata/pair.yaml")
	if err != nil {
		t.Fatal(err)
	}
	design.Name = "our-fast-pair"
	design.Addresses[0].Advert = 300 * time.Millisecond
	lab := spoftest.StartTopology(t, design, on())
	want := spoftest.RecoverWithin(2 * time.Second)
	lab.Run("testdata/death.yaml", spoftest.Want(want)).Check(t, want)
}
