package builtin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"sync"

	"github.com/seed-ab8b6914/spof/proxy"
)

// refusals are the addresses that an origin does not serve, as a site does that takes one for a robot. It knows its
// clients by the address that their packets come from, which is that of the WAN link.
type refusals struct {
	mu   sync.RWMutex
	list proxy.Refusals
}

// status gives what a client at an address is answered instead; 0: it is served.
func (r *refusals) status(ip net.IP) int {
	addr, _ := netip.AddrFromSlice(ip)
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.list[addr.Unmap().String()]
}

// ServeHTTP is the control: GET gives the list, PUT replaces it and gives it back.
func (r *refusals) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if request.Method == http.MethodPut {
		var list proxy.Refusals
		if err := json.NewDecoder(io.LimitReader(request.Body, 1<<20)).Decode(&list); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		for addr, status := range list {
			if _, err := netip.ParseAddr(addr); err != nil || status < 400 || status > 599 {
				http.Error(w, "want addresses, and a status from 400 to 599 for each", http.StatusBadRequest)
				return
			}
		}
		r.mu.Lock()
		r.list = list
		r.mu.Unlock()
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(r.list)
}

// control answers an origin's control until ctx ends.
func control(ctx context.Context, addr string, h http.Handler) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: headerWithin, ErrorLog: log.New(io.Discard, "", 0)}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return ended(ctx, err)
	}
	return nil
}
