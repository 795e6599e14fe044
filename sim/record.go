package sim

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// recorder keeps the trace of one trial in memory. If it has a directory, it also streams the trace to a file.
type recorder struct {
	observer Observer

	mu     sync.Mutex
	t      trace.Trace
	budget *trace.Budget
	over   error // the first error of the budget; the trace leaves out everything above the budget
	file   *trace.Writer
	err    error // the first failure to write
}

// TraceName is the name of the trace file of a trial. Each attempt has a file.
func TraceName(h trace.Header) string {
	again := ""
	if n := h.Drawn().Attempt; n > 0 {
		again = fmt.Sprintf("-again-%d", n)
	}
	return fmt.Sprintf("%s--%s--%03d%s.jsonl.gz", h.Plan.Topology.Name, h.Plan.Scenario.Name, h.Trial, again)
}

var traceNumber = regexp.MustCompile(`^[0-9]{3,4}(-again-[0-9]{1,2})?\.jsonl\.gz$`)

// IsTrace reports whether TraceName gives the name for a trial of a cell.
func IsTrace(name, topology, scenario string) bool {
	number, ok := strings.CutPrefix(name, topology+"--"+scenario+"--")
	return ok && traceNumber.MatchString(number)
}

func newRecorder(h trace.Header, dir *os.Root, o Observer) (*recorder, error) {
	r := &recorder{observer: o, t: trace.Trace{Header: h, Samples: make([]trace.Sample, 0, trace.Planned(&h.Plan))}, budget: trace.BudgetOf(&h.Plan)}
	if dir == nil {
		return r, nil
	}
	f, err := trace.Create(dir, TraceName(h), h)
	if err != nil {
		return nil, notKept(h, err)
	}
	r.file = f
	return r, nil
}

func (r *recorder) event(e trace.Event) {
	e = trace.Clip(e)
	r.observer.Event(e)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.fits(r.budget.Event(&e)) {
		return
	}
	r.t.Events = append(r.t.Events, e)
	if r.file != nil {
		r.keep(r.file.Event(e))
	}
}

func (r *recorder) samples(s []trace.Sample) {
	r.observer.Samples(s)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.fits(r.budget.Samples(len(s))) {
		return
	}
	r.t.Samples = append(r.t.Samples, s...)
	if r.file != nil {
		r.keep(r.file.Samples(s))
	}
}

func (r *recorder) reading(m trace.Reading) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.fits(r.budget.Machine(&m)) {
		return
	}
	r.t.Machine = append(r.t.Machine, m)
	if r.file != nil {
		r.keep(r.file.Machine(m))
	}
}

// fits reports whether err is nil: the record is within the budget. It keeps the first error.
func (r *recorder) fits(err error) bool {
	r.over = cmp.Or(r.over, err)
	return err == nil
}

func (r *recorder) keep(err error) {
	if r.err == nil {
		r.err = err
	}
}

// end closes the trace. broken says why the trial is not complete; empty: it is. If the budget was exceeded, the trial is not complete. end
// returns the trace even if the file could not be written.
func (r *recorder) end(broken string) (*trace.Trace, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if broken == "" && r.over != nil {
		broken = "the nodes sent " + r.over.Error()
	}
	broken = trace.ClipText(broken)
	r.t.Broken = broken
	if r.file != nil {
		r.keep(r.file.End(broken))
		r.file = nil
	}
	return &r.t, notKept(r.t.Header, r.err)
}

// notKept is the error that the trace could not be written; nil if err is nil.
func notKept(h trace.Header, err error) error {
	if err == nil {
		return nil
	}
	return reason.Errorf("trace-not-written", "%w: %s: %w", ErrNotKept, TraceName(h), err) // says: a trace could not be written: …: no space left on device
}
