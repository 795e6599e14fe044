package analyze

// Timeline is what a picture of one trial needs. Times are ms from the start of the load.
type Timeline struct {
	Topology string  `json:"topology"`
	Scenario string  `json:"scenario"`
	Trial    int     `json:"trial"`
	EndMS    float64 `json:"end_ms"`
	BinMS    float64 `json:"bin_ms"`
	Bins     []Bin   `json:"bins"`
	Points   []Point `json:"points"` // at most a few thousand, thinned evenly; failures are never thinned below one per bin
	Bands    []Band  `json:"bands"`  // fault, from effect to undoing
	Marks    []Mark  `json:"marks"`  // mechanism events
	// FailoverAtMS is where sustained service was back; null: never.
	FailoverAtMS *float64 `json:"failover_at_ms"`
	PatienceMS   float64  `json:"patience_ms"`
	TimeoutMS    float64  `json:"timeout_ms"`
}

// Bin counts the requests scheduled in one bin of time.
type Bin struct {
	AtMS    float64 `json:"at_ms"`
	Offered int     `json:"offered"`
	Good    int     `json:"good"`   // succeeded within the patience
	Failed  int     `json:"failed"` // not OK
}

// Point is one request in the latency scatter.
type Point struct {
	AtMS      float64 `json:"at_ms"`
	LatencyMS float64 `json:"latency_ms"`
	Outcome   string  `json:"outcome"`
	Tunnel    bool    `json:"tunnel"`
}

// Band is a stretch of time: a fault.
type Band struct {
	FromMS float64 `json:"from_ms"`
	ToMS   float64 `json:"to_ms"`
	Label  string  `json:"label"`
}

// Mark is an instant: an event of a mechanism.
type Mark struct {
	AtMS  float64 `json:"at_ms"`
	Kind  string  `json:"kind"`
	Label string  `json:"label"`
}
