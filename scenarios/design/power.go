package design

// FeedNames are the power feeds of the design, in its order; none where it describes no power.
func (d View) FeedNames() []string {
	var names []string
	if d.Topology.Power != nil {
		for _, f := range d.Topology.Power.Feeds {
			names = append(names, f.Name)
		}
	}
	return names
}
