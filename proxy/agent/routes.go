package agent

import (
	"errors"
	"fmt"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// protocolKeepalived is the origin of routes that keepalived sets and removes itself (linux/rtnetlink.h: RTPROT_KEEPALIVED).
const protocolKeepalived = 18

// readRoutes lists the node's IPv4 routes that neither the kernel nor keepalived sets again after a link was down.
func readRoutes() (kept []netlink.Route, err error) {
	all, err := netlink.RouteListFiltered(netlink.FAMILY_V4, &netlink.Route{Table: unix.RT_TABLE_UNSPEC}, netlink.RT_FILTER_TABLE)
	if err != nil {
		return nil, fmt.Errorf("routes: %w", err)
	}
	for _, r := range all {
		if r.Table != unix.RT_TABLE_LOCAL && r.Protocol != unix.RTPROT_KERNEL && r.Protocol != protocolKeepalived {
			r.Flags &^= unix.RTNH_F_LINKDOWN | unix.RTNH_F_DEAD
			kept = append(kept, r)
		}
	}
	return kept, nil
}

// restoreRoutes adds the routes that are missing, and gives their number. A route through a gateway needs the route to the gateway, so
// those without a gateway come first.
func restoreRoutes(routes []netlink.Route) (added int, err error) {
	for _, direct := range []bool{true, false} {
		for _, r := range routes {
			if direct != (gateways(r) == "") {
				continue
			}
			switch err := netlink.RouteAdd(&r); {
			case err == nil:
				added++
			case !errors.Is(err, unix.EEXIST):
				return added, fmt.Errorf("route %s: %w", r, err)
			}
		}
	}
	return added, nil
}
