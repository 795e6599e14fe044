package agent

import "fmt"

// faultState is where one fault stands: absent -> injecting -> active -> recovering -> absent. A step that fails leads
// to broken, which only ends with the node.
type faultState int

const (
	absent faultState = iota
	injecting
	active
	recovering
	broken
)

func (s faultState) String() string {
	return [...]string{"absent", "injecting", "active", "recovering", "broken"}[s]
}

// legal lists the transitions.
var legal = map[faultState][]faultState{
	absent:     {injecting},
	injecting:  {active, broken},
	active:     {recovering},
	recovering: {absent, broken},
}

// faultStates holds the state of every fault by its id; what is not in it is absent.
type faultStates map[string]faultState

// move takes a fault to its next state; an illegal transition changes nothing and is an error.
func (f faultStates) move(id string, to faultState) error {
	from := f[id]
	for _, next := range legal[from] {
		if next == to {
			if to == absent {
				delete(f, id)
			} else {
				f[id] = to
			}
			return nil
		}
	}
	return fmt.Errorf("fault %s is %s: it cannot become %s", id, from, to)
}

// settle ends a step: at to when it worked, at broken when it did not.
func (f faultStates) settle(id string, to faultState, err error) error {
	if err != nil {
		to = broken
	}
	if moved := f.move(id, to); moved != nil && err == nil {
		return moved
	}
	return err
}
