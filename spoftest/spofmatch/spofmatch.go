// Package spofmatch has the conditions of package spoftest as Gomega matchers:
//
//	Expect(lab.Run("node-death")).To(spofmatch.RecoverWithin(4 * time.Second))
//
// A matcher has three values. An inconclusive trial fails both To and NotTo, with its own message; so do a measure that was not taken and a
// condition with a wrong value.
package spofmatch

import (
	"errors"
	"fmt"
	"time"

	"github.com/onsi/gomega/types"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/spoftest"
)

// RecoverWithin bounds the failover: see spoftest.RecoverWithin.
func RecoverWithin(d time.Duration) types.GomegaMatcher { return Meet(spoftest.RecoverWithin(d)) }

// LoseAtMost bounds the share of requests that are lost: see spoftest.LoseAtMost.
func LoseAtMost(share float64) types.GomegaMatcher { return Meet(spoftest.LoseAtMost(share)) }

// KeepAtLeast bounds the share of requests that are answered under the fault: see spoftest.KeepAtLeast.
func KeepAtLeast(share float64) types.GomegaMatcher { return Meet(spoftest.KeepAtLeast(share)) }

// BypassNothing wants that no request reached the origin without a proxy.
func BypassNothing() types.GomegaMatcher { return Meet(spoftest.BypassNothing()) }

// BeNoticedByAtMost bounds the share of users who noticed: see spoftest.BeNoticedByAtMost.
func BeNoticedByAtMost(share float64) types.GomegaMatcher {
	return Meet(spoftest.BeNoticedByAtMost(share))
}

// FallInsidePrediction wants a failover that the design's timers predict.
func FallInsidePrediction() types.GomegaMatcher { return Meet(spoftest.FallInsidePrediction()) }

// BreakNoStream wants that no stream broke.
func BreakNoStream() types.GomegaMatcher { return Meet(spoftest.BreakNoStream()) }

// Keep bounds any measure by its name: see spoftest.Keep.
func Keep(measure, op string, value float64) types.GomegaMatcher {
	return Meet(spoftest.Keep(measure, op, value))
}

// MeetExpectations wants that every trial passes what its scenario expects.
func MeetExpectations() types.GomegaMatcher { return Meet(spoftest.MeetExpectations()) }

// Meet is a matcher of any condition, for a *spoftest.Result.
func Meet(c spoftest.Condition) types.GomegaMatcher { return &matcher{condition: c} }

type matcher struct {
	condition spoftest.Condition
	text      string // of the last match
}

// Match applies the condition.
func (m *matcher) Match(actual any) (bool, error) {
	r, ok := actual.(*spoftest.Result)
	if !ok || r == nil {
		return false, fmt.Errorf("%s wants a *spoftest.Result of Lab.Run, got %T", m.condition, actual)
	}
	verdict, text := m.condition.Judge(r)
	if verdict == analyze.Inconclusive {
		return false, errors.New(text)
	}
	m.text = text
	return verdict == analyze.Pass, nil
}

// FailureMessage tells the story of the trials that miss the condition.
func (m *matcher) FailureMessage(any) string { return m.text }

// NegatedFailureMessage gives the figure of every trial, all of which meet the condition.
func (m *matcher) NegatedFailureMessage(any) string { return m.text }
