package main

import "github.com/seed-ab8b6914/spof/reports/analyze"

// defaultRetries is 1. A disturbance has mostly passed by the next attempt, and on a busy machine a run takes at most twice as long.
const defaultRetries = 1

// again gives the reason to run an inconclusive trial once more; empty: the trial stands.
func (f runFlags) again(t *analyze.Trial) string {
	if t.Attempt >= f.retries {
		return ""
	}
	return t.Again()
}
