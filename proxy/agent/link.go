package agent

// Link is the controller's end of an agent's control channel.
type Link struct{}
