package component

import "github.com/seed-ab8b6914/spof/topology/yamlfile"

// keys describes the keys of a table.
var keys = map[string]string{
	"kinds":      "values of all components of a kind",
	"components": "values of single components of a design, in place of those of their kinds",
	"of":         "the component, as spof graph names it: wan isp, node proxy-a, service proxy-a/squid",
	"about":      "what it is, in one line",
	"failure":    "time to a failure",
	"repair":     "time of a repair",
	"buy":        "cost, once",
	"run":        "cost of a year",
	"coverage":   "share of demands on which it works",
	"beta":       "share of its failures that strike at least one more part with the same software or hardware",
	"gamma":      "share of the failures of beta that strike at least two more; without it they strike all",
	"delta":      "share of the failures of gamma that strike at least three more; without it they strike all",
	"shares":     "kinds of parent that it has in common with others",
	"value":      "the value itself",
	"certainty":  "where the value is from",
	"source":     "who says so, for the reports",
}

// Schema describes a user's table as a JSON Schema. It comes from the code that reads it.
func Schema() yamlfile.Schema {
	s := yamlfile.Describe(func(root yamlfile.Value) { Table{}.With(root) }).Schema(func(place string) string { return yamlfile.AboutOf(keys, place) })
	s["properties"].(yamlfile.Schema)["kinds"].(yamlfile.Schema)["propertyNames"] = yamlfile.Schema{"enum": Library().Kinds()}
	return s
}
