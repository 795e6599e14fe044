// Package proxy describes what runs on a node: the processes with their files, commands and readiness, the configuration of spof's own
// programs, and the events of all of them. It has the health check and the controls that the programs of a node share. Package engine
// turns a service into a process, package configure a design into nodes. Package proxy starts nothing.
package proxy

import (
	"errors"
	"net/netip"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/reason"
)

// Names of the processes that are no service of the topology.
const (
	ServiceKeepalived = "keepalived" // real or builtin
	ServiceWAN        = "wan"
	ServiceOrigin     = "origin"
)

// Errors of a design that a lab cannot run.
var (
	ErrName        = reason.Errorf("bad-name", "not a name of lower-case letters, digits and dashes")
	ErrNoAddress   = reason.Errorf("no-address", "the lab gave it no address")
	ErrUnsupported = reason.Errorf("unsupported", "not supported")
	ErrNotFound    = reason.Errorf("not-in-topology", "not in the topology")
	ErrNoAuthority = errors.New("the site has no authority to sign certificates: set it with NewAuthority")
)

// ErrRefused says that an engine does not accept its configuration.
var ErrRefused = reason.Errorf("engine-refuses", "the engine refuses its configuration")

// Site is the place of a topology in a lab: the address of every node, and the kind of its engines.
type Site struct {
	LAN map[string]netip.Addr // every node except origins, on the network of users, proxies and gateways
	WAN map[string]netip.Addr // origins, and in docker also gateways, on the network behind the WAN links
	VIP map[string]netip.Addr // every address of the topology
	// Guests is the network whose programs may use the proxies as users do, although they are no nodes: the host of the lab, and containers
	// that join the LAN. The zero value: nobody but the nodes.
	Guests netip.Prefix
	// Builtin says that spof's own engines replace the real ones.
	Builtin bool
	// Shared says that all nodes share one network stack (loopback). Services then bind to their node's address, the holder of
	// a VRRP address relays it, and the agent opens the sockets (Process.Listen).
	Shared bool
	// Dir is the node's directory for configuration and state. %NODE% in it stands for the node's name. With Shared it is NODE in a
	// directory that no other user can enter.
	Dir string
	// Token is the lab's secret, with Shared. Interfaces that other users of the machine can reach require it.
	Token string
	// Authority signs the origins' certificates. Users trust its PEM.
	Authority *Authority
}

// NodeSpec is everything that an agent runs on its node.
type NodeSpec struct {
	Node      string            `json:"node"`
	Hosts     map[string]string `json:"hosts,omitempty"` // name -> address, for the node's hosts file (docker only)
	Processes []Process         `json:"processes"`
	// Network is what the node sets up first; nil: the lab has done that.
	Network *NodeNetwork `json:"network,omitempty"`
	// Files are the node's own, beside those of its processes. They are written before any process starts.
	Files []File `json:"files,omitempty"`
	// Peers gives the address of every other node of the design, for faults between nodes. On an origin it gives the address of
	// every WAN link.
	Peers map[string]string `json:"peers,omitempty"`
	// Chassis is the node's hardware; nil on nodes that are not part of the service.
	Chassis *ChassisConfig `json:"chassis,omitempty"`
	// Shared is Site.Shared: the node has no network interfaces of its own.
	Shared bool `json:"shared,omitempty"`
	// Watch is what the agent reports of the node's network; nil: nothing.
	Watch *NetworkWatch `json:"watch,omitempty"`
}

// NodeNetwork is the network of a node that runs a team's files: the files name its interfaces and addresses.
type NodeNetwork struct {
	Interfaces map[netip.Addr]string `json:"interfaces"`     // names of the interfaces that have these addresses
	Also       []netip.Prefix        `json:"also,omitempty"` // further addresses, on the interface with an address of the same network
	Resolver   netip.Addr            `json:"resolver"`       // the node's DNS server
}

// NetworkWatch is what an agent reports of its node's network.
type NetworkWatch struct {
	// Addresses names the IPv4 addresses of the design that move between nodes. The node reports their announcements that it hears.
	Addresses map[netip.Addr]string `json:"addresses,omitempty"`
	// Holds: the node may hold such an address. It reports its own announcements too, and that its interface gains or loses the address.
	Holds bool `json:"holds,omitempty"`
	// Routes: the node reports changes of its routes through a gateway.
	Routes bool `json:"routes,omitempty"`
}

