package proxy

// Reload is how a running engine is told to read its configuration again, as an administrator's `systemctl reload` does:
// by a signal to its first process. What it answers is found among the lines that it writes.
type Reload struct {
	Signal   int    `json:"signal"`
	Begun    string `json:"begun"`    // regular expression of the line by which it says that it takes the reload up
	Accepted string `json:"accepted"` // of the one that ends a reload that worked
	Refused  string `json:"refused"`  // and of the one by which a configuration is refused
	// Spoil is text that makes a configuration wrong when it stands at its end.
	Spoil string `json:"spoil"`
}
