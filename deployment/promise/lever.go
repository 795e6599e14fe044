package promise

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/engine/haproxy"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Lever is a change of one setting that shortens an answer.
type Lever struct {
	Setting string         `json:"setting"` // as it is
	At      configtext.Pos `json:"-"`       // zero: the file leaves it to the default
	Share   float64        `json:"share"`   // of the longest failover, 0-1; 0: the failover is never, or another setting decides
	Change  string         `json:"change"`
	Gives   Span           `json:"failover_s"`
}

// String words the lever: lb1/haproxy.cfg:31 inter 5s is 83 % of it; fastinter 500ms gives 3-8.5 s.
func (l Lever) String() string {
	where := ""
	if l.At.Line > 0 {
		where = fmt.Sprintf("%s:%d ", l.At.File, l.At.Line)
	}
	if l.Share == 0 {
		return fmt.Sprintf("%s%s: %s gives %s", where, l.Setting, l.Change, l.Gives)
	}
	return fmt.Sprintf("%s%s is %.0f %% of it; %s gives %s", where, l.Setting, 100*l.Share, l.Change, l.Gives)
}

// knob is a change that can be made to the configurations, and undone.
type knob struct {
	change string
	make   func() (undo func())
}

// most is the number of levers of an answer.
const most = 2

// levers gives the changes that shorten an answer, those of the setting with the largest share first. Each is tried: it is made in the
// configurations, the answer is taken again, and the change is undone.
func (p *predictor) levers(a Answer) (all []Lever) {
	if a.Failover.Never {
		return p.cures(a)
	}
	for _, s := range shares(a.Terms) {
		for _, k := range p.knobs(s.Term) {
			again, ok := p.with(k, a)
			if ok && again.Failover.Known && !again.Failover.Never && again.Failover.Hi < a.Failover.Hi && len(all) < most {
				all = append(all, Lever{s.Setting, s.At, s.share, k.change, again.Failover})
			}
		}
	}
	return all
}

// cures gives the changes that make an end to an outage that has none.
func (p *predictor) cures(a Answer) (all []Lever) {
	for _, c := range p.candidates(a) {
		again, ok := p.with(c.knob, a)
		if ok && again.Failover.Known && !again.Failover.Never && len(all) < most {
			all = append(all, Lever{Setting: c.setting, At: c.at, Change: c.change, Gives: again.Failover})
		}
	}
	return all
}

// with gives an answer under a change.
func (p *predictor) with(k knob, a Answer) (Answer, bool) {
	undo := k.make()
	defer undo()
	for _, again := range p.answersAt(a.Fault, a.entry) {
		if again.Key() == a.Key() {
			return again, true
		}
	}
	return Answer{}, false
}

// share is a setting with its part of a formula.
type share struct {
	Term
	share float64
}

// shares gives the settings of a formula, the largest part first.
func shares(terms []Term) (all []share) {
	total := sum(terms).Hi
	for _, t := range terms {
		if t.Setting == "" || total <= 0 {
			continue
		}
		at := slices.IndexFunc(all, func(s share) bool { return s.Setting == t.Setting && s.At == t.At })
		if at < 0 {
			all, at = append(all, share{Term: t}), len(all)
		}
		all[at].share += float64(t.Bounds.Hi) / float64(total)
	}
	slices.SortStableFunc(all, func(a, b share) int { return int(1e6 * (b.share - a.share)) })
	return all
}

// tenth is the largest of 1, 2 and 5 times a power of ten that is at most a tenth of d, in whole steps; 0: there is none.
func tenth(d, step time.Duration) time.Duration {
	best := time.Duration(0)
	for unit := time.Nanosecond; unit <= d/10; unit *= 10 {
		for _, m := range []time.Duration{1, 2, 5} {
			if m*unit <= d/10 {
				best = m * unit
			}
		}
	}
	return best / step * step
}

// duration is a setting of time, with its name in knobs.
type duration struct {
	name string
	*configtext.Setting[time.Duration]
	step time.Duration
}

