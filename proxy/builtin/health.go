package builtin

import (
	"context"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// watch checks number i of n things until ctx ends, and tells when its state changes; err is that of the check that changed
// it. The first checks are spread over the interval, as HAProxy spreads them.
func watch(ctx context.Context, check policy.CheckConfig, i, n int, probe func(context.Context) error, tell func(now int64, up bool, err error)) error {
	spread := check.Interval * time.Duration(i) / time.Duration(n)
	health, err := policy.NewHealth(check, proxy.Monotonic()+int64(spread))
	if err != nil {
		return err
	}
	for sleepUntil(ctx, health.Next()) {
		err := probe(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if now := proxy.Monotonic(); health.Ended(now, err == nil) {
			tell(now, health.Up(), err)
		}
	}
	return nil
}
