package planner

import "github.com/seed-ab8b6914/spof/topology/yamlfile"

// keys describes the keys of a plan file.
var keys = map[string]string{
	"plan":                         "name of the plan",
	"title":                        "heading of the answer",
	"about":                        "the question in one line, for people",
	"currency":                     "of all costs; only a word in the answer",
	"years":                        "over which costs count: buy + years x yearly",
	"budget":                       "money for alternatives over the years",
	"target":                       "what the choice must reach at the least cost: an availability, or the hours without service a year",
	"availability":                 "share of the time in which a user is served, on average over the users",
	"hours":                        "without service a year",
	"users":                        "people; the groups of a design have them in the ratio of their counts. Without it: the users of the first design",
	"demand":                       "users at work over a week: flat, office-hours, or 168 shares from Monday 00:00",
	"downtime_cost":                "money for an hour in which one user at work has no service; with it designs are ranked by money, without by hours",
	"components":                   "file with your own values of components, beside the plan",
	"seed":                         "of the draws",
	"designs":                      "designs to compare; alternatives change the first one",
	"topology":                     "a bundled design, or a file beside the plan",
	"designs.NAME.about":           "the design in one line",
	"measured":                     "directory of a run of node-death on the design, or its report.json; without it the timers predict the failover",
	"coverage":                     "of measured failovers: measured, or library to keep the library's share of failovers that work",
	"capacity":                     "result of spof capacity --format json on the design; without it users with a path count",
	"cost":                         "in place of what the components cost",
	"buy":                          "once",
	"yearly":                       "a year",
	"alternatives":                 "changes of the first design that can be bought",
	"alternatives.NAME.about":      "the alternative in words, for the answer",
	"alternatives.NAME.components": "values of components that the alternative changes, such as the repair of a contract",
	"requires":                     "alternatives without which it cannot be bought",
	"excludes":                     "alternatives with which it cannot be bought",
	"patch":                        "changes of the design: mappings merge, null removes, everything else replaces",
}

// FileSchema describes plan files as a JSON Schema. It comes from the code that reads them.
func FileSchema() yamlfile.Schema {
	return yamlfile.Describe(func(root yamlfile.Value) {
		d := &decoder{open: bundled}
		d.read(root)
	}).Schema(func(place string) string { return yamlfile.AboutOf(keys, place) })
}
