package agent

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/proxy"
)

// PacketLoss drops a share of the IPv4 packets of the node's links at random. ARP passes. Recovery removes the packet filter.
var PacketLoss = Executor{inject: (*host).lose, recover: (*host).deliver}

// Directions of a packet loss, from the node; the first is the default.
const (
	BothWays = "both"
	Inbound  = "in"
	Outbound = "out"
)

// Directions lists them.
var Directions = []string{BothWays, Inbound, Outbound}

// lossTable is the table of the packet filter of a loss. It has no other rules, so recovery deletes the table.
const lossTable = "spof-packet-loss"

// lossScale is the resolution of the share: 1/10000.
const lossScale = 10000

// firstLoss is how long the proof waits for a lost packet. A node with little traffic may lose none in that time.
const firstLoss = time.Second

// sureLoss is the number of lost packets to expect above which none at all proves that the filter does not work.
const sureLoss = 20

// lose sets the packet filter. The effect is its commit. The proof is that the kernel has its rules, and the first lost packet.
func (h *host) lose(ctx context.Context, f Fault) (p proxy.Proven, err error) {
	if h.spec.Shared {
		return p, errors.New("nodes that share one network stack have no links of their own that could lose packets")
	}
	filter := lossFilter(h.links.all, f.Loss, f.Direction)
	began := proxy.Monotonic()
	if err = filter.Flush(); err != nil {
		return p, fmt.Errorf("packet filter: %w", err)
	}
	p.Interval = proxy.Since(began)
	var n lossCount
	waits, cancel := context.WithTimeout(ctx, firstLoss)
	defer cancel()
	_ = poll(waits, "no packet was lost", func() bool { // none is no error: no packet may have come
		n, err = countLost()
		return err != nil || n.lost > 0
	})
	if want := len(filterWays(f.Direction)) * len(h.links.all); err == nil && n.rules != want {
		err = fmt.Errorf("packet filter: %d rules that drop where %d were set", n.rules, want)
	}
	p.Proof = fmt.Sprintf("%d rule(s) drop %g %% of the packets; %d of the first %d were lost", n.rules, 100*f.Loss, n.lost, n.seen)
	return p, err
}

// deliver removes the packet filter. Its last counters are the proof of the share.
func (h *host) deliver(_ context.Context, f Fault) (p proxy.Proven, err error) {
	n, err := countLost()
	if err != nil {
		return p, err
	}
	if n.lost == 0 && float64(n.seen)*f.Loss > sureLoss {
		return p, fmt.Errorf("packet filter: none of %d packets was lost", n.seen)
	}
	filter := &nftables.Conn{}
	filter.DelTable(&nftables.Table{Family: nftables.TableFamilyNetdev, Name: lossTable})
	began := proxy.Monotonic()
	if err = filter.Flush(); err != nil {
		return p, fmt.Errorf("packet filter: %w", err)
	}
	p.Interval = proxy.Since(began)
	tables, err := filter.ListTablesOfFamily(nftables.TableFamilyNetdev)
	if err == nil && slices.ContainsFunc(tables, func(t *nftables.Table) bool { return t.Name == lossTable }) {
		err = errors.New("packet filter: its table is left")
	}
	p.Proof = fmt.Sprintf("%d of %d packets were lost; the packet filter is removed", n.lost, n.seen)
	return p, err
}

// lossFilter builds the packet filter for one Flush. A chain has two rules: one counts the packets, one counts and drops a share of them.
func lossFilter(links []netlink.Link, share float64, direction string) *nftables.Conn {
	filter := &nftables.Conn{}
	table := filter.AddTable(&nftables.Table{Family: nftables.TableFamilyNetdev, Name: lossTable})
	for _, link := range links {
		for _, way := range filterWays(direction) {
			chain := filter.AddChain(&nftables.Chain{
				Table: table, Name: way.name + "-" + link.Attrs().Name, Type: nftables.ChainTypeFilter,
				Hooknum: way.hook, Priority: nftables.ChainPriorityFilter, Device: link.Attrs().Name,
			})
			filter.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: append(ofIPv4(), &expr.Counter{})})
			filter.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: append(ofIPv4(),
				&expr.Numgen{Register: 1, Modulus: lossScale, Type: unix.NFT_NG_RANDOM},
				// numbers are in the byte order of the machine, and are compared in that of the network
				&expr.Byteorder{SourceRegister: 1, DestRegister: 1, Op: expr.ByteorderHton, Len: 4, Size: 4},
				&expr.Cmp{Op: expr.CmpOpLt, Register: 1, Data: binaryutil.BigEndian.PutUint32(uint32(math.Round(share * lossScale)))},
				&expr.Counter{}, &expr.Verdict{Kind: expr.VerdictDrop})})
		}
	}
	return filter
}

// filterWay is a way of packets through a link, and where a filter sees them.
type filterWay struct {
	name string
	hook *nftables.ChainHook
}

// filterWays gives the ways of a direction.
func filterWays(direction string) []filterWay {
	in, out := filterWay{Inbound, nftables.ChainHookIngress}, filterWay{Outbound, nftables.ChainHookEgress}
	switch direction {
	case Inbound:
		return []filterWay{in}
	case Outbound:
		return []filterWay{out}
	}
	return []filterWay{in, out}
}

// ofIPv4 matches IPv4 packets.
func ofIPv4() []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyPROTOCOL, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{unix.ETH_P_IP >> 8, unix.ETH_P_IP & 0xff}},
	}
}

// lossCount is what a packet filter has counted: the packets that came, those of them that were dropped, and the rules that drop.
type lossCount struct {
	seen, lost uint64
	rules      int
}

// countLost reads the counters of the packet filter.
func countLost() (n lossCount, err error) {
	filter := &nftables.Conn{}
	chains, err := filter.ListChainsOfTableFamily(nftables.TableFamilyNetdev)
	if err != nil {
		return n, fmt.Errorf("packet filter: %w", err)
	}
	for _, chain := range chains {
		if chain.Table.Name != lossTable {
			continue
		}
		rules, err := filter.GetRules(chain.Table, chain)
		if err != nil {
			return n, fmt.Errorf("packet filter: %w", err)
		}
		for _, rule := range rules {
			n.add(rule)
		}
	}
	return n, nil
}

// add adds the counter of a rule.
func (n *lossCount) add(rule *nftables.Rule) {
	drops := slices.ContainsFunc(rule.Exprs, func(e expr.Any) bool { _, is := e.(*expr.Verdict); return is })
	if drops {
		n.rules++
	}
	for _, e := range rule.Exprs {
		if c, is := e.(*expr.Counter); is && drops {
			n.lost += c.Packets
		} else if is {
			n.seen += c.Packets
		}
	}
}
