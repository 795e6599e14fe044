package agent

import (
	"fmt"
	"slices"
)

// faultState is the state of a fault: absent -> injecting -> active -> recovering -> absent. A failed step leads to broken, which is
// final.
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

// faultStates holds the state of every fault by its id. A missing fault is absent.
type faultStates map[string]faultState

// move changes a fault's state. An illegal transition changes nothing and is an error.
func (f faultStates) move(id string, to faultState) error {
	from := f[id]
	if !slices.Contains(legal[from], to) {
		return fmt.Errorf("fault %s is %s: it cannot become %s", id, from, to)
	}
	if f[id] = to; to == absent {
		delete(f, id)
	}
	return nil
}

// settle ends a step: in the state to if it succeeded, else in broken.
func (f faultStates) settle(id string, to faultState, err error) error {
	if err != nil {
		to = broken
	}
	if moved := f.move(id, to); moved != nil && err == nil {
		return moved
	}
	return err
}
