package predict

import (
	"net/netip"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/proxy/engine/haproxy"
)

func (st *state) router(netip.Addr) (any, bool)                           { return nil, false }
func (st *state) elected(any, deployment.Entry) []outcome                 { return nil }
func (st *state) refusedByCheck(p *haproxy.Proxy, s *haproxy.Server) bool { return false }
