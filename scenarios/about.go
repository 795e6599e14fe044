package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// keys describes the keys of a scenario file, except the parameters of faults and the measures: their own descriptors do.
var keys = map[string]string{
	"scenario":       "name of the scenario",
	"about":          "the scenario in one line, for people",
	"load":           "requests of the users",
	"rate":           "requests per second of all users together",
	"tls":            "share of HTTPS, through CONNECT",
	"new":            "share of requests on a connection of their own",
	"body":           "size of a body",
	"timeout":        "a request without a whole answer by then has failed",
	"patience":       "a user notices a later answer; it is the deadline of goodput",
	"retry":          "a request on a kept connection that had died is sent again, once",
	"objects":        "catalogue of cacheable objects, another one for each trial",
	"count":          "objects of the catalogue",
	"zipf":           "the share of the object of rank k is proportional to 1/k^zipf",
	"cacheable":      "share of the objects that may be cached",
	"streams":        "WebSockets that users hold open",
	"streams.share":  "share of the users that hold one",
	"every":          "time between two messages of a stream",
	"silence":        "a stream without a message for this long is broken",
	"phases":         "parts of a trial, in order; the fault phase begins later by the random phase of the trial",
	"warm_up":        "load that is not measured",
	"baseline":       "load before the fault; at least 100 requests must end in it",
	"phases.fault":   "from the fault to its repair",
	"recovery":       "after the repair",
	"faults":         "what breaks, and when",
	"target":         "serving, standby, any, all, or the name of a node or link",
	"role":           "among what the target chooses",
	"at":             "from the beginning of the fault phase",
	"for":            "how long the fault lasts; without it until the end of the fault phase",
	"expect":         "bounds on measures, at least one",
	"measure":        "parameters of failover and latency recovery",
	"theta":          "share of the due requests that have to be answered for service to be back",
	"window":         "how long service has to hold",
	"latency_factor": "latency is recovered at this multiple of the baseline's p95",
	"latency_floor":  "a p95 below this counts as recovered",
	"needs":          "properties that a design must have for run --all",
	"alike":          "for run --all: of designs that are alike in this way only the simplest runs",
}

// about describes the key at a place of a scenario file; empty: no description.
func (m Measures) about(place string) string {
	if key, ok := strings.CutPrefix(place, "expect."); ok {
		return m[key].About
	}
	if in, ok := strings.CutPrefix(place, "faults[]"); ok && in != "" {
		kind, key, _ := strings.Cut(in, ".")
		if text := aboutFault(strings.Trim(kind, "{}"), key); text != "" {
			return text
		}
	}
	return yamlfile.AboutOf(keys, place)
}

// aboutFault describes a key of the faults of a kind, or of all kinds that have the key; empty: every kind has it.
func aboutFault(kind, key string) string {
	var texts []string
	for _, k := range fault.Kinds() {
		switch {
		case kind != "" && k.Name != proxy.FaultKind(kind):
		case key == "kind":
			texts = append(texts, fmt.Sprintf("%s: %s", k.Name, k.About))
		default:
			i := slices.IndexFunc(k.Parameters, func(p fault.Parameter) bool { return p.Name == key })
			if i >= 0 {
				texts = append(texts, parameter(k, k.Parameters[i], kind == ""))
			}
		}
	}
	return strings.Join(texts, "; ")
}

// parameter describes a parameter of a kind of fault: what it is, its values and its default.
func parameter(k fault.Kind, p fault.Parameter, named bool) string {
	def := "required"
	if p.Default != "" {
		def = "default " + p.Default
	}
	text := fmt.Sprintf("%s (%s; %s)", p.About, p.Values, def)
	if named {
		text = string(k.Name) + ": " + text
	}
	return text
}
