package promise

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/engine/haproxy"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// candidates are the changes that are tried where an outage has no end.
func (p *predictor) candidates(a Answer) (list []candidate) {
	list = append(list, p.idx.heavier...)
	for _, t := range a.Fault.Targets {
		h, ok := p.Find(t.Node)
		if !ok {
			continue
		}
		list = append(list, p.checked(h)...)
	}
	return list
}

// heavier are the weights of tracks that let a backup win: one more than the distance of the priorities.
func (p *predictor) heavier() (list []candidate) {
	gap := 0
	for _, r := range p.routers {
		for _, m := range r.Members {
			for _, o := range r.Members {
				gap = max(gap, m.Instance.Priority.Value-o.Instance.Priority.Value)
			}
		}
	}
	for _, h := range p.Hosts {
		if h.Keepalived == nil {
			continue
		}
		for i := range h.Keepalived.Scripts {
			w := h.Keepalived.Scripts[i].Weight
			value := gap + 1
			if w.Value < 0 {
				value = -value
			}
			if w.Value == 0 || value*value <= w.Value*w.Value {
				continue
			}
			list = append(list, candidate{knob{fmt.Sprintf("weight %d on all members", value), func() func() { return p.weigh(value) }}, fmt.Sprintf("weight %d", w.Value), w.At})
		}
	}
	return list
}

// weigh gives all scripts with a weight, and the tracks that take it, another one.
func (p *predictor) weigh(value int) func() {
	var undone []func()
	change := func(of *configtext.Setting[int]) {
		old := of.Value
		if old != 0 {
			of.Value = value
			undone = append(undone, func() { of.Value = old })
		}
	}
	for _, h := range p.Hosts {
		if h.Keepalived == nil {
			continue
		}
		for i := range h.Keepalived.Scripts {
			change(&h.Keepalived.Scripts[i].Weight.Setting)
		}
		for i := range h.Keepalived.Instances {
			for k := range h.Keepalived.Instances[i].Tracks {
				change(&h.Keepalived.Instances[i].Tracks[k].Weight.Setting)
			}
		}
	}
	return undoing(undone)
}

// checked are the checks of the servers on a host that would see more.
func (p *predictor) checked(h *deployment.Host) (list []candidate) {
	for _, c := range p.idx.checks[h] {
		proxy, s := c.proxy, c.server
		if !s.Check.Value {
			change := fmt.Sprintf("check (inter %s fall %d)", yamlfile.Span(s.Inter.Value), s.Fall.Value)
			list = append(list, candidate{knob{change, func() func() {
				old := s.Check
				s.Check.Value = true
				return func() { s.Check = old }
			}}, "server " + s.Name, s.At})
		}
		if s.Check.Value && !proxy.Answers() {
			list = append(list, candidate{knob{"option httpchk, a check that wants an answer", func() func() {
				old := proxy.Probe
				proxy.Probe.Kind.Value = haproxy.HTTPProbe
				return func() { proxy.Probe = old }
			}}, "server " + s.Name, s.At})
		}
		if s.CheckPort.Set() {
			list = append(list, candidate{knob{fmt.Sprintf("check port %d", s.Port), func() func() {
				old := s.CheckPort
				s.CheckPort.Value = s.Port
				return func() { s.CheckPort = old }
			}}, fmt.Sprintf("port %d", s.CheckPort.Value), s.CheckPort.At})
		}
	}
	return list
}
