package agent

import (
	"bytes"
	"os"
	"runtime"
	"slices"
	"strings"
)

// Processor is the model of the processors in /proc/cpuinfo, else the architecture.
func Processor() string {
	data, _ := os.ReadFile("/proc/cpuinfo")
	for line := range bytes.Lines(data) {
		if name, model, ok := strings.Cut(string(line), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(model)
		}
	}
	return runtime.GOARCH
}

// packages gives the versions of those of the named packages that dpkg has; nil: none, or the system is no Debian.
func packages(names []string) map[string]string {
	data, err := os.ReadFile("/var/lib/dpkg/status")
	if err != nil {
		return nil
	}
	return versions(data, names)
}

// versions reads the status file of dpkg: stanzas of fields, with Package before Version (deb822(5)).
func versions(status []byte, names []string) (found map[string]string) {
	name := ""
	for line := range bytes.Lines(status) {
		key, value, _ := strings.Cut(strings.TrimRight(string(line), "\n"), ": ") // a line of a longer text begins with a space
		switch key {
		case "Package":
			name = value
		case "Version":
			if slices.Contains(names, name) {
				if found == nil {
					found = map[string]string{}
				}
				found[name] = value
			}
			name = ""
		}
	}
	return found
}
