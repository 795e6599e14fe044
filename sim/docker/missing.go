package docker

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/moby/moby/client"
	"golang.org/x/sys/unix"
)

// What may be missing.
var (
	ErrNoEngine = errors.New("no container engine answers")
	ErrNoBase   = errors.New("the base image of the real engines cannot be made")
	ErrNoLab    = errors.New("the container engine cannot bring a lab up")
)

// Missing is an ErrUnavailable that says how to get what is missing.
type Missing struct {
	What   error  // one of those above
	Remedy string // what gets it: a command where there is one
	Cause  error  // why it is missing; may have several lines
}

// Error says what is missing, how to get it, and why it is missing.
func (m *Missing) Error() string {
	return fmt.Sprintf("%v: %v (%s): %v", ErrUnavailable, m.What, m.Remedy, m.Cause)
}

// Unwrap gives ErrUnavailable, what is missing, and the cause.
func (m *Missing) Unwrap() []error { return []error{ErrUnavailable, m.What, m.Cause} }

// debianSocket is where an engine from Debian's or Docker's packages listens.
const debianSocket = "/var/run/docker.sock"

// engineRemedy is what makes an engine answer on this machine; hangs says that one is there and does not answer in time.
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
		return "this user may not speak to it: sudo usermod -aG docker $USER, then log in again"
	case noEngine == nil && isDir("/run/systemd/system"):
		return start + " it: " + asRoot("systemctl "+start+" docker")
	case noEngine == nil:
		return start + " it: " + asRoot("service docker "+start)
	case noApt == nil:
		return asRoot("apt-get install docker.io")
	}
	return "install Docker, or set " + client.EnvOverrideHost
}

// baseRemedy is what makes the base image of the real engines possible.
func (r recipe) baseRemedy() string {
	load := "load " + r.from() + " into the engine"
	if _, err := exec.LookPath(mmTool); err == nil {
		return load
	}
	return asRoot("apt-get install "+strings.Join(mmPackages, " ")) + ", or " + load
}

// asRoot is a command as this user has to type it.
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
