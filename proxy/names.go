package proxy

import "net/netip"

// NamesConfig is the configuration of `spof node names`: the DNS server of a lab of a team's files. File descriptor 3 is its TCP socket. The
// server opens the UDP socket itself. It prints nothing.
type NamesConfig struct {
	Listen string                `json:"listen"` // UDP, and the address of file descriptor 3
	Names  map[string]netip.Addr `json:"names"`
	Others netip.Addr            `json:"others"` // the address of every other name
}

// ServiceNames is the process of the DNS server of a lab of a team's files.
const ServiceNames = "names"
