package scenarios

import (
	"time"

	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// MaxFaults bounds the faults of a scenario file.
const MaxFaults = 32

var phaseKeys = []string{"warm_up", "baseline", "fault", "recovery"}

// Read reads a scenario file; problems carry the name file. A scenario may bound the known measures. The error for a bad file is a
// *yamlfile.Problems with every problem and its position.
func Read(file string, data []byte, known Measures) (*Scenario, error) {
	r, root := yamlfile.Read(file, data)
	s, o := decode(root, known)
	if r.Err() == nil {
		checkTimes(o, s)
		checkOverlaps(o.Get("faults").List(), s)
		checkExpected(o.Get("expect"), s, known)
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return s, nil
}

// decode reads the keys of a scenario.
func decode(root yamlfile.Value, known Measures) (*Scenario, yamlfile.Object) {
	o := root.Object("scenario", "about", "load", "phases", "faults", "expect", "measure", "needs", "alike")
	return &Scenario{
		Name:      o.Require("scenario").Name(),
		About:     o.Get("about").String(),
		Load:      readLoad(o.Require("load")),
		Phases:    readPhases(o.Require("phases")),
		Faults:    readFaults(o.Get("faults")),
		Expect:    readExpectations(o.Require("expect"), known),
		Measure:   readMeasure(o.Get("measure")),
		Selection: readSelection(o.Get("needs"), o.Get("alike")),
	}, o
}

func readLoad(v yamlfile.Value) Load {
	o := v.Object("rate", "tls", "new", "body", "timeout", "patience", "retry", "objects", "streams")
	l := Load{
		Rate:     o.Require("rate").Rate(1, 1, 100_000),
		TLSShare: o.Get("tls").Ratio(0.2),
		NewShare: o.Get("new").Ratio(0.2),
		Body:     o.Get("body").Size(4<<10, 0, 64<<20),
		Objects:  readObjects(o.Get("objects")),
		Streams:  readStreams(o.Get("streams")),
		Retry:    o.Get("retry").Bool(true),
		Timeout:  o.Get("timeout").Duration(5*time.Second, 10*time.Millisecond, 10*time.Minute),
		Patience: o.Get("patience").Duration(2*time.Second, time.Millisecond, 10*time.Minute),
	}
	if l.Patience > l.Timeout {
		at := o.Get("patience")
		if !at.Present() {
			at = o.Get("timeout")
		}
		at.Refuse("patience-above-timeout", "patience %s is longer than the timeout %s; want at most the timeout", span(l.Patience), span(l.Timeout))
	}
	return l
}

// Bounds of the catalogue that the load generator draws from.
const (
	maxObjects = 1_000_000
	maxZipf    = 3.0
)

// readObjects reads the catalogue of cacheable objects; nil: no request can be cached.
func readObjects(v yamlfile.Value) *Objects {
	if !v.Present() {
		return nil
	}
	o := v.Object("count", "zipf", "cacheable")
	return &Objects{
		Count:     o.Require("count").Int(1, 1, maxObjects),
		Zipf:      o.Get("zipf").Number(0.8, 0, maxZipf),
		Cacheable: o.Get("cacheable").Ratio(1),
	}
}

func readStreams(v yamlfile.Value) *Streams {
	if !v.Present() {
		return nil
	}
	o := v.Object("share", "every", "silence")
	share := o.Require("share")
	s := &Streams{
		Share:   share.Ratio(0),
		Every:   o.Get("every").Duration(100*time.Millisecond, 10*time.Millisecond, time.Minute),
		Silence: o.Get("silence").Duration(2*time.Second, 100*time.Millisecond, 10*time.Minute),
	}
	if share.Present() && s.Share == 0 {
		share.Refuse("zero-share", "no user holds a stream; want a share of more than 0%%, or leave streams out")
	}
	return s
}

func readPhases(v yamlfile.Value) Phases {
	o := v.Object(phaseKeys...)
	return Phases{
		WarmUp:   o.Get("warm_up").Duration(time.Second, 0, fault.MaxLength),
		Baseline: o.Require("baseline").Duration(0, 0, fault.MaxLength),
		Fault:    o.Get("fault").Duration(0, 0, fault.MaxLength),
		Recovery: o.Get("recovery").Duration(0, 0, fault.MaxLength),
	}
}

func readFaults(v yamlfile.Value) []fault.Fault {
	list := v.List()
	v.Holds(0, MaxFaults)
	if len(list) > MaxFaults {
		v.Refuse("too-many-faults", "%d faults; want at most %d", len(list), MaxFaults)
		return nil
	}
	faults := make([]fault.Fault, 0, len(list))
	for _, f := range list {
		faults = append(faults, fault.Read(f))
	}
	return faults
}

func readMeasure(v yamlfile.Value) Measure {
	o := v.Object("theta", "window", "latency_factor", "latency_floor")
	m := Measure{
		Theta:         o.Get("theta").Ratio(0.99),
		Window:        o.Get("window").Duration(time.Second, 100*time.Millisecond, 10*time.Minute),
		LatencyFactor: float64(o.Get("latency_factor").Int(3, 1, 1000)),
		LatencyFloor:  o.Get("latency_floor").Duration(100*time.Millisecond, 0, time.Minute),
	}
	if m.Theta == 0 {
		o.Get("theta").Refuse("zero-share", "theta 0%% counts an outage as service; want more than 0%%")
	}
	return m
}

func span(d time.Duration) string { return yamlfile.Span(d) }