// Process is one program on a node: its files, command, readiness and source of events.
type Process struct {
	Service string   `json:"service"` // unique on the node: the topology's service name, or keepalived, wan, origin
	Engine  string   `json:"engine"`  // squid, haproxy, nginx, keepalived, builtin, toxiproxy
	Files   []File   `json:"files,omitempty"`
	Command []string `json:"command"` // Command[0] "spof" stands for this program itself
	Env     []string `json:"env,omitempty"`
	// Stale lists files to remove before each start: pid files.
	Stale []string `json:"stale,omitempty"`
	// Segments is the prefix of the names of the process's shared memory segments. They are removed before each start. Empty: none.
	Segments string `json:"segments,omitempty"`
	// Check is the engine's own check of its configuration: it ends with 0 or one of CheckPasses. Empty: none. It runs before every process
	// of the node starts, and its refusal is an ErrRefused.
	Check       []string `json:"check,omitempty"`
	CheckPasses []int    `json:"check_passes,omitempty"`
	// Before is a command that must end successfully before each start; empty: none.
	Before []string `json:"before,omitempty"`
	// Disk is the mount point of a filesystem that only this process uses; empty: none.
	Disk string `json:"disk,omitempty"`
	// Listen lists TCP addresses that the agent opens and passes on as file descriptors 3, 4, ... (builtin engines only).
	Listen []string `json:"listen,omitempty"`
	// Ready is the TCP address that accepts once the service is ready; empty: ready when started.
	Ready string `json:"ready,omitempty"`
	// Events names the parser of the process's events: an engine, or json for spof's own programs; empty: none.
	Events string `json:"events,omitempty"`
	// Names maps addresses in events to nodes, for engines that know their servers only by address.
	Names map[string]string `json:"names,omitempty"`
	// Aside is the time for which a server-down event holds; 0: until the server-up event.
	Aside time.Duration `json:"aside_ns,omitempty"`
	// FIFO is a named pipe for events, created before the start; empty: events are on standard output. Squid gives up root and then
	// cannot open standard output; its events are on standard error.
	FIFO string `json:"fifo,omitempty"`
	// Control is the unix socket of the process's control interface (toxiproxy), for the node's agent only; empty: none.
	Control string `json:"control,omitempty"`
	// StopsIn is the longest time that the process takes to end after SIGTERM; 0: it ends at once.
	StopsIn time.Duration `json:"stops_in_ns,omitempty"`
	// Reload makes the process read its first file again; nil: it cannot.
	Reload *Reload `json:"reload,omitempty"`
	// Pace is the unix socket that sets an origin's delay, for the node's agent only; empty: not an origin.
	Pace string `json:"pace,omitempty"`
	// Refusing is the unix socket that sets the clients that an origin refuses, for the node's agent only; empty: it cannot refuse.
	Refusing string `json:"refusing,omitempty"`
	// Responder is the access to a DNS responder, for the node's agent only; nil: not a DNS responder.
	Responder *ResponderFace `json:"responder,omitempty"`
	// Relay lists the addresses that the agent relays to this service while the node is their VRRP master (Shared only).
	Relay []Relay `json:"relay,omitempty"`
}

// Relay forwards TCP connections at Listen to To while the node holds the VRRP address.
type Relay struct {
	Address string `json:"address"` // the address's name in the topology
	Listen  string `json:"listen"`
	To      string `json:"to"`
	// Turnover is the unix socket at which a new holder asks the old one to release the address.
	Turnover string `json:"turnover"`
}

// File is a file to write before a process starts.
type File struct {
	Path    string `json:"path"`
	Mode    uint32 `json:"mode"`
	Content string `json:"content"`
}

// Event is something that happened on a node. At is in ns of the lab host's CLOCK_MONOTONIC.
type Event struct {
	At      int64     `json:"at_ns"`
	Node    string    `json:"node,omitempty"`
	Service string    `json:"service,omitempty"`
	Kind    EventKind `json:"kind"`
	// Subject is an address for vrrp, address and announced, a server for server-up, server-down and check-failed; for other kinds see their
	// constants.
	Subject string `json:"subject,omitempty"`
	// State is the new state: MASTER, BACKUP or FAULT for vrrp; off or on for power; a phase's name for phase.
	State State  `json:"state,omitempty"`
	Text  string `json:"text,omitempty"` // for people
	// Hardware is the hardware address (MAC) of the interface that announces an address. For announced; empty: not known.
	Hardware string `json:"hardware,omitempty"`
	// For is the time for which the state holds, for a server that a passive check set aside; 0: until the next event. For the end
	// of a stream it is the time since the stream's last answer. For service-cpu it is processor time.
	For time.Duration `json:"for_ns,omitempty"`
	// Uncertainty is half the width of the interval in which the event was proven to lie. At is the middle.
	Uncertainty time.Duration `json:"uncertainty_ns,omitempty"`
	Fault       string        `json:"fault,omitempty"` // the fault's id, for fault-* events
	// Up and Down are the bytes that a WAN link has carried to and from the origins since its start. For wan-bytes.
	Up   int64 `json:"up_bytes,omitempty"`
	Down int64 `json:"down_bytes,omitempty"`
}

