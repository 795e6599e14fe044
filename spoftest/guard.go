package spoftest

import (
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"

	"github.com/seed-ab8b6914/spof/reason"
)

// guards is the guard of this process: at most one.
var guards struct {
	once sync.Once
	err  error
	// held keeps the other end of the guard's standard input open for as long as this process lives.
	held *os.File
}

// guard starts a process that removes what the labs of this process leave if it is killed: networks and directories. Nodes end by
// themselves. It ends right after this process.
func guard(binary string) error {
	guards.once.Do(func() { guards.held, guards.err = startGuard(binary) })
	return guards.err
}

func startGuard(binary string) (*os.File, error) {
	in, held, err := os.Pipe()
	if err != nil {
		return nil, reason.Errorf("no-guard", "the process that cleans up after a killed test: %w", err)
	}
	defer in.Close()
	cmd := exec.Command(binary, "node", "guard", "--process", strconv.Itoa(os.Getpid()))
	cmd.Stdin = in
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // it survives Ctrl-C and the kill of the test's process group
	cmd.Dir = os.TempDir()
	if err := cmd.Start(); err != nil {
		_ = held.Close()
		return nil, reason.Errorf("no-guard", "the process that cleans up after a killed test: %w", err)
	}
	go func() { _ = cmd.Wait() }() // it outlives this process, unless it is killed
	return held, nil
}
