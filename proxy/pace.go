package proxy

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// MaxSlow is the slowest that an origin can be told to be.
const MaxSlow = 30 * time.Second

// SlowDown has the origin whose pace is set at a unix socket wait so long before each answer; 0: not at all. It fails unless the
// origin says that it will.
func SlowDown(ctx context.Context, socket string, delay time.Duration) error {
	text, err := tell(ctx, http.MethodPut, socket, "/", delay.String())
	if err != nil {
		return fmt.Errorf("pace of the origin: %w", err)
	}
	if now, err := time.ParseDuration(text); err != nil || now != delay {
		return fmt.Errorf("the origin waits %q where %s was asked for", text, delay)
	}
	return nil
}
