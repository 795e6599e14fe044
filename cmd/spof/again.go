package main

import "github.com/seed-ab8b6914/spof/reports/analyze"

// defaultRetries is 1: most disturbances are over before the next attempt, and on a busy machine a run takes at most twice as long.
const defaultRetries = 1

// again returns the reason to run an inconclusive trial once more; empty: the trial is not repeated.
func (f runFlags) again(t *analyze.Trial) string {
	if t.Attempt >= f.retries {
		return ""
	}
	return t.Again()
}
