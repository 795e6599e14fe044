package builtin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"github.com/seed-ab8b6914/spof/proxy"
)

// refusals are the addresses that an origin refuses, as a site refuses a client that it takes for a robot. A client's address
// is the source address of its packets, which is the address of the WAN link.
type refusals struct {
	mu   sync.RWMutex
	list proxy.Refusals
}

// status gives the status for a refused client; 0: the client is served.
func (r *refusals) status(ip net.IP) int {
	addr, _ := netip.AddrFromSlice(ip)
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.list[addr.Unmap().String()]
}

// ServeHTTP is the control: PUT /ADDRESS with a status refuses a client, DELETE /ADDRESS serves it again. PUT, DELETE and GET answer
// with the list.
func (r *refusals) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if err := r.change(request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(r.list)
}

func (r *refusals) change(request *http.Request) error {
	if request.Method == http.MethodGet {
		return nil
	}
	addr, err := netip.ParseAddr(strings.TrimPrefix(request.URL.Path, "/"))
	if err != nil {
		return fmt.Errorf("want an address: %w", err)
	}
	client := addr.Unmap().String()
	switch request.Method {
	case http.MethodPut:
		var status int
		if err := json.NewDecoder(io.LimitReader(request.Body, 16)).Decode(&status); err != nil || status < 400 || status > 599 {
			return errors.New("want a status from 400 to 599")
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.list[client] = status
	case http.MethodDelete:
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.list, client)
	default:
		return fmt.Errorf("unknown method %s; valid: GET, PUT, DELETE", request.Method)
	}
	return nil
}

// control serves a program's control at a unix socket until ctx ends.
func control(ctx context.Context, socket string, h http.Handler) error {
	l, err := proxy.ListenControl(socket)
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
