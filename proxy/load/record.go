package load

import (
	"sync"
	"time"
)

const (
	batchSize  = 512                    // most samples in a call of emit
	batchEvery = 100 * time.Millisecond // longest time that a sample waits
)

// recorder collects the samples of all connections. One goroutine passes them on in batches.
type recorder struct {
	emit func([]Sample)
	full chan struct{} // signals that a batch is waiting
	stop chan struct{}
	done chan struct{}

	mu    sync.Mutex
	buf   []Sample
	total int
}

func newRecorder(emit func([]Sample)) *recorder {
	r := &recorder{
		emit: emit,
		full: make(chan struct{}, 1),
		stop: make(chan struct{}),
		done: make(chan struct{}),
		buf:  make([]Sample, 0, 2*batchSize),
	}
	go r.run()
	return r
}

func (r *recorder) add(s Sample) {
	r.mu.Lock()
	r.buf = append(r.buf, s)
	r.total++
	full := len(r.buf) == batchSize
	r.mu.Unlock()
	if full {
		select {
		case r.full <- struct{}{}:
		default:
		}
	}
}

// run swaps two buffers, so that add never waits for emit.
func (r *recorder) run() {
	defer close(r.done)
	spare := make([]Sample, 0, 2*batchSize)
	tick := time.NewTicker(batchEvery)
	defer tick.Stop()
	for stopped := false; !stopped; {
		select {
		case <-r.full:
		case <-tick.C:
		case <-r.stop:
			stopped = true
		}
		r.mu.Lock()
		batch := r.buf
		r.buf = spare
		r.mu.Unlock()
		spare = batch[:0]
		for len(batch) > 0 {
			n := min(len(batch), batchSize)
			r.emit(batch[:n])
			batch = batch[n:]
		}
	}
}

// close passes on the remaining samples and waits for it.
func (r *recorder) close() {
	close(r.stop)
	<-r.done
}
