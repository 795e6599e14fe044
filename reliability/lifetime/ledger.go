package lifetime

// ledger is a share, and which causes took what is missing of it.
type ledger struct {
	share float64
	debts []debt // sum up to 1 - share; the last is paid back first
}

// debt is a share that a cause took away and nothing has given back.
type debt struct {
	share float64
	cause int
}

func (g *ledger) clear() { g.share, g.debts = 1, g.debts[:0] }

// set changes the share. A fall is the debt of its cause. What comes back pays the last fall first.
func (g *ledger) set(share float64, cause int) {
	if share < g.share {
		g.debts = append(g.debts, debt{g.share - share, cause})
	} else {
		g.pay(share)
	}
	g.share = share
}

// pay takes the last debts away until they sum up to 1 - share.
func (g *ledger) pay(share float64) {
	back := share - g.share
	for n := len(g.debts) - 1; n >= 0; n-- {
		if g.debts[n].share > back && share < 1 {
			g.debts[n].share -= back
			return
		}
		back -= g.debts[n].share
		g.debts = g.debts[:n]
	}
}
