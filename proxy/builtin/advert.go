package builtin

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// maxAdvert is the size of the largest accepted advert, in bytes.
const maxAdvert = 512

// advert is the message of a VRRP master: one JSON object in a datagram. It replaces RFC 5798's packet, which needs a raw socket.
type advert struct {
	Address  string        `json:"address"` // the VRRP address's name
	RouterID int           `json:"router_id"`
	Priority int           `json:"priority"` // 0: the master resigns
	Interval time.Duration `json:"interval_ns"`
	Token    string        `json:"token,omitempty"` // the lab's; RFC 2338 had a password here
}

var errAdvert = errors.New("not an advert")

func parseAdvert(datagram []byte) (advert, error) {
	var a advert
	if len(datagram) > maxAdvert {
		return advert{}, fmt.Errorf("%w: %d bytes", errAdvert, len(datagram))
	}
	if err := json.Unmarshal(datagram, &a); err != nil {
		return advert{}, fmt.Errorf("%w: %w", errAdvert, err)
	}
	if a.RouterID < 1 || a.RouterID > 255 || a.Priority < policy.PriorityResign || a.Priority > policy.PriorityOwner || a.Interval <= 0 || a.Interval > time.Hour {
		return advert{}, fmt.Errorf("%w: %+v", errAdvert, a)
	}
	return a, nil
}
