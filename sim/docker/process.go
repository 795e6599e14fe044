package docker

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// thisProcess names this process so that no other ever has the name: its machine by the boot, its list of processes (PID namespace), its
// number in it, and its start. Empty where the kernel does not tell.
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

// gone reports whether a process that thisProcess has named runs no more. It is false for one of another machine or container, of which
// nothing is known here.
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

// processList names the list of processes that this one sees.
func processList() (string, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", err
	}
	namespace, err := os.Readlink("/proc/self/ns/pid")
	return strings.TrimSpace(string(boot)) + "/" + namespace, err
}

// startOf is when a process started, in clock ticks after the boot (proc(5), stat, field 22). One that has ended and that nobody has
// waited for yet is not there any more.
func startOf(pid int) (string, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", err
	}
	after := stat[bytes.LastIndexByte(stat, ')')+1:] // a name may hold anything
	fields := strings.Fields(string(after))
	const state, start = 3 - 3, 22 - 3 // of the fields after the name, which is the second
	switch {
	case len(fields) <= start:
		return "", fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	case fields[state] == "Z" || fields[state] == "X":
		return "", os.ErrNotExist
	}
	return fields[start], nil
}
