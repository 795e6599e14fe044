package spofmatch_test

import (
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/spoftest"
	"github.com/seed-ab8b6914/spof/spoftest/spofmatch"
)

// recovered is what Lab.Run gives of a trial whose service was back after some ms, give or take 10 ms.
func recovered(ms float64) *spoftest.Result {
	return &spoftest.Result{Cell: analyze.Cell{Topology: "active-passive", Scenario: "node-death", Runtime: "docker", Trials: []analyze.Trial{{
		FailoverMS: &ms, EndedBy: analyze.EndedByMechanism, Ranges: map[string]analyze.Range{"failover": {Lo: ms - 10, Hi: ms + 10}},
		Story: fmt.Sprintf("proxy-a dark at 4 s; users back %.1f s later", ms/1000),
	}}}}
}

// A matcher is met, is missed with the story of the trial, or cannot tell: that is an error, so To and NotTo both fail. In a suite it is
// Expect(lab.Run("node-death")).To(RecoverWithin(4 * time.Second)).
func Example() {
	within := spofmatch.RecoverWithin(4 * time.Second)
	for _, ms := range []float64{3000, 4200, 4005} {
		met, err := within.Match(recovered(ms))
		switch {
		case err != nil:
			fmt.Println(err)
		case !met:
			fmt.Println(within.FailureMessage(nil))
		default:
			fmt.Println("met")
		}
	}
	// Output:
	// met
	// node-death on active-passive (docker) does not RecoverWithin(4s)
	//   trial 1 of 1: failover 4.20 s > 4 s [bound-missed]
	//     failover 4.200 s ± 10 ms, ended by mechanism
	//     proxy-a dark at 4 s; users back 4.2 s later
	// node-death on active-passive (docker) was not shown to RecoverWithin(4s)
	//   trial 1 of 1: inconclusive: failover 4.005 s ± 10 ms: the bound <= 4s lies inside the uncertainty [bound-unsure]
	//     failover 4.005 s ± 10 ms, ended by mechanism
	//     proxy-a dark at 4 s; users back 4.0 s later
}
