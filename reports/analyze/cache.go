package analyze

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// Cache has the use of the caches in the baseline, and from the effect to the end of the fault phase.
type Cache struct {
	Before CacheUse `json:"before"`
	During CacheUse `json:"during"`
	// Surge is OriginPeak during / OriginPeak before; null if OriginPeak before is 0.
	Surge *float64 `json:"origin_surge"`
}

// CacheUse divides the successful answers of an interval by their source. Ratios are shares of all successful answers, 0-1. Rates count
// body bytes from the origin.
type CacheUse struct {
	HitRatio     float64 `json:"hit_ratio"`      // from the proxy's own cache
	PeerHitRatio float64 `json:"peer_hit_ratio"` // from a sibling cache that the proxy asked
	Origin       float64 `json:"origin_bytes_per_s"`
	OriginPeak   float64 `json:"origin_peak_bytes_per_s"` // in the whole second with the most bytes
}

// cache measures the use of the caches; nil if no response was cacheable.
func (r *run) cache() *Cache {
	if r.plan.Scenario.Load.Objects == nil {
		return nil
	}
	from, to := clamp(int64(r.plan.BaselineAt)), clamp(r.repair)
	c := &Cache{Before: r.cacheUse(from, r.effect), During: r.cacheUse(r.effect, to)}
	if before := c.Before.OriginPeak; before > 0 {
		c.Surge = some(c.During.OriginPeak / before)
	}
	return c
}

// cacheUse measures the successful answers that came in [from, to).
func (r *run) cacheUse(from, to int64) (u CacheUse) {
	good, own, peer, bytes := 0, 0, 0, 0.0
	for _, s := range r.samples {
		if at := answered(s); failed(s) || at < from || at >= to {
			continue
		}
		good++
		switch {
		case s.Flags&load.CacheHit != 0:
			own++
		case s.Flags&load.PeerHit != 0:
			peer++
		default:
			bytes += float64(s.Bytes)
		}
	}
	return CacheUse{ratio(own, good), ratio(peer, good), ratio(bytes, time.Duration(to-from).Seconds()), r.originPeak(from, to)}
}

// originPeak is the largest number of body bytes from the origin in one whole second, counted from the start of [from, to).
func (r *run) originPeak(from, to int64) (peak float64) {
	second := time.Second.Nanoseconds()
	bins := map[int64]float64{}
	for _, s := range r.samples {
		if at := answered(s); at >= from && at < to-(to-from)%second && fromOrigin(s) {
			bin := (at - from) / second
			bins[bin] += float64(s.Bytes)
			peak = max(peak, bins[bin])
		}
	}
	return peak
}

// fromOrigin reports whether the body of an answer came from the origin and not from a cache.
func fromOrigin(s trace.Sample) bool { return s.Flags&(load.CacheHit|load.PeerHit) == 0 }
