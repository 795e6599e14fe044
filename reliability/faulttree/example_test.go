package faulttree_test

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/reliability/faulttree"
)

// Two proxies on one power feed: the pair is redundant, the feed is not.
func Example() {
	proxy := func(name string) faulttree.Event {
		return faulttree.Event{Name: name, Unavailability: 1e-3, Frequency: 1e-3 / 8, Shares: []string{"feed", "version"}} // 8 h an outage
	}
	a, err := faulttree.Analyse(faulttree.Tree{
		Top:    "service",
		Events: []faulttree.Event{proxy("proxy-a"), proxy("proxy-b"), {Name: "feed", Unavailability: 1e-4, Frequency: 1e-4 / 2}},
		Gates: []faulttree.Gate{
			{Name: "service", Kind: faulttree.Or, Inputs: []string{"pair", "feed"}},
			{Name: "pair", Kind: faulttree.And, Inputs: []string{"proxy-a", "proxy-b"}},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("down %.3f h a year in %.3f outages of %.2f h\n", a.Unavailability*faulttree.HoursPerYear, a.FailuresPerYear(), a.MeanOutage())
	importances, _ := a.Importances()
	for _, i := range importances {
		fmt.Printf("%s: Fussell-Vesely %.4f\n", i.Event, i.FussellVesely)
	}
	sets, _ := a.CutSets(2, 100)
	for _, s := range sets {
		fmt.Printf("%v: %.1e, shares %v\n", s.Events, s.Probability, s.Shares)
	}
	// Output:
	// down 0.885 h a year in 0.440 outages of 2.01 h
	// proxy-a: Fussell-Vesely 0.0099
	// proxy-b: Fussell-Vesely 0.0099
	// feed: Fussell-Vesely 0.9901
	// [feed]: 1.0e-04, shares []
	// [proxy-a proxy-b]: 1.0e-06, shares [feed version]
}
