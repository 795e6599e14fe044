package builtin

import (
	"context"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// watch checks target i of n until ctx ends. It calls tell at each change of the state, with the error of the last check, and miss at each
// failed check after which the target is still up. The first checks of the n targets are spread over the interval, as in HAProxy.
func watch(ctx context.Context, check policy.CheckConfig, i, n int, probe func(context.Context) error, miss func(now int64, err error), tell func(now int64, up bool, err error)) error {
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
		switch now := proxy.Monotonic(); {
		case health.Ended(now, err == nil):
			tell(now, health.Up(), err)
		case err != nil && health.Up():
			miss(now, err)
		}
	}
	return nil
}
