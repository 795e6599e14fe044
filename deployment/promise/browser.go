package promise

import (
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/topology/pac"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// newConnection is the time within which a browser in use makes a new connection to its proxy. Each learns by its own one that the proxy is
// silent.
const newConnection = 2 * time.Second

// browser gives the outcomes for users who follow a PAC file: one for each list that the file gives.
func (st *state) browser(e deployment.Entry) (all []outcome) {
	lists := st.PACs[e.PAC]
	for _, list := range lists {
		o := st.hops(e, list)
		if len(lists) > 1 {
			o.via = list.Name()
		}
		all = append(all, o)
	}
	return all
}

// hops is the outcome for the requests of a list: the first hop that is well serves, after what its predecessors cost (see policy.Browser).
func (st *state) hops(e deployment.Entry, list deployment.PACList) outcome {
	browser := policy.Browser(e.Browser)
	o := outcome{failover: prompt, detect: prompt}
	for _, hop := range list.Hops {
		if hop.Direct() {
			return st.direct(o, list)
		}
		h, _ := st.Find(hop.Host)
		mode, down := st.at(h, hop.Port)
		if !down {
			return st.goesOn(o, h, hop)
		}
		o.struck = true
		switch mode {
		case policy.Frozen:
			return outcome{struck: true, detect: never, failover: never, users: "connecting to " + hop.Host + " succeeds, and no answer comes",
				why: "a browser stays with a proxy that accepts connections", terms: o.terms}
		case policy.Blackholed:
			wait := browser.ConnectTimeout()
			o.terms = append(o.terms,
				Term{Text: fmt.Sprintf("connect timeout of %s for %s %s", e.Browser, hop.Host, yamlfile.Span(wait)), Bounds: policy.Bounds{Lo: wait, Hi: wait}},
				Term{Text: "next new connection of the browser 0-" + yamlfile.Span(newConnection), Bounds: policy.Bounds{Hi: newConnection}})
			o.failover = within(sum(o.terms))
			o.detect = o.failover
			o.users = fmt.Sprintf("requests wait %s for %s and then go on; it is set aside for %s", yamlfile.Span(wait), hop.Host, yamlfile.Span(browser.SetAside()))
		}
	}
	return outcome{struck: o.struck, detect: o.detect, failover: never, why: fmt.Sprintf("the list has no other proxy (%s: %s)", list.At, list)}
}

// direct is the outcome where requests end at DIRECT.
func (st *state) direct(o outcome, list deployment.PACList) outcome {
	if o.struck {
		o.users = "all requests go past the proxies (DIRECT)"
		o.why = fmt.Sprintf("DIRECT is the next step (%s)", list.At)
	}
	return o
}

// goesOn is the outcome where requests reach a proxy that is well itself.
func (st *state) goesOn(o outcome, h *deployment.Host, hop pac.Hop) outcome {
	if !o.struck {
		if h == nil {
			return o
		}
		return worse(st.service(h, hop.Port))
	}
	if o.why == "" && o.failover == prompt {
		o.why = "a refused connection goes on to " + hop.Host + " in the same request"
	}
	return o
}
