// Package ours tests a design of its own.
package ours

import (
	"testing"
	"time"

	"github.com/seed-ab8b6914/spof/spoftest"
	"github.com/seed-ab8b6914/spof/topology"
)

// The design and the scenario are files.
func TestOurPairTakesOver(t *testing.T) {
	lab := spoftest.Start(t, "testdata/pair.yaml")
	want := []spoftest.Condition{spoftest.RecoverWithin(5 * time.Second), spoftest.BypassNothing()}
	lab.Run("testdata/death.yaml", spoftest.Want(want...)).Check(t, want...)
}

// The design is read from the file and changed in Go: a faster advert must be seen in the takeover.
func TestAFasterAdvertTakesOverFaster(t *testing.T) {
	design, err := topology.Load("testdata/pair.yaml")
	if err != nil {
		t.Fatal(err)
	}
	design.Name = "our-fast-pair"
	design.Addresses[0].Advert = 300 * time.Millisecond
	lab := spoftest.StartTopology(t, design)
	want := spoftest.RecoverWithin(2 * time.Second)
	lab.Run("testdata/death.yaml", spoftest.Want(want)).Check(t, want)
}
