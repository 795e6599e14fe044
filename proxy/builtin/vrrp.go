package builtin

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/seed-ab8b6914/spof/proxy"
)

// VRRPMain takes part in the elections of proxy.VRRPConfig. It sends adverts as unicast datagrams to each peer. Without Shared a master
// adds the address to its interface. When ctx ends, a master drops its addresses and resigns.
func VRRPMain(ctx context.Context, configJSON []byte, _ []net.Listener, stdout io.Writer) error {
	cfg, err := decode[proxy.VRRPConfig](configJSON, 0, nil)
	if err != nil {
		return err
	}
	own, err := netip.ParseAddr(cfg.Own)
	if err != nil {
		return fmt.Errorf("configuration: own: %w", err)
	}
	socket, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(own, proxy.VRRPPort)))
	if err != nil {
		return fmt.Errorf("socket for adverts: %w", err)
	}
	defer socket.Close()
	out := &events{node: cfg.Node, out: stdout}
	members := map[int]*member{}
	for _, instance := range cfg.Instances {
		if members[instance.RouterID] != nil {
			return fmt.Errorf("configuration: router_id %d is used twice", instance.RouterID)
		}
		m, err := newMember(cfg, own, instance, socket, out)
		if err != nil {
			return fmt.Errorf("configuration: address %s: %w", instance.Address, err)
		}
		members[instance.RouterID] = m
	}
	run, ctx := errgroup.WithContext(ctx)
	receiving := make(chan error, 1)
	go func() { receiving <- receive(ctx, socket, cfg.Token, members) }()
	run.Go(func() error {
		select {
		case err := <-receiving:
			return err
		case <-ctx.Done():
			return nil
		}
	})
	for _, m := range members {
		run.Go(func() error { return m.run(ctx) })
	}
	return run.Wait() // the socket closes after the last resignation
}

// receive passes adverts with the lab's token to their elections, until the socket closes.
func receive(ctx context.Context, socket *net.UDPConn, token string, members map[int]*member) error {
	buffer := make([]byte, maxAdvert+1)
	for {
		n, from, err := socket.ReadFromUDPAddrPort(buffer)
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil: // the interface is down
			sleepUntil(ctx, proxy.Monotonic()+int64(10*time.Millisecond))
			continue
		}
		a, err := parseAdvert(buffer[:n])
		if err != nil || subtle.ConstantTimeCompare([]byte(a.Token), []byte(token)) != 1 {
			continue
		}
		m := members[a.RouterID]
		if m == nil || m.cfg.Address != a.Address || !m.knows(from.Addr()) {
			continue
		}
		select {
		case m.adverts <- received{a, from.Addr().Unmap()}:
		case <-ctx.Done():
			return nil
		}
	}
}

// received is an advert and its sender.
type received struct {
	advert
	from netip.Addr
}
