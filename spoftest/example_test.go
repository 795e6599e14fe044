package spoftest_test

import (
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/spoftest"
	"github.com/seed-ab8b6914/spof/topology"
)

// A test breaks the proxy while its own client runs. In a test t is *testing.T or GinkgoT(); this example has a TestMain without tests.
func Example() {
	spoftest.Main(tests(func() int { return 0 }), func(t spoftest.T) {
		lab := spoftest.Start(t, "single", options()...) // OnLoopback()
		client := lab.Client()
		client.Timeout = 30 * time.Second
		get := func(when string) {
			r, err := client.Get(lab.OriginURL())
			if err != nil {
				fmt.Println(when, "no answer")
				return
			}
			_ = r.Body.Close()
			fmt.Println(when, r.Status)
		}
		get("before:")
		fault := lab.Break(spoftest.Crash("serving"))
		get("broken:")
		fault.Repair()
		lab.Steady()
		get("repaired:")
	})
	// Output:
	// before: 200 OK
	// broken: no answer
	// repaired: 200 OK
}

// A design made in Go runs as one from a file does. topology.Build says what is wrong with it.
func ExampleStartTopology() {
	spoftest.Main(tests(func() int { return 0 }), func(t spoftest.T) {
		design := &topology.Topology{
			Name:    "ours",
			Nodes:   []topology.Node{{Name: "gate", Services: []topology.Service{{Name: "squid", Engine: topology.Squid, Port: 3128}}}},
			WAN:     []topology.Link{{Name: "isp"}},
			Origins: []topology.Origin{{Name: "web"}},
			Users:   []topology.Group{{Name: "office", Count: 5, Proxy: topology.Entry{Host: "gate", Port: 3128}}},
		}
		lab := spoftest.StartTopology(t, design, options()...) // OnLoopback()
		fmt.Println(lab.Break(spoftest.Hang("serving")).Effect().Target)
	})
	// Output: gate/squid
}

// What a condition says of a trial that misses it. Results come from Lab.Run.
func ExampleCondition_Judge() {
	took := 4200.0
	res := &spoftest.Result{Cell: analyze.Cell{Topology: "active-passive", Scenario: "node-death", Runtime: "docker", Trials: []analyze.Trial{{
		FailoverMS: &took, EndedBy: analyze.EndedByMechanism, Ranges: map[string]analyze.Range{"failover": {Lo: 4190, Hi: 4210}},
		Story: "proxy-a dark at 4.03 s; VRRP master at 7.4 s; users back at 8.23 s",
	}}}}
	verdict, text := spoftest.RecoverWithin(4 * time.Second).Judge(res)
	fmt.Println(verdict)
	fmt.Println(text)
	// Output:
	// fail
	// node-death on active-passive (docker) does not RecoverWithin(4s)
	//   trial 1 of 1: failover 4.20 s > 4 s [bound-missed]
	//     failover 4.200 s ± 10 ms, ended by mechanism
	//     proxy-a dark at 4.03 s; VRRP master at 7.4 s; users back at 8.23 s
}
