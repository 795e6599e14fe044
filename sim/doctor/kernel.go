package doctor

import (
	"bufio"
	"compress/gzip"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Kernel has the properties of this host's kernel on which runtimes depend.
type Kernel struct {
	Release  string             `json:"release"`
	Features map[string]Feature `json:"features"`
	Sysctls  map[string]string  `json:"sysctls"` // missing ones are left out
	// SYNGivesUp is the time after which a connection to a silent host fails. A client behind a router sees this at a power loss.
	SYNGivesUp time.Duration `json:"syn_gives_up_ns"`
}

// Feature says how a kernel option is built.
type Feature string

// The states of a kernel option.
const (
	Builtin Feature = "yes"
	Module  Feature = "module"
	Absent  Feature = "no"
	Unknown Feature = "unknown" // the kernel's configuration cannot be read
)

// options are the kernel options that runtimes need, with the name of the feature.
var options = []struct{ name, option string }{
	{"veth", "CONFIG_VETH"},
	{"bridge", "CONFIG_BRIDGE"},
	{"high-resolution timers", "CONFIG_HIGH_RES_TIMERS"},
	{"real-time group scheduling", "CONFIG_RT_GROUP_SCHED"},
	{"netem", "CONFIG_NET_SCH_NETEM"},
	{"tbf", "CONFIG_NET_SCH_TBF"},
	{"nftables", "CONFIG_NF_TABLES"},
}

// sysctls are the settings that affect how peers see a failure, and the load that a node can generate.
var sysctls = []string{
	"net.ipv4.tcp_syn_retries",
	"net.ipv4.tcp_syn_linear_timeouts",
	"net.ipv4.tcp_retries2",
	"net.ipv4.tcp_tw_reuse",
	"net.ipv4.ip_local_port_range",
	"net.core.somaxconn",
	"fs.nr_open",
}

func readKernel() Kernel {
	k := Kernel{Features: map[string]Feature{}, Sysctls: map[string]string{}}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		k.Release = unix.ByteSliceToString(u.Release[:])
	}
	config := kernelConfig(k.Release)
	for _, o := range options {
		k.Features[o.name] = config.state(o.option)
	}
	for _, name := range sysctls {
		if b, err := os.ReadFile("/proc/sys/" + strings.ReplaceAll(name, ".", "/")); err == nil {
			k.Sysctls[name] = strings.Join(strings.Fields(string(b)), " ")
		}
	}
	retries, err := strconv.Atoi(k.Sysctls["net.ipv4.tcp_syn_retries"])
	linear, _ := strconv.Atoi(k.Sysctls["net.ipv4.tcp_syn_linear_timeouts"]) // 0 before Linux 6.5
	if err == nil {
		k.SYNGivesUp = synGivesUp(retries, linear)
	}
	return k
}

// synGivesUp is the time after which connect fails without an answer. After the first SYN the kernel sends `linear` SYNs 1 s apart, then
// `retries` more at intervals that double (tcp_syn_linear_timeouts in the kernel's ip-sysctl documentation).
// Timer slack adds 2-3 % (134.6 s measured for 131 s).
func synGivesUp(retries, linear int) time.Duration {
	var total time.Duration
	wait := time.Second
	for try := 0; try <= retries+linear; try++ {
		total += wait
		if try >= linear {
			wait = min(2*wait, 120*time.Second) // TCP_RTO_MAX
		}
	}
	return total
}

// kernelOptions is a kernel's configuration; nil if it cannot be read.
type kernelOptions map[string]string

func (o kernelOptions) state(option string) Feature {
	switch {
	case o == nil:
		return Unknown
	case o[option] == "y":
		return Builtin
	case o[option] == "m":
		return Module
	}
	return Absent
}

// kernelConfig reads the running kernel's configuration from the usual files of distributions.
func kernelConfig(release string) kernelOptions {
	if f, err := os.Open("/proc/config.gz"); err == nil {
		defer f.Close()
		if z, err := gzip.NewReader(f); err == nil {
			return parseConfig(z)
		}
	}
	if f, err := os.Open("/boot/config-" + release); err == nil {
		defer f.Close()
		return parseConfig(f)
	}
	return nil
}

func parseConfig(r io.Reader) kernelOptions {
	o := kernelOptions{}
	for s := bufio.NewScanner(r); s.Scan(); {
		if name, value, ok := strings.Cut(s.Text(), "="); ok && strings.HasPrefix(name, "CONFIG_") {
			o[name] = value
		}
	}
	return o
}
