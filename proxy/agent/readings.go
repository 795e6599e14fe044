package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// readEvery is the interval of readings. The kernel counts processor time in ticks of 10 ms: on two processors a reading's share is good
// to 5 %, and the mean of ten readings to 0.5 %, because a tick that one reading misses is in the next.
const readEvery = 100 * time.Millisecond

// machineReader reads the load of the machine. A reading by an agent with 19 threads takes 80 us of CPU time, a thousandth of one
// processor (BenchmarkReading).
type machineReader struct {
	cpus     int
	stat     procFile
	pressure procFile // -1: this kernel does not tell
	waits    *waits
	pids     func() []int // the processes that do the node's work
	buf      []byte

	at     int64 // CLOCK_MONOTONIC at the last reading
	times  cpuTimes
	waited time.Duration // pressure's total
}

// newMachineReader makes the reading from which the first call of read counts.
func newMachineReader(pids func() []int) (*machineReader, error) {
	r := &machineReader{waits: newWaits(), pids: pids, buf: make([]byte, 1024)}
	all, err := os.ReadFile("/proc/stat")
	if err != nil {
		return nil, err
	}
	r.cpus = countCPUs(all)
	if r.stat, err = openProc("/proc/stat"); err != nil {
		return nil, fmt.Errorf("/proc/stat: %w", err)
	}
	if r.pressure, err = openProc("/proc/pressure/cpu"); err != nil {
		r.pressure = -1
	}
	if _, err = r.read(); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// countCPUs counts the lines "cpuN" of /proc/stat, one for each processor that is online.
func countCPUs(stat []byte) (n int) {
	for line := range bytes.Lines(stat) {
		if rest, is := bytes.CutPrefix(line, []byte("cpu")); is && len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9' {
			n++
		}
	}
	return n
}

// read gives the load since the last call.
func (r *machineReader) read() (proxy.Reading, error) {
	now := proxy.Monotonic()
	b, err := r.stat.read(r.buf)
	times, ok := parseCPUTimes(b)
	if err == nil && !ok {
		err = errors.New("its format is not that of proc_stat(5)")
	}
	if err != nil {
		return proxy.Reading{}, fmt.Errorf("/proc/stat: %w", err)
	}
	out := proxy.Reading{At: now, Over: time.Duration(now - r.at), CPUs: r.cpus, Pressure: -1}
	out.Busy, out.Stolen = times.shares(r.times)
	if total, ok := r.waitedInAll(); ok {
		out.Pressure = share(uint64(max(total-r.waited, 0)), uint64(max(out.Over, 1)))
		r.waited = total
	}
	out.Waited = r.waits.longest(r.pids())
	r.at, r.times = now, times
	return out, nil
}

// waitedInAll gives the kernel's total of pressure. A kernel that was started without PSI has the file, but no data in it.
func (r *machineReader) waitedInAll() (time.Duration, bool) {
	if r.pressure < 0 {
		return 0, false
	}
	b, err := r.pressure.read(r.buf)
	if err != nil {
		return 0, false
	}
	return parsePressure(b)
}

func (r *machineReader) close() {
	r.stat.close()
	if r.pressure >= 0 {
		r.pressure.close()
	}
	r.waits.close()
}

// watching is a running series of readings.
type watching struct {
	enough chan struct{} // closed: one more reading, then no more
	done   chan struct{}
}

// watchMachine reads the machine until it is told to end.
func (s *server) watchMachine(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.watching != nil {
		return errors.New("the machine is watched already")
	}
	r, err := newMachineReader(s.host.workers)
	if err != nil {
		return err
	}
	w := &watching{enough: make(chan struct{}), done: make(chan struct{})}
	s.watching = w
	go func() {
		defer close(w.done)
		defer r.close()
		w.run(ctx, r, s.reading)
	}()
	return nil
}

// run reads until enough is closed. The last reading ends after that: readings have no gap, and all have the same length.
func (w *watching) run(ctx context.Context, r *machineReader, report func(proxy.Reading)) {
	for enough := false; !enough; {
		select {
		case <-time.After(readEvery):
		case <-ctx.Done():
			return
		}
		select {
		case <-w.enough:
			enough = true
		default:
		}
		reading, err := r.read()
		if err != nil {
			return // the trace shows where readings end
		}
		report(reading)
	}
}

// leaveMachine ends the watch. It returns when the last reading has been sent.
func (s *server) leaveMachine(ctx context.Context) error {
	s.mu.Lock()
	w := s.watching
	s.watching = nil
	s.mu.Unlock()
	if w == nil {
		return errors.New("the machine is not watched")
	}
	close(w.enough)
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// reading sends a reading.
func (s *server) reading(r proxy.Reading) {
	r.Node = s.o.Node
	_ = s.out.writeJSON(frameReading, r)
}

// workers gives the processes that do the node's work: the agent itself, which runs users and address relays, the process of the users'
// PAC file, and the first process of each service. Some may have ended.
func (h *host) workers() []int {
	pids := []int{os.Getpid()}
	if pid := h.script.Load(); pid > 0 {
		pids = append(pids, int(pid))
	}
	for _, s := range h.all() { // without turn: a change of the node does not delay a reading
		if pid := s.pid(); pid > 0 {
			pids = append(pids, pid)
		}
	}
	return pids
}
