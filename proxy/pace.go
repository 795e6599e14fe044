package proxy

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// MaxSlow is the longest delay that SlowDown can set.
const MaxSlow = 30 * time.Second

// SlowDown sets the delay before each answer of the origin whose control is at a unix socket; 0: none. It fails unless the origin
// confirms the delay.
func SlowDown(ctx context.Context, socket string, delay time.Duration) error {
	text, err := tell(ctx, http.MethodPut, socket, "/", delay.String())
	if err != nil {
		return fmt.Errorf("control of the origin: %w", err)
	}
	if now, err := time.ParseDuration(text); err != nil || now != delay {
		return fmt.Errorf("the origin's delay is %q: want %s", text, delay)
	}
	return nil
}
