package agent

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/proxy"
)

// Partition drops all frames between this node and others. Recovery removes the packet filter.
var Partition = Executor{inject: (*host).cutOff, recover: (*host).heal}

// filterTable is the table of a partition's packet filter. It has no other rules, so recovery deletes the table.
const filterTable = "spof-partition"

// cutOff cuts the node off from others in both directions, silently, as if the switch between them had failed: it drops their frames,
// ARP too, where they enter and leave the node's links. Traffic between the node and its users continues.
func (h *host) cutOff(_ context.Context, f Fault) (p proxy.Proven, err error) {
	if h.spec.Shared {
		return p, errors.New("nodes that share one network stack cannot be partitioned")
	}
	peers, err := h.peers(f.Apart)
	if err != nil {
		return p, err
	}
	if len(peers) == 0 {
		return p, errors.New("no other node to partition from")
	}
	filter, rules := partitionFilter(h.links.all, peers)
	began := proxy.Monotonic()
	if err = filter.Flush(); err != nil {
		return p, fmt.Errorf("packet filter: %w", err)
	}
	p.Interval = proxy.Since(began)
	found, err := countRules()
	if err == nil && found != rules {
		err = fmt.Errorf("packet filter: %d rules where %d were set", found, rules)
	}
	p.Proof = fmt.Sprintf("%d rules drop all frames from and to %d node(s)", found, len(peers))
	return p, err
}

// heal removes the packet filter.
func (h *host) heal(_ context.Context, f Fault) (p proxy.Proven, err error) {
	filter := &nftables.Conn{}
	filter.DelTable(&nftables.Table{Family: nftables.TableFamilyNetdev, Name: filterTable})
	began := proxy.Monotonic()
	if err = filter.Flush(); err != nil {
		return p, fmt.Errorf("packet filter: %w", err)
	}
	p.Interval = proxy.Since(began)
	found, err := countRules()
	if err == nil && found != 0 {
		err = fmt.Errorf("packet filter: %d rules are left", found)
	}
	p.Proof = "the packet filter is removed"
	return p, err
}

// peers gives the addresses of the nodes on the other side.
func (h *host) peers(names []string) ([]netip.Addr, error) {
	var all []netip.Addr
	for _, name := range names {
		if name == h.spec.Node { // the plan did not know which node the fault would strike
			continue
		}
		addr, err := netip.ParseAddr(h.spec.Peers[name])
		if err != nil || !addr.Is4() {
			return nil, fmt.Errorf("no IPv4 address of node %q", name)
		}
		all = append(all, addr)
	}
	return all, nil
}

// Offsets of IPv4 addresses behind the link-layer header (RFC 791; RFC 826 for Ethernet and IPv4).
const (
	ipSource, ipDestination = 12, 16
	arpSender, arpTarget    = 14, 24
)

// partitionFilter builds the packet filter for one Flush, and gives the number of its rules.
func partitionFilter(links []netlink.Link, peers []netip.Addr) (filter *nftables.Conn, rules int) {
	filter = &nftables.Conn{}
	table := filter.AddTable(&nftables.Table{Family: nftables.TableFamilyNetdev, Name: filterTable})
	for _, link := range links {
		for _, way := range []struct {
			name    string
			hook    *nftables.ChainHook
			ip, arp uint32
		}{{"in", nftables.ChainHookIngress, ipSource, arpSender}, {"out", nftables.ChainHookEgress, ipDestination, arpTarget}} {
			chain := filter.AddChain(&nftables.Chain{
				Table: table, Name: way.name + "-" + link.Attrs().Name, Type: nftables.ChainTypeFilter,
				Hooknum: way.hook, Priority: nftables.ChainPriorityFilter, Device: link.Attrs().Name,
			})
			for _, peer := range peers {
				filter.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: dropping(unix.ETH_P_IP, way.ip, peer)})
				filter.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: dropping(unix.ETH_P_ARP, way.arp, peer)})
				rules += 2
			}
		}
	}
	return filter, rules
}

// dropping drops frames of a protocol with an address at an offset of their payload.
func dropping(protocol uint16, offset uint32, addr netip.Addr) []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyPROTOCOL, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{byte(protocol >> 8), byte(protocol)}},
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: 4},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: addr.AsSlice()},
		&expr.Verdict{Kind: expr.VerdictDrop},
	}
}

// countRules gives the number of the partition's rules in the kernel.
func countRules() (int, error) {
	filter := &nftables.Conn{}
	tables, err := filter.ListTablesOfFamily(nftables.TableFamilyNetdev)
	if err != nil {
		return 0, fmt.Errorf("packet filter: %w", err)
	}
	if !slices.ContainsFunc(tables, func(t *nftables.Table) bool { return t.Name == filterTable }) {
		return 0, nil
	}
	chains, err := filter.ListChainsOfTableFamily(nftables.TableFamilyNetdev)
	if err != nil {
		return 0, fmt.Errorf("packet filter: %w", err)
	}
	count := 0
	for _, chain := range chains {
		if chain.Table.Name != filterTable {
			continue
		}
		rules, err := filter.GetRules(chain.Table, chain)
		if err != nil {
			return 0, fmt.Errorf("packet filter: %w", err)
		}
		count += len(rules)
	}
	return count, nil
}
