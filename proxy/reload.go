package proxy

// Reload makes a running engine read its configuration again, like `systemctl reload`: by a signal to its first process. Begun, Accepted
// and Refused are regular expressions of lines in the engine's output.
type Reload struct {
	Signal   int    `json:"signal"`
	Begun    string `json:"begun"`    // the reload begins
	Accepted string `json:"accepted"` // the reload ended successfully
	Refused  string `json:"refused"`  // the engine refuses the configuration
	// Spoil is text that makes a configuration invalid when it is appended.
	Spoil string `json:"spoil"`
}
