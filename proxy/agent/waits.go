package agent

import (
	"io"
	"os"
	"time"
)

// waits follows the times that the threads of some processes waited to run.
type waits struct {
	processes map[int]*tasks
	round     int // number of the call of longest, to find ended threads and processes
	buf       []byte
}

// tasks are the threads of one process.
type tasks struct {
	dir     *os.File // /proc/PID/task
	threads map[string]*thread
	seen    int // the last round in which it existed
}

// thread is one thread's schedstat and its last value.
type thread struct {
	file   procFile
	waited time.Duration
	seen   int
}

func newWaits() *waits { return &waits{processes: map[int]*tasks{}, buf: make([]byte, 128)} }

// longest gives the longest wait of a single thread of the processes since the last call. A new thread counts from 0. It is -1 if the
// kernel has no data of any thread.
func (w *waits) longest(pids []int) time.Duration {
	w.round++
	most := time.Duration(-1)
	for _, pid := range pids {
		p := w.processes[pid]
		if p == nil {
			dir, err := os.Open(process(pid) + "/task")
			if err != nil {
				continue // it has ended
			}
			p = &tasks{dir: dir, threads: map[string]*thread{}}
			w.processes[pid] = p
		}
		if grown, ok := w.look(p, process(pid)+"/task/"); ok {
			p.seen = w.round
			most = max(most, grown)
		}
	}
	for pid, p := range w.processes {
		if p.seen != w.round { // it has ended; the kernel may use its number again
			p.close()
			delete(w.processes, pid)
		}
	}
	return most
}

// look reads every thread of a process. ok is false if the process has ended.
func (w *waits) look(p *tasks, path string) (most time.Duration, ok bool) {
	if _, err := p.dir.Seek(0, io.SeekStart); err != nil {
		return 0, false
	}
	ids, err := p.dir.Readdirnames(-1)
	if err != nil || len(ids) == 0 {
		return 0, false
	}
	most = -1
	for _, id := range ids {
		t := p.threads[id]
		waited, alive := w.read(t)
		if !alive { // a new thread, perhaps with the number of an ended one
			p.forget(id)
			f, err := openProc(path + id + "/schedstat")
			if err != nil {
				continue
			}
			t = &thread{file: f}
			p.threads[id] = t
			if waited, alive = w.read(t); !alive {
				continue
			}
		}
		most = max(most, waited-t.waited)
		t.waited, t.seen = waited, w.round
	}
	for id, t := range p.threads {
		if t.seen != w.round {
			p.forget(id)
		}
	}
	return most, true
}

// read reads a thread's wait. alive is false if there is no such thread.
func (w *waits) read(t *thread) (waited time.Duration, alive bool) {
	if t == nil {
		return 0, false
	}
	b, err := t.file.read(w.buf)
	if err != nil {
		return 0, false
	}
	_, waited, alive = parseSchedstat(b)
	return waited, alive
}

func (p *tasks) forget(id string) {
	if t := p.threads[id]; t != nil {
		t.file.close()
		delete(p.threads, id)
	}
}

func (p *tasks) close() {
	_ = p.dir.Close()
	for id := range p.threads {
		p.forget(id)
	}
}

func (w *waits) close() {
	for _, p := range w.processes {
		p.close()
	}
}
