package docker

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// thisProcess is a name of this process that no other process ever has: the boot ID, the PID namespace, the PID and the start time. It
// is empty if the kernel does not give them.
func thisProcess() string {
	list, err := processList()
	if err != nil {
		return ""
	}
	start, err := startOf(os.Getpid())
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s/%d/%s", list, os.Getpid(), start)
}

// gone reports whether the process with a name of thisProcess has ended. It is false for a process of another machine or container,
// which is unknown here.
func gone(name string) bool {
	list, err := processList()
	rest, ours := strings.CutPrefix(name, list+"/")
	number, start, whole := strings.Cut(rest, "/")
	pid, bad := strconv.Atoi(number)
	if err != nil || !ours || !whole || bad != nil {
		return false
	}
	is, err := startOf(pid)
	return os.IsNotExist(err) || err == nil && is != start
}

// processList names the boot and the PID namespace of this process.
func processList() (string, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", err
	}
	namespace, err := os.Readlink("/proc/self/ns/pid")
	return strings.TrimSpace(string(boot)) + "/" + namespace, err
}

// startOf is when a process started, in clock ticks since boot (proc(5), stat, field 22). A zombie counts as ended: os.ErrNotExist.
func startOf(pid int) (string, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", err
	}
	after := stat[bytes.LastIndexByte(stat, ')')+1:] // the name may hold any byte
	fields := strings.Fields(string(after))
	const state, start = 0, 22 - 3 // of the fields after the name, which is the second
	switch {
	case len(fields) <= start:
		return "", fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	case fields[state] == "Z" || fields[state] == "X":
		return "", os.ErrNotExist
	}
	return fields[start], nil
}
