// Package proxy says what runs on a node: its processes with their files, commands and readiness, the configuration of spof's own
// programs, and the events that all of them tell. It has the health check and the controls that programs of a node share. What an
// engine makes of a service is in package engine, what a design makes of a node in package configure. It starts nothing.
package proxy

import (
	"errors"
	"net/netip"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// Names of the processes that no service of a topology stands for.
const (
	ServiceKeepalived = "keepalived" // real or builtin
	ServiceWAN        = "wan"
	ServiceOrigin     = "origin"
)

// Errors of a design that cannot be configured for.
var (
	ErrName        = errors.New("not a name of lower-case letters, digits and dashes")
	ErrNoAddress   = errors.New("the lab gave it no address")
	ErrUnsupported = errors.New("not supported")
	ErrNotFound    = errors.New("not in the topology")
	ErrNoAuthority = errors.New("the site has no authority to sign certificates: set it with NewAuthority")
)

// Site says where a lab put a topology: the address of every node, and whether real engines run there.
type Site struct {
	LAN map[string]netip.Addr // every node but origins: its address on the network of users, proxies and gateways
	WAN map[string]netip.Addr // origins (and in docker the gateways): the address on the far network
	VIP map[string]netip.Addr // every address of the topology
	// Builtin says that spof's own engines stand in for the real ones.
	Builtin bool
	// Shared says that all nodes share one network stack (loopback): services bind to their node's own address, the
	// holder of a VRRP address relays it, and sockets are opened by the agent (Process.Listen).
	Shared bool
	// Dir is a directory of the node for configuration and state; %NODE% in it stands for the node's name. Where nodes are Shared
	// it is NODE in a directory that no other user can enter.
	Dir string
	// Token is a secret of the lab where nodes are Shared: what other users of the machine can reach asks for it.
	Token string
	// Authority signs the origins' certificates; users trust its PEM.
	Authority *Authority
}

// NodeSpec is all an agent has to run on its node.
type NodeSpec struct {
	Node      string            `json:"node"`
	Hosts     map[string]string `json:"hosts,omitempty"` // name -> address, for the node's hosts file (docker only)
	Processes []Process         `json:"processes"`
	// Peers gives the address of every other node of the design, for faults between nodes; on an origin, of every WAN link.
	Peers map[string]string `json:"peers,omitempty"`
	// Chassis is the node's hardware; nil on nodes that are no part of the service.
	Chassis *ChassisConfig `json:"chassis,omitempty"`
	// Shared is Site.Shared: the node has no links of its own to take down.
	Shared bool `json:"shared,omitempty"`
}

// Process is one program to run: files to write first, the command, how to see that it is ready, where events come from.
type Process struct {
	Service string   `json:"service"` // unique on the node: the topology's service name, or keepalived, wan, origin
	Engine  string   `json:"engine"`  // squid, haproxy, nginx, keepalived, builtin, toxiproxy
	Files   []File   `json:"files,omitempty"`
	Command []string `json:"command"` // Command[0] "spof" stands for this program itself
	Env     []string `json:"env,omitempty"`
	// Stale lists files to remove before each start: pid files.
	Stale []string `json:"stale,omitempty"`
	// Segments begins the names of the process's shared memory segments, which are removed before each start too; empty: it has
	// none.
	Segments string `json:"segments,omitempty"`
	// Before is a command to run to its end before each start; empty: none.
	Before []string `json:"before,omitempty"`
	// Disk is where the filesystem is that the process alone keeps things on; empty: it has none of its own.
	Disk string `json:"disk,omitempty"`
	// Listen lists TCP addresses the agent opens and passes on as file descriptors 3, 4, ... (builtin engines only).
	Listen []string `json:"listen,omitempty"`
	// Ready is the TCP address that accepts once the service is ready; empty: ready when started.
	Ready string `json:"ready,omitempty"`
	// Events names the parser of the process's events, by its engine (json: spof's own programs); empty: none.
	Events string `json:"events,omitempty"`
	// Names gives what the addresses in the events stand for, where an engine knows its servers by address alone.
	Names map[string]string `json:"names,omitempty"`
	// Aside is how long a server is out of service that the process tells to be; 0: until it tells that it is back.
	Aside time.Duration `json:"aside_ns,omitempty"`
	// FIFO is a named pipe to create before the start and to read events from; empty: events are on standard output
	// (Squid's, which leaves root and cannot open that, on standard error).
	FIFO string `json:"fifo,omitempty"`
	// Control is the unix socket of the process's control interface (toxiproxy), for the node's agent only; empty: it has none.
	Control string `json:"control,omitempty"`
	// StopsIn is how long it takes at most to end when it is told to; 0: it ends at once.
	StopsIn time.Duration `json:"stops_in_ns,omitempty"`
	// Reload is how the process is told to read its first file again; nil: it cannot.
	Reload *Reload `json:"reload,omitempty"`
	// Pace is the unix socket where an origin is told how slow to be, for the node's agent only; empty: it is none.
	Pace string `json:"pace,omitempty"`
	// Refusing is the unix socket where an origin is told whom to refuse, for the node's agent only; empty: it cannot be.
	Refusing string `json:"refusing,omitempty"`
	// Responder is how a DNS responder is asked and told to fail, by the node's agent only; nil: it is none.
	Responder *ResponderFace `json:"responder,omitempty"`
	// Relay lists the addresses that the agent relays to this service while the node is their VRRP master (Shared only).
	Relay []Relay `json:"relay,omitempty"`
}

// Relay forwards TCP connections at Listen to To while the node holds the VRRP address.
type Relay struct {
	Address string `json:"address"` // the address's name in the topology
	Listen  string `json:"listen"`
	To      string `json:"to"`
	// Turnover is the unix socket at which the holder is asked to let the address go.
	Turnover string `json:"turnover"`
}

// File is a file to write before a process starts.
type File struct {
	Path    string `json:"path"`
	Mode    uint32 `json:"mode"`
	Content string `json:"content"`
}

// Event is something that happened on a node, at an instant of the lab host's monotonic clock.
type Event struct {
	At      int64     `json:"at_ns"`
	Node    string    `json:"node,omitempty"`
	Service string    `json:"service,omitempty"`
	Kind    EventKind `json:"kind"`
	// Subject is what the event is about: an address for vrrp, a server for server-up and server-down.
	Subject string `json:"subject,omitempty"`
	// State is the new state: MASTER, BACKUP or FAULT for vrrp; off or on for power; a phase's name for phase.
	State State  `json:"state,omitempty"`
	Text  string `json:"text,omitempty"` // for people
	// For is how long the state lasts by itself: a server that a passive check has set aside; 0: until another event. Of a
	// stream that has ended it is how long ago its last answer was.
	For time.Duration `json:"for_ns,omitempty"`
	// Uncertainty is half the width of the interval that At was proven to lie in.
	Uncertainty time.Duration `json:"uncertainty_ns,omitempty"`
	Fault       string        `json:"fault,omitempty"` // the fault's id, for fault-* events
	// Up and Down are what a WAN link has carried since it came up, in bytes: to the origins, and from them. For wan-bytes.
	Up   int64 `json:"up_bytes,omitempty"`
	Down int64 `json:"down_bytes,omitempty"`
}

// EventKind is what kind of thing happened.
type EventKind string

// The kinds of event.
const (
	EventVRRP          EventKind = "vrrp"           // State VRRPMaster, VRRPBackup or VRRPFault
	EventServerUp      EventKind = "server-up"      // a balancer takes Subject into service
	EventServerDown    EventKind = "server-down"    // a balancer takes Subject out of service
	EventPACBad        EventKind = "pac-bad"        // a browser sets the proxy Subject aside
	EventPACError      EventKind = "pac-error"      // a PAC file failed; its users go DIRECT
	EventRecord        EventKind = "record"         // State withdrawn or back: a DNS responder's answers, with the node Subject
	EventDNSFailed     EventKind = "dns-failed"     // users have no answer any more
	EventPeerDead      EventKind = "peer-dead"      // a Squid gives up on a peer
	EventServiceReady  EventKind = "service-ready"  //
	EventServiceExit   EventKind = "service-exit"   // a service ended by itself
	EventPower         EventKind = "power"          // State off or on: the node lost its power, or has booted
	EventWANFlip       EventKind = "wan-flip"       // State lost or back: a link that flaps
	EventWANBytes      EventKind = "wan-bytes"      // what a WAN link has carried so far
	EventSessionBroken EventKind = "session-broken" // a user's exit, Subject, could not be reached before the session was over
	EventStreamOpen    EventKind = "stream-open"    // the user Subject of the group Node has a stream that works
	EventStreamBroken  EventKind = "stream-broken"  // and has lost it
	EventStreamEnd     EventKind = "stream-end"     // and had it when the load ended, whether or not it still answered
	EventPhase         EventKind = "phase"          // State names the phase that begins
	EventFaultAsked    EventKind = "fault-asked"    // the planned instant of a fault
	EventFaultEffect   EventKind = "fault-effect"   // the proven instant
	EventRecoverAsked  EventKind = "recover-asked"  //
	EventRecoverEffect EventKind = "recover-effect" //
)

// The kinds of event that a node's chassis tells.
const (
	EventSensor   EventKind = "sensor"           // State ok, warning or critical of a temperature
	EventPSU      EventKind = "psu"              // State ok or critical of a power supply
	EventFans     EventKind = "fans"             // State ok or critical
	EventChassis  EventKind = "chassis"          // State ok, warning or critical: the worst of a node's hardware
	EventShutdown EventKind = "chassis-shutdown" // the chassis turned itself off: too hot, or too few PSUs
	EventFailed   EventKind = "chassis-failed"   // what the chassis decided could not be carried out: Text says what, and why
	EventInput    EventKind = "input"            // Subject's input went or came, after it was due and before it was proven
	EventSignal   EventKind = "signal"           // State ready, drain or leave: what the chassis tells the mechanisms
)

// State is what the Subject of an event has become, or the node.
type State string

// States of EventVRRP, as keepalived has them. What it calls STOP, its clean end, is VRRPFault.
const (
	VRRPMaster State = policy.NameMaster
	VRRPBackup State = policy.NameBackup
	VRRPFault  State = policy.NameFault
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
