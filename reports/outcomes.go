package reports

import "github.com/seed-ab8b6914/spof/reports/analyze"

// outcomeClasses are the kinds of outcome that have a colour in the scatter, in drawing order: failures on top of successes.
var outcomeClasses = []struct{ class, name string }{
	{"o-ok", "ok"},
	{"o-other", "other failure (DNS, corrupt, TLS, malformed, not sent)"},
	{"o-status", "4xx or 5xx"},
	{"o-refused", "refused or unreachable"},
	{"o-reset", "reset"},
	{"o-timeout", "timeout"},
}

// outcomeClass returns the class of an outcome.
func outcomeClass(outcome string) string {
	switch outcome {
	case "ok":
		return "o-ok"
	case "4xx", "5xx":
		return "o-status"
	case "refused", "unreachable":
		return "o-refused"
	case "reset":
		return "o-reset"
	case "timeout":
		return "o-timeout"
	default:
		return "o-other"
	}
}

// key is an entry of a timeline's legend.
type key struct{ Class, Name string }

// legend names the outcomes that occur in a timeline.
func legend(tl *analyze.Timeline) (keys []key) {
	occurs := map[string]bool{}
	for _, p := range tl.Points {
		occurs[outcomeClass(p.Outcome)] = true
	}
	for _, o := range outcomeClasses {
		if occurs[o.class] {
			keys = append(keys, key{o.class, o.name})
		}
	}
	return keys
}
