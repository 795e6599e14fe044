package planner

import "github.com/seed-ab8b6914/spof/topology/yamlfile"

// keys describes the keys of a plan file.
var keys = map[string]string{
	"plan":                         "name of the plan",
	"title":                        "heading of the answer",
	"about":                        "the question in one line, for people",
	"currency":                     "of all costs; only a word in the answer",
	"years":                        "over which costs count: buy + years x yearly",
	"budget":                       "money for a design and its alternatives over the years; a design that is there already can say cost: {buy: 0}",
	"target":                       "what the choice must reach at the least cost: an availability, or the hours without service a year",
	"availability":                 "share of the time in which a user is served, on average over the users",
	"hours":                        "without service a year",
	"users":                        "people; the groups of a design have them in the ratio of their counts. Without it: the users of the first design",
	"demand":                       "users at work over a week: flat, office-hours, or 168 shares from Monday 00:00",
	"downtime_cost":                "money for an hour in which one user at work has no service; with it designs are ranked by money, without by hours",
	"components":                   "file with your own values of components, beside the plan",
	"crews":                        "who repairs what; without it somebody is always free",
	"members":                      "repairs at once",
	"crews.NAME.kinds":             "kinds of component that the crew repairs; a kind has one crew",
	"spares":                       "spare parts by kind of component; without it every part is there",
	"parts":                        "in stock; each part taken is ordered again at once",
	"lead":                         "time from order to delivery, such as fixed 3d",
	"maintenance":                  "planned maintenance at an hour of the week; it takes the place of the kind maintenance on the nodes concerned",
	"maintenance.NAME.kinds":       "kinds of component that are out of service, one component after the other",
	"start":                        "day and time, such as Sun 03:00",
	"weeks":                        "from one window to the next",
	"lasts":                        "time without one component, such as fixed 30m",
	"careful":                      "leave out a component without which the service would be down",
	"seed":                         "of the draws",
	"designs":                      "designs to compare, and to choose from",
	"topology":                     "a bundled design, or a file beside the plan",
	"designs.NAME.about":           "the design in one line",
	"measured":                     "directory of a run of node-death on the design, or its report.json; without it the timers predict the failover",
	"coverage":                     "of measured failovers: measured, or library to keep the library's share of failovers that work",
	"capacity":                     "result of spof capacity --format json on the design; without it users with a path count",
	"cost":                         "in place of what the components cost",
	"buy":                          "once",
	"yearly":                       "a year",
	"alternatives":                 "changes of a design that can be bought",
	"alternatives.NAME.about":      "the alternative in words, for the answer",
	"alternatives.NAME.components": "values of components that the alternative changes, such as the repair of a contract",
	"for":                          "designs that it changes; without it the first one",
	"alternatives.NAME.crews":      "crews of the plan with another number of members",
	"alternatives.NAME.spares":     "spare parts of the plan with another number of parts, or another lead",
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
