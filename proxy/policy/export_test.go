package policy

// State is the present state.
func (r *Router) State() VRRPState { return r.state }
