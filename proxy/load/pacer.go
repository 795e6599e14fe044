package load

import (
	"runtime"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// pace sends every request when it is due. It returns the number of requests that came due. It locks its goroutine to a thread;
// the thread, with its priority, ends with the goroutine.
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
		g.countSent()
	}
	return g.schedule.count
}

// countSent counts a request that was sent.
func (g *generator) countSent() {
	if g.spec.Sent != nil {
		g.spec.Sent.Add(1)
	}
}

// send sends one request: it writes on a kept connection, or it sends the SYN of a new one. With a chooser, a new goroutine
// chooses the hop, so that the choice does not delay the pacer.
func (g *generator) send(req request, text []byte) []byte {
	sent := g.clock.now()
	if sent >= req.due+g.spec.Timeout { // the generator is too late
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
			text = g.text.appendRequest(text, req, c.hop)
			c.send(req, text)
			return text
		}
	}
	fd, err := g.proxy.dial(g.source(req.user))
	if err != nil {
		g.recorder.add(g.sample(req, sent, classify(err)))
		return text
	}
	g.conns.Go(func() { g.open(req, sent, fd) })
	return text
}

// timerAbove is the remaining time above which the pacer waits by a Go timer. Such a timer can be cancelled, but it is only
// accurate to 1 ms.
const timerAbove = 20 * time.Millisecond

// wait returns true at the due instant, or false when the context is cancelled.
func (g *generator) wait(due time.Duration) bool {
	if countSent := due - g.clock.now(); countSent > timerAbove {
		timer := time.NewTimer(countSent - timerAbove/2)
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

// sleepRaw sleeps until an instant of CLOCK_MONOTONIC. It does not tell Go's scheduler. The goroutine keeps its processor, so
// the next request waits for nothing but the timer. Tune adds a processor for this.
//
// It also saves CPU time. When all processors are idle or were taken from system calls, Go's sysmon thread polls every 20 us
// for 1 ms, again for each request. While this processor is in use, sysmon slows down to one poll per 10 ms (runtime/proc.go:
// sysmon, retake).
//
// The scheduler preempts by a signal, to stop the world or because the processor was kept for 10 ms. The signal interrupts the
// sleep, and the pacer yields. It yields at no other time, because each yield of a locked goroutine costs about six futex
// calls.
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
