package retry

import (
	"context"
	"testing"
	"time"

	"github.com/seed-ab8b6914/spof/spoftest"
)

// patience is how long a caller of the client waits for a page. The pair takes over within 4 s.
const patience = 10 * time.Second

// fetchDuring fetches a page just after a fault, through a pair that fails over by itself. The client has used the pair before.
func fetchDuring(t *testing.T, lab *spoftest.Lab, fault spoftest.Fault, c Client) error {
	c.HTTP = lab.Client()
	if _, err := c.Fetch(t.Context(), lab.OriginURL()); err != nil {
		t.Fatal("before the fault:", err)
	}
	broken := lab.Break(fault)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	began := time.Now()
	_, err := c.Fetch(ctx, lab.OriginURL())
	t.Logf("after %s: %v", time.Since(began).Round(time.Millisecond), err)
	broken.Repair()
	lab.Steady()
	c.HTTP.CloseIdleConnections()
	return err
}

// A client that retries at once spends all attempts on a dead proxy within milliseconds: its host is up and refuses them.
func TestRetriesWithoutAPauseAreCaught(t *testing.T) {
	lab := spoftest.Start(t, "active-passive")
	if err := fetchDuring(t, lab, spoftest.Crash("serving"), Client{Attempts: 5}); err == nil {
		t.Error("the mistake was not seen")
	}
}

// A client whose attempts together are shorter than the failover gives up too early.
func TestRetriesThatEndBeforeTheFailoverAreCaught(t *testing.T) {
	lab := spoftest.Start(t, "active-passive")
	hasty := Client{Attempts: 4, Pause: 50 * time.Millisecond, Each: 100 * time.Millisecond}
	if err := fetchDuring(t, lab, spoftest.PowerLoss("serving"), hasty); err == nil {
		t.Error("the mistake was not seen")
	}
}

// A client without a limit for one attempt waits for an answer on its kept connection to a frozen proxy until its caller gives up; no other
// attempt follows, although the address has moved. TCP's keep-alive would end that attempt, after 15 s in Go. On loopback the move resets the
// connection, and so hides the mistake.
func TestAnAttemptWithoutALimitIsCaught(t *testing.T) {
	lab := spoftest.Start(t, "active-passive", spoftest.SkipWithoutEngine())
	unlimited := Client{Attempts: 5, Pause: 100 * time.Millisecond}
	if err := fetchDuring(t, lab, spoftest.Hang("serving"), unlimited); err == nil {
		t.Error("the mistake was not seen")
	}
}

// The right client survives all of these faults.
func TestLimitedAttemptsWithPausesSurvive(t *testing.T) {
	lab := spoftest.Start(t, "active-passive")
	right := Client{Attempts: 50, Pause: 200 * time.Millisecond, Each: time.Second}
	for _, fault := range []spoftest.Fault{spoftest.Crash("serving"), spoftest.PowerLoss("serving"), spoftest.Hang("serving")} {
		if err := fetchDuring(t, lab, fault, right); err != nil {
			t.Errorf("%s: the pair failed over, and the client did not survive it: %v", fault, err)
		}
	}
}