// durations are the settings of time that knobs change, of all hosts.
func durations(s *deployment.System) (all []duration) {
	for _, h := range s.Hosts {
		if h.HAProxy != nil {
			for _, p := range h.HAProxy.Proxies {
				all = append(all, duration{"timeout check", &p.Timeouts.Check, time.Millisecond}, duration{"timeout connect", &p.Timeouts.Connect, time.Millisecond})
				for _, one := range p.Servers {
					all = append(all, duration{"inter", &one.Inter, time.Millisecond}, duration{"fastinter", &one.FastInter, time.Millisecond})
				}
			}
		}
		if h.Keepalived != nil {
			for i := range h.Keepalived.Scripts {
				all = append(all, duration{"interval", &h.Keepalived.Scripts[i].Interval, time.Second})
			}
			for i := range h.Keepalived.Instances {
				all = append(all, duration{"advert_int", &h.Keepalived.Instances[i].Advert, 10 * time.Millisecond})
			}
		}
		if h.Nginx != nil {
			for _, srv := range h.Nginx.Servers {
				for _, loc := range srv.Locations {
					all = append(all, duration{"proxy_connect_timeout", &loc.Proxy.Connect, time.Millisecond}, duration{"proxy_read_timeout", &loc.Proxy.Read, time.Millisecond})
				}
			}
		}
		if h.Squid != nil {
			for i := range h.Squid.Peers {
				all = append(all, duration{"connect timeout", &h.Squid.Peers[i].Connect, time.Second})
			}
		}
	}
	return all
}

// knobs gives the changes that can shorten what a term depends on.
func (p *predictor) knobs(t Term) (all []knob) {
	same := p.idx.durable[t.At]
	if t.At.Line == 0 {
		same = p.idx.standard[t.Setting]
	}
	if len(same) == 0 {
		return nil
	}
	if same[0].name == "inter" {
		all = append(all, p.fastinter(t, same[0].Value))
	}
	step := same[0].step
	value := tenth(same[0].Value, step)
	if step == time.Second { // whole seconds: a tenth is often none
		value = max(time.Second, value)
	}
	if value > 0 && value < same[0].Value {
		all = append(all, knob{words(same[0].name, value), func() func() { return set(same, value) }})
	}
	return all
}

// words words a change; adverts below a second need version 3.
func words(name string, value time.Duration) string {
	text := name + " " + yamlfile.Span(value)
	if name == "advert_int" {
		text = fmt.Sprintf("advert_int %g", value.Seconds())
		if value < time.Second {
			text = "vrrp_version 3 and " + text
		}
	}
	if name == "interval" {
		text = fmt.Sprintf("interval %g", value.Seconds())
	}
	return text
}

// set gives settings a value.
func set(all []duration, value time.Duration) (undo func()) {
	old := make([]time.Duration, len(all))
	for i, d := range all {
		old[i], d.Value = d.Value, value
	}
	return func() {
		for i, d := range all {
			d.Value = old[i]
		}
	}
}

// fastinter is the change that checks faster once a check has failed.
func (p *predictor) fastinter(t Term, inter time.Duration) knob {
	value := tenth(inter, time.Millisecond)
	return knob{words("fastinter", value), func() func() {
		var undone []func()
		for _, s := range p.idx.inters[t.At] {
			if old := s.FastInter; !old.Set() {
				s.FastInter.Value, s.FastInter.At = value, s.Inter.At
				undone = append(undone, func() { s.FastInter = old })
			}
		}
		return undoing(undone)
	}}
}

// undoing undoes several changes.
func undoing(undone []func()) func() {
	return func() {
		for _, undo := range undone {
			undo()
		}
	}
}

// servers calls see with each server of each HAProxy.
func (p *predictor) servers(see func(*haproxy.Proxy, *haproxy.Server)) {
	for _, h := range p.Hosts {
		if h.HAProxy == nil {
			continue
		}
		for _, proxy := range h.HAProxy.Proxies {
			for _, s := range proxy.Servers {
				see(proxy, s)
			}
		}
	}
}

// candidate is a change that may make an end to an outage, of a setting at a place.
type candidate struct {
	knob
	setting string
	at      configtext.Pos
}