// EventKind names a kind of event.
type EventKind string

// The kinds of event.
const (
	EventVRRP          EventKind = "vrrp"           // State VRRPMaster, VRRPBackup or VRRPFault
	EventAddress       EventKind = "address"        // State added or removed: the node's interface has the address Subject, or has it no longer
	EventAnnounced     EventKind = "announced"      // the address Subject is announced (gratuitous ARP): State sent by this node, or heard by it
	EventRoute         EventKind = "route"          // State added or removed: the node's route to Subject, default or a prefix
	EventWatching      EventKind = "watching"       // the node reports announcements from now on
	EventServerUp      EventKind = "server-up"      // a balancer takes Subject into service
	EventServerDown    EventKind = "server-down"    // a balancer takes Subject out of service
	EventCheckFailed   EventKind = "check-failed"   // a check of Subject failed, by a balancer or a DNS responder that does not react yet
	EventPACBad        EventKind = "pac-bad"        // a browser sets the proxy Subject aside
	EventPACError      EventKind = "pac-error"      // a PAC file failed; its users go DIRECT
	EventRecord        EventKind = "record"         // State withdrawn or back: the record of the node Subject in a DNS responder's answers
	EventDNSFailed     EventKind = "dns-failed"     // users get no DNS answer any more
	EventPeerDead      EventKind = "peer-dead"      // a Squid declares a peer dead
	EventServiceReady  EventKind = "service-ready"  //
	EventServiceExit   EventKind = "service-exit"   // a service ended, and the agent did not end it
	EventPower         EventKind = "power"          // State off or on: the node lost its power, or has booted
	EventWANFlip       EventKind = "wan-flip"       // State lost or back: a link that flaps
	EventWANBytes      EventKind = "wan-bytes"      // the bytes that a WAN link has carried so far
	EventServiceCPU    EventKind = "service-cpu"    // For is the processor time so far of that thread of a service which has used most
	EventSessionBroken EventKind = "session-broken" // a user's exit, Subject, was unreachable before the session ended
	EventStreamOpen    EventKind = "stream-open"    // the user Subject of the group Node has a working stream
	EventStreamBroken  EventKind = "stream-broken"  // that user lost the stream
	EventStreamEnd     EventKind = "stream-end"     // that user still had the stream when the load ended, answering or not
	EventPhase         EventKind = "phase"          // State names the phase that begins
	EventFaultAsked    EventKind = "fault-asked"    // the planned instant of a fault
	EventFaultEffect   EventKind = "fault-effect"   // the proven instant
	EventRecoverAsked  EventKind = "recover-asked"  //
	EventRecoverEffect EventKind = "recover-effect" //
)

// The kinds of event of a node's chassis.
const (
	EventSensor   EventKind = "sensor"           // State ok, warning or critical of a temperature
	EventPSU      EventKind = "psu"              // State ok or critical of a power supply
	EventFans     EventKind = "fans"             // State ok or critical
	EventChassis  EventKind = "chassis"          // State ok, warning or critical: the worst health of a node's hardware
	EventShutdown EventKind = "chassis-shutdown" // the chassis turned itself off: too hot, or too few PSUs
	EventFailed   EventKind = "chassis-failed"   // a decision of the chassis failed: Text says which, and why
	EventInput    EventKind = "input"            // the input of the PSU Subject was lost or came back, between the planned and the proven instant
	EventSignal   EventKind = "signal"           // State ready, drain or leave: the chassis's signal
)

// State is the new state of an event's Subject, or of the node.
type State string

// The states of EventVRRP, as in keepalived. keepalived's STOP, its clean end, is VRRPFault.
const (
	VRRPMaster State = policy.NameMaster
	VRRPBackup State = policy.NameBackup
	VRRPFault  State = policy.NameFault
)

// States of EventAddress and EventRoute.
const (
	Added   State = "added"
	Removed State = "removed"
)

// States of EventAnnounced.
const (
	AnnouncementSent  State = "sent"
	AnnouncementHeard State = "heard"
)

// States of the events of a node's hardware.
const (
	HardwareOK       State = "ok"
	HardwareWarning  State = "warning"
	HardwareCritical State = "critical"
)

// States of EventWANFlip.
const (
	LinkLost State = "lost"
	LinkBack State = "back"
)

// States of EventRecord.
const (
	RecordWithdrawn State = "withdrawn"
	RecordBack      State = "back"
)

// States of EventPower.
const (
	PowerOff State = "off"
	PowerOn  State = "on"
)
