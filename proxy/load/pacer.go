package load

import (
	"runtime"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// pace sends every request when it is due, and returns how many came due. It owns its thread: the thread, with its priority,
// ends with the goroutine.
func (g *generator) pace() (scheduled int) {
	runtime.LockOSThread()
	raisePriority()
	text := make([]byte, 0, 512)
	for i := range g.schedule.count {
		req := g.schedule.at(i)
		if !g.wait(req.due) {
			return i
		}
		text = g.send(req, text[:0])
		g.left()
	}
	return g.schedule.count
}

// left counts a request that has left.
func (g *generator) left() {
	if g.spec.Sent != nil {
		g.spec.Sent.Add(1)
	}
}

// send lets one request leave: as a write on a kept connection, or else as the SYN of a new one. Where users choose among
// hops they do so in a goroutine of the request's own: what that takes is theirs, not the pacer's.
func (g *generator) send(req request, text []byte) []byte {
	sent := g.clock.now()
	if sent >= req.due+g.spec.Timeout { // too late to be anybody's fault but ours
		g.recorder.add(g.sample(req, sent, NotSent))
		return text
	}
	if g.chooser != nil {
		g.choosing.Add(1)
		g.conns.Go(func() { g.reach(req, sent, sync.OnceFunc(g.choosing.Done)) })
		return text
	}
	if !req.fresh {
		if c := g.users[req.user].take(req, g.fixed, sent); c != nil {
			text = g.wording.appendRequest(text, req, c.hop)
			c.send(req, text)
			return text
		}
	}
	fd, err := g.proxy.dial()
	if err != nil {
		g.recorder.add(g.sample(req, sent, classify(err)))
		return text
	}
	g.conns.Go(func() { g.open(req, sent, fd) })
	return text
}

// farOff is from where on the pacer waits by a Go timer, which can be cancelled but is 1 ms coarse.
const farOff = 20 * time.Millisecond

// wait returns at the due instant, or false as soon as the context is cancelled.
func (g *generator) wait(due time.Duration) bool {
	if left := due - g.clock.now(); left > farOff {
		timer := time.NewTimer(left - farOff/2)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-g.ctx.Done():
		}
	}
	if g.ctx.Err() != nil {
		return false
	}
	if due > g.clock.now() {
		sleepRaw(g.clock.start + int64(due))
	}
	return true
}

// sleepRaw sleeps until the CLOCK_MONOTONIC instant without telling Go's scheduler. The goroutine keeps its processor,
// so nothing stands between the timer and the next request. Tune counts that processor.
//
// It also saves CPU time. Where all processors are idle or taken from system calls, Go's sysmon thread polls every 20 us
// for 1 ms, again for each request. While this processor stays in use, sysmon slows down to one poll per 10 ms
// (runtime/proc.go: sysmon, retake).
//
// The scheduler preempts by a signal: to stop the world, or because the processor was kept for 10 ms. The signal interrupts the
// sleep, and the pacer yields. It yields at no other time: a goroutine that is locked to its thread pays some six futex calls for each.
func sleepRaw(until int64) {
	at := unix.NsecToTimespec(until)
	for {
		_, _, errno := syscall.RawSyscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME,
			uintptr(unsafe.Pointer(&at)), 0, 0, 0)
		if errno != syscall.EINTR {
			return
		}
		runtime.Gosched()
	}
}
