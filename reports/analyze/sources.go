package analyze

// Sources are the places in the user's files that a cell comes from. A bundled design or scenario has none.
type Sources struct {
	Topology *Place         `json:"topology,omitempty"` // where the design begins
	Scenario *Place         `json:"scenario,omitempty"` // where its faults begin, or what it expects
	Bounds   map[string]int `json:"bounds,omitempty"`   // line of the bound in the scenario's file, by measure
}

// Place is a line of a file.
type Place struct {
	File string `json:"file"` // as the user named it
	Line int    `json:"line"` // from 1
}
