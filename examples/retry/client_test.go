package retry

import (
	"context"
	"flag"
	"testing"
	"time"

	"github.com/seed-ab8b6914/spof/spoftest"
)

var docker = flag.Bool("docker", false, "run the labs in containers")

// start starts the pair of proxies that the client goes through.
func start(t *testing.T) *spoftest.Lab {
	if *docker {
		return spoftest.Start(t, "active-passive", spoftest.OnDocker())
	}
	return spoftest.Start(t, "active-passive", spoftest.OnLoopback())
}

// patience is how long a caller waits for a page. The pair takes over within 4 s.
const patience = 20 * time.Second

// fetchInFailover fetches a page through a pair whose serving node has just lost power, and that fails over by itself.
func fetchInFailover(t *testing.T, c *Client) error {
	lab := start(t)
	c.HTTP = lab.Client()
	if _, err := c.Fetch(t.Context(), lab.OriginURL()); err != nil {
		t.Fatal("before the fault:", err)
	}
	lab.Break(spoftest.PowerLoss("serving"))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err := c.Fetch(ctx, lab.OriginURL())
	return err
}

// The client asks up to five times, but an attempt has no limit: its kept connection to the dead node is silent, so it waits for the first
// answer until its caller gives up. A lab that refused connections would not show this; a node without power does.
func TestTheClientWithoutALimitIsCaught(t *testing.T) {
	t.Parallel()
	err := fetchInFailover(t, &Client{Attempts: 5, Pause: 100 * time.Millisecond})
	if err == nil {
		t.Fatal("the mistake was not seen")
	}
	t.Log("caught:", err)
}

func TestTheClientWithALimitSurvives(t *testing.T) {
	t.Parallel()
	if err := fetchInFailover(t, &Client{Attempts: 50, Pause: 100 * time.Millisecond, Each: time.Second}); err != nil {
		t.Fatal("the pair failed over, and the client did not notice:", err)
	}
}
