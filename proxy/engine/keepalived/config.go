package keepalived

import (
	"net/netip"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// Config is what a keepalived.conf says about VRRP. A Setting without a position is the default of keepalived 2.2.7; one in an instance
// that global_defs sets has the position there. Begin at ReadConfig.
type Config struct {
	File      string
	Global    Global
	Scripts   []Script
	Processes []TrackProcess
	Files     []TrackFile
	Instances []Instance
	Groups    []SyncGroup

	Definitions []Definition
	Conditional []Conditional
	References  []configtext.Reference
	Unknown     []configtext.Unknown
	Findings    []configtext.Finding // values that keepalived ignores or replaces by others
}

// Global are the global_defs.
type Global struct {
	RouterID          configtext.Setting[string]
	ScriptUser        configtext.Setting[string] // user and group; default: keepalived_script if that user exists, else root
	ScriptSecurity    configtext.Setting[bool]
	Version           configtext.Setting[int] // vrrp_version
	Strict            configtext.Setting[bool]
	DownAdverts       configtext.Setting[int] // vrrp_down_timer_adverts
	HigherPrioAdvert  configtext.Setting[bool]
	LowerPrioNoAdvert configtext.Setting[bool]
	DynamicInterfaces configtext.Setting[bool]
	StartupDelay      configtext.Setting[time.Duration]
	MaxAutoPriority   configtext.Setting[int] // of the process scheduler; 0: no automatic real-time priority, -1: none at all
	IPTables          configtext.Setting[string]
	NFTables          configtext.Setting[string]
	Group4            configtext.Setting[string] // vrrp_mcast_group4
	NotifyFIFO        configtext.Setting[string] // vrrp_notify_fifo or notify_fifo
	Announce          Announce
}

// Announce are the gratuitous ARP and neighbour advertisements of a new master.
type Announce struct {
	Delay            configtext.Setting[time.Duration] // garp_master_delay: from the transition to the second burst; 0: no second burst
	Repeat           configtext.Setting[int]           // garp_master_repeat: messages a burst
	Refresh          configtext.Setting[time.Duration] // garp_master_refresh; 0: no refreshing
	RefreshRepeat    configtext.Setting[int]
	LowerPrioDelay   configtext.Setting[time.Duration] // garp_lower_prio_delay; default: Delay of global_defs
	LowerPrioRepeat  configtext.Setting[int]           // default: Repeat of global_defs
	Interval         configtext.Setting[time.Duration] // vrrp_garp_interval, between messages; only in global_defs
	NeighborInterval configtext.Setting[time.Duration] // vrrp_gna_interval; only in global_defs
}

// Weight is what a tracked object adds to a priority: when it is up if positive, when it is down if negative. 0: down means FAULT.
// reverse turns the sign of the effect round.
type Weight struct {
	configtext.Setting[int]
	Reverse bool
}

// Script is a vrrp_script.
type Script struct {
	Name     configtext.Setting[string]
	Command  configtext.Setting[string] // program and arguments, without quotes
	Interval configtext.Setting[time.Duration]
	Timeout  configtext.Setting[time.Duration] // 0: Interval
	Weight   Weight
	Rise     configtext.Setting[int]
	Fall     configtext.Setting[int]
	InitFail configtext.Setting[bool]
	User     configtext.Setting[string]
}

// TrackProcess is a vrrp_track_process.
type TrackProcess struct {
	Name           configtext.Setting[string]
	Process        configtext.Setting[string] // name or path of the program
	Weight         Weight                     // default 0: the manual of 2.2.7 says 1, its code has 0
	Quorum         configtext.Setting[int]
	QuorumMax      configtext.Setting[int] // -1: no limit
	TerminateDelay configtext.Setting[time.Duration]
	ForkDelay      configtext.Setting[time.Duration]
}

// TrackFile is a track_file or a vrrp_track_file: the number in the file, times the weight, is added to the priority.
type TrackFile struct {
	Name   configtext.Setting[string]
	Path   configtext.Setting[string]
	Weight Weight // default 1; 0: a number other than 0 means FAULT
}

// Kind is the kind of a tracked object.
type Kind string

// The kinds.
const (
	TracksScript    Kind = "script"
	TracksProcess   Kind = "process"
	TracksFile      Kind = "file"
	TracksInterface Kind = "interface"
	TracksBFD       Kind = "bfd" // named, not modelled
)

// Track is an object that an instance or a sync group tracks.
type Track struct {
	Kind   Kind
	Name   configtext.Setting[string] // of the script, process, file or interface
	Weight Weight                     // its own, or that of the definition; of an instance in a sync group see Instance.Tracked
	Known  bool                       // the definition exists; keepalived ignores a track of none
}

// Address is a virtual address.
type Address struct {
	configtext.Setting[netip.Prefix]
	Device string // dev; empty: the interface of the instance
	Label  string
}

// Notify is a command that runs at a transition.
type Notify struct {
	Event   string // the directive: notify, notify_master, ...
	Command configtext.Setting[string]
}

// Instance is a vrrp_instance. The values are those of the file; Initial, Preempts, PreemptDelayed and Tracked say what keepalived makes
// of them.
type Instance struct {
	Name      configtext.Setting[string]
	State     configtext.Setting[string] // MASTER, BACKUP or empty
	Interface configtext.Setting[string]
	RouterID  configtext.Setting[int] // virtual_router_id; 0: none
	Priority  configtext.Setting[int] // default 100; 255 with state MASTER
	Version   configtext.Setting[int] // 2, or 3 with IPv6
	Advert    configtext.Setting[time.Duration]
	Source    configtext.Setting[string] // unicast_src_ip or mcast_src_ip
	Peers     []configtext.Setting[netip.Addr]
	Addresses []Address
	Excluded  []Address
	Routes    []configtext.Setting[string]
	Rules     []configtext.Setting[string]

	AuthType configtext.Setting[string] // PASS, AH or empty; version 3 has none
	AuthPass configtext.Setting[string] // as keepalived uses it: at most 8 bytes

	Tracks            []Track
	DontTrackPrimary  configtext.Setting[bool]
	NoPreempt         configtext.Setting[bool]
	PreemptDelay      configtext.Setting[time.Duration]
	DownAdverts       configtext.Setting[int]
	HigherPrioAdvert  configtext.Setting[bool]
	LowerPrioNoAdvert configtext.Setting[bool]
	Announce          Announce
	VMAC              configtext.Setting[bool]
	Accept            configtext.Setting[bool]
	Strict            configtext.Setting[bool]
	NativeIPv6        configtext.Setting[bool]
	Notify            []Notify
	SMTPAlert         configtext.Setting[bool]
}

// SyncGroup is a vrrp_sync_group: all members are MASTER, or none is.
type SyncGroup struct {
	Name         configtext.Setting[string]
	Members      []configtext.Setting[string]
	Tracks       []Track
	KeepsWeights configtext.Setting[bool] // sync_group_tracking_weight or global_tracking: members keep the weights of their tracks
	Notify       []Notify
	SMTPAlert    configtext.Setting[bool]
}

// Definition is a line $NAME=VALUE.
type Definition struct {
	Name  string
	Value configtext.Setting[string]
}

// Conditional is a line @ID or @^ID: keepalived reads it only if it runs with --config-id ID, or without it.
type Conditional struct {
	ID   string
	Not  bool
	Text string // the rest of the line
	Read bool   // the model has it
	At   configtext.Pos
}

// Script gives the vrrp_script of a name; nil: there is none.
func (c *Config) Script(name string) *Script {
	return named(c.Scripts, name, func(s Script) string { return s.Name.Value })
}

// Process gives the vrrp_track_process of a name.
func (c *Config) Process(name string) *TrackProcess {
	return named(c.Processes, name, func(p TrackProcess) string { return p.Name.Value })
}

// TrackedFile gives the track_file of a name.
func (c *Config) TrackedFile(name string) *TrackFile {
	return named(c.Files, name, func(f TrackFile) string { return f.Name.Value })
}

// Group gives the sync group of an instance; keepalived keeps an instance in the first group that names it.
func (c *Config) Group(instance string) *SyncGroup {
	for n := range c.Groups {
		for _, m := range c.Groups[n].Members {
			if m.Value == instance {
				return &c.Groups[n]
			}
		}
	}
	return nil
}

func named[T any](list []T, name string, of func(T) string) *T {
	for n := range list {
		if of(list[n]) == name {
			return &list[n]
		}
	}
	return nil
}
