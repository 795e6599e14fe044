package deployment

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/topology/pac"
)

// PACList is a list of hops that a PAC file gives to the requests of some hosts.
type PACList struct {
	Host string // an example
	Hops []pac.Hop
	At   configtext.Pos // of the domain of the example; of any other host: of the function
}

// anyHost is a host that no PAC file names.
const anyHost = "www.any-other-site.example"

// maxDomains bounds the domains of a PAC file that are tried.
const maxDomains = 50

var (
	domain   = regexp.MustCompile(`['"](\.[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*)['"]`)
	function = regexp.MustCompile(`\bfunction[ \t]+FindProxyForURL`)
)

// PACLists gives the different lists of a PAC file: that of hosts which it does not name first, then those of the domains that it names.
// A list without a proxy is left out.
func PACLists(f configtext.File) (lists []PACList, err error) {
	// The names that the file resolves are unknown here, as those of sites in the Internet often are to users behind a proxy.
	script, err := pac.Load(f.Path, string(f.Data), pac.Environment{Own: netip.AddrFrom4([4]byte{192, 0, 2, 1})})
	if err != nil {
		return nil, err
	}
	defer script.Close()
	for _, try := range tries(f) {
		hops, err := script.Find("http://"+try.text+"/", try.text)
		if err != nil {
			return nil, err
		}
		known := slices.ContainsFunc(lists, func(l PACList) bool { return slices.Equal(l.Hops, hops) })
		if !known && slices.ContainsFunc(hops, func(h pac.Hop) bool { return !h.Direct() }) {
			lists = append(lists, PACList{try.text, hops, try.at})
		}
	}
	return lists, nil
}

// tries are the hosts to ask for.
func tries(f configtext.File) []claim {
	at := func(offset int) configtext.Pos {
		line := f.Data[:offset]
		return configtext.Pos{File: f.Path, Line: 1 + strings.Count(string(line), "\n"), Col: offset - strings.LastIndexByte(string(line), '\n'), Offset: offset}
	}
	all := []claim{{anyHost, at(max(0, index(function.FindIndex(f.Data))))}}
	for _, m := range domain.FindAllSubmatchIndex(f.Data, maxDomains) {
		all = append(all, claim{"www" + string(f.Data[m[2]:m[3]]), at(m[2])})
	}
	return all
}

func index(m []int) int {
	if len(m) == 0 {
		return -1
	}
	return m[0]
}

// Name says for whom a list is.
func (l PACList) Name() string {
	if l.Host == anyHost {
		return "any other host"
	}
	return l.Host
}

func (l PACList) String() string {
	var words []string
	for _, h := range l.Hops {
		words = append(words, fmt.Sprint(h))
	}
	return strings.Join(words, "; ")
}
