package trace

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"

	"github.com/klauspost/compress/gzip"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/wholefile"
)

// A trace file is gzip'd lines of JSON. The first line is the header. Then follow, in the order of their arrival, events
//
//	{"e":{"at_ns":…,"kind":"vrrp",…}}
//
// and batches of samples, one array each,
//
//	{"s":[[scheduled_ns,late_ns,first_us,done_us,bytes,user,node,"outcome",flags,syns,resent],…]}
//
// and readings of the machine
//
//	{"m":{"at_ns":…,"node":"office","over_ns":…,"busy":0.31,…}}
//
// The last line is the end mark; a file without it is broken.
//
//	{"end":{"events":12,"samples":9000}}

// batch is the largest number of samples on a line.
const batch = 500

// ErrEnded is the error of a write after the end mark.
var ErrEnded = errors.New("the trace has ended")

// line is a line after the header. Exactly one of its fields is set.
type line struct {
	Event   *Event   `json:"e,omitempty"`
	Samples []row    `json:"s,omitempty"`
	Machine *Reading `json:"m,omitempty"`
	End     *endMark `json:"end,omitempty"`
}

// endMark is the last line: the numbers of events, samples and readings before it, and why the trial is not whole, if so.
type endMark struct {
	Events  int    `json:"events"`
	Samples int    `json:"samples"`
	Machine int    `json:"machine,omitempty"`
	Broken  string `json:"broken,omitempty"`
}

// Writer writes a trace as a stream. Several goroutines may use it. After an error, every call returns that error.
type Writer struct {
	mu   sync.Mutex
	buf  *bufio.Writer
	gz   *gzip.Writer
	rows []byte // the last line of samples; its memory is used again
	end  endMark
	file *wholefile.File // nil unless Create made the Writer
	err  error
}

// NewWriter starts a trace on w: it writes the header, with the Schema of this package.
func NewWriter(w io.Writer, h Header) (*Writer, error) {
	gz, err := gzip.NewWriterLevel(w, gzip.BestSpeed) // the measured load shares the machine
	if err != nil {
		return nil, fmt.Errorf("trace: %w", err)
	}
	t := &Writer{gz: gz, buf: bufio.NewWriterSize(gz, 64<<10)}
	h.Schema = Schema
	t.put(h, maxHeader)
	return t, t.err
}

// Create starts a trace file in dir. Until End the file has a temporary name, so that a file with the name is always whole. The
// caller calls End or Discard.
func Create(dir *os.Root, name string, h Header) (*Writer, error) {
	file, err := wholefile.Create(dir, name)
	if err != nil {
		return nil, fmt.Errorf("trace: create: %w", err)
	}
	t, err := NewWriter(file, h)
	if err != nil {
		file.Discard()
		return nil, err
	}
	t.file = file
	return t, nil
}

// Event adds an event, which Clip must have cut.
func (t *Writer) Event(e Event) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end.Events++
	t.put(line{Event: &e}, maxLine)
	return t.err
}

// Machine adds a reading of the machine.
func (t *Writer) Machine(r Reading) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end.Machine++
	t.put(line{Machine: &r}, maxLine)
	return t.err
}

// Samples adds samples.
func (t *Writer) Samples(s []Sample) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end.Samples += len(s)
	for len(s) > 0 && t.err == nil {
		n := min(batch, len(s))
		b := append(t.rows[:0], `{"s":[`...)
		for i := range s[:n] {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendRow(b, &s[i])
		}
		t.rows = append(b, "]}\n"...)
		_, err := t.buf.Write(t.rows)
		t.fail(err)
		s = s[n:]
	}
	return t.err
}

// End writes the end mark. It syncs a file to the disk and gives it its name. broken is why the trial is not whole; empty if it is. If
// a part of the trace was not written, as on a full disk, End returns the error and removes the file.
func (t *Writer) End(broken string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end.Broken = broken
	t.put(line{End: &t.end}, maxLine)
	if t.err == nil {
		t.fail(t.buf.Flush())
	}
	if t.err == nil {
		t.fail(t.gz.Close())
	}
	if t.file != nil {
		if t.err == nil {
			t.fail(t.file.Commit())
		}
		t.file.Discard()
	}
	if t.err != nil {
		return t.err
	}
	t.err = ErrEnded
	return nil
}

// Discard removes the file of a trace that has not ended. It does nothing after End.
func (t *Writer) Discard() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.file != nil {
		t.file.Discard()
	}
	if t.err == nil {
		t.err = ErrEnded
	}
}

// put writes one line. A line that Read would refuse is an error.
func (t *Writer) put(v any, most int) {
	if t.err != nil {
		return
	}
	b, err := json.Marshal(v)
	if err == nil && len(b) >= most {
		err = reason.Errorf("trace-too-large", "a line of %d bytes; Read takes at most %d", len(b), most-1)
	}
	t.fail(err)
	if err == nil {
		_, err = t.buf.Write(append(b, '\n'))
		t.fail(err)
	}
}

// fail keeps the first error.
func (t *Writer) fail(err error) {
	if t.err == nil && err != nil {
		t.err = fmt.Errorf("trace: write: %w", err)
	}
}

// appendRow appends a sample as the array that row reads.
func appendRow(b []byte, s *Sample) []byte {
	b = strconv.AppendInt(append(b, '['), s.Scheduled, 10)
	for _, v := range [...]uint32{s.Late, s.FirstByte, s.Done, s.Bytes, uint32(s.User), uint32(s.Node)} {
		b = strconv.AppendUint(append(b, ','), uint64(v), 10)
	}
	b = append(append(append(b, `,"`...), s.Outcome.String()...), `",`...)
	b = append(strconv.AppendUint(b, uint64(s.Flags), 10), ',')
	b = append(strconv.AppendUint(b, uint64(s.SYNs), 10), ',')
	return append(strconv.AppendUint(b, uint64(s.Resent), 10), ']')
}
