package proxy

// FaultParams are the parameters of faults, from the scenario's file to the agent that carries the fault out. Each is for
// the kinds that read it (package scenarios has the table); for all others it is zero.
type FaultParams struct {
	Mode string `json:"mode,omitempty"` // wan-loss: cut (default) or silent
}
