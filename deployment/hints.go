package deployment

import (
	"net/netip"
	"strings"

	"github.com/seed-ab8b6914/spof/reason"
)

// ParseHints reads the flags that say what no file says. nodes: NAME, NAME=ADDRESS or NAME=INTERFACE:ADDRESS,INTERFACE:ADDRESS; runs:
// NODE=FILE; users: ADDRESS:PORT or a PAC file; browser: chrome, firefox or empty.
func ParseHints(nodes, runs, users []string, browser string) (h Hints, err error) {
	for _, text := range nodes {
		one, err := parseNode(text)
		if err != nil {
			return h, err
		}
		h.Nodes = append(h.Nodes, one)
	}
	for _, text := range runs {
		node, file, ok := strings.Cut(text, "=")
		if !ok || nameOf(node) != node || file == "" {
			return h, reason.Errorf("flag-value", "--run %q: want NODE=FILE, such as squid-a=squid.conf", text)
		}
		h.Runs = append(h.Runs, RunOn{node, file})
	}
	if browser != "" && browser != "chrome" && browser != "firefox" {
		return h, reason.Errorf("flag-value", "--browser %q: valid are chrome, firefox", browser)
	}
	h.Browser = browser
	for _, text := range users {
		e := Entry{From: Source{Why: "--users"}}
		if e.Address, err = netip.ParseAddrPort(text); err != nil {
			if !strings.HasSuffix(text, ".pac") && !strings.HasSuffix(text, ".dat") {
				return h, reason.Errorf("flag-value", "--users %q: want ADDRESS:PORT, such as 10.20.1.100:3128, or a PAC file", text)
			}
			e.PAC, e.Browser = text, "chrome"
			if browser != "" {
				e.Browser = browser
			}
		}
		h.Users = append(h.Users, e)
	}
	return h, nil
}

func parseNode(text string) (h Interfaces, err error) {
	name, list, _ := strings.Cut(text, "=")
	wrong := reason.Errorf("flag-value", "--node %q: want NAME=ADDRESS, such as lb1=10.20.4.21 or gw1=eth0:192.168.90.2/24,eth1:172.20.57.2/24", text)
	if name == "" || nameOf(name) != name {
		return h, wrong
	}
	h.Node = name
	for _, word := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' }) {
		one := Interface{From: Source{Why: "--node"}}
		p, ok := prefixOf(word)
		if !ok {
			var address string
			if one.Name, address, ok = strings.Cut(word, ":"); ok {
				p, ok = prefixOf(address)
			}
		}
		if !ok {
			return h, wrong
		}
		one.Address = p
		h.Of = append(h.Of, one)
	}
	return h, nil
}
