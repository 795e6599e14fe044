package docker

import (
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/moby/moby/client"
	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/reason"
)

// The values of Missing.What.
var (
	ErrNoEngine = reason.Errorf("no-engine", "no container engine answers")
	ErrNoBase   = reason.Errorf("no-base-image", "the base image of the real engines cannot be made")
	ErrNoLab    = reason.Errorf("no-lab", "the container engine cannot bring a lab up")
)

// Missing is an ErrUnavailable with a remedy.
type Missing struct {
	What   error  // ErrNoEngine, ErrNoBase or ErrNoLab
	Remedy string // a command, if there is one
	Cause  error  // may have several lines
}

// Error names what is missing, the remedy and the cause.
func (m *Missing) Error() string {
	return fmt.Sprintf("%v: %v (%s): %v", ErrUnavailable, m.What, m.Remedy, m.Cause)
}

// Unwrap returns ErrUnavailable, what is missing, and the cause.
func (m *Missing) Unwrap() []error { return []error{ErrUnavailable, m.What, m.Cause} }

// debianSocket is the socket of an engine from Debian's or Docker's packages.
const debianSocket = "/var/run/docker.sock"

// engineRemedy says how to get an engine that answers on this machine. hangs: an engine accepts connections and does not answer in time.
func engineRemedy(hangs bool) string {
	start := "start"
	if hangs {
		start = "restart"
	}
	_, noSocket := os.Stat(debianSocket)
	_, noEngine := exec.LookPath("dockerd")
	_, noApt := exec.LookPath("apt-get")
	switch {
	case os.Getenv(client.EnvOverrideHost) != "":
		return start + " the engine that " + client.EnvOverrideHost + " names, or unset " + client.EnvOverrideHost
	case noSocket == nil && unix.Access(debianSocket, unix.W_OK) == unix.EACCES:
		return "this user has no access to it: sudo usermod -aG docker $USER, then log in again"
	case noEngine == nil && isDir("/run/systemd/system"):
		return start + " it: " + asRoot("systemctl "+start+" docker")
	case noEngine == nil:
		return start + " it: " + asRoot("service docker "+start)
	case noApt == nil:
		return asRoot("apt-get install docker.io")
	}
	return "install Docker, or set " + client.EnvOverrideHost
}

// baseRemedy says how to get the base image.
func (r recipe) baseRemedy() string {
	load := "load " + r.from() + " into the engine"
	if _, err := exec.LookPath(mmTool); err == nil {
		return load
	}
	return asRoot("apt-get install "+strings.Join(mmPackages, " ")) + ", or " + load
}

// asRoot is a command that needs root, as this user types it.
func asRoot(command string) string {
	if os.Geteuid() == 0 {
		return command
	}
	return "sudo " + command
}

func isDir(path string) bool {
	i, err := os.Stat(path)
	return err == nil && i.IsDir()
}
