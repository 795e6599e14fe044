package main

import "github.com/seed-ab8b6914/spof/reports/analyze"

// defaultRetries is one: what disturbed a trial has mostly gone by the next, and a machine that is always busy makes a run at
// most twice as long.
const defaultRetries = 1

// again says why a trial is run again: it proved nothing, and another attempt may. Empty: it stands.
func (f runFlags) again(t *analyze.Trial) string {
	if t.Attempt >= f.retries {
		return ""
	}
	return t.Again()
}
