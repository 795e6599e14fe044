package trace

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/klauspost/compress/gzip" // twice as fast as that of the standard library

	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
)

// MaxFile is the size of the largest trace file that is read, in compressed bytes: some hundred million samples.
const MaxFile = 1 << 30

// mostRoom is the number of samples for which there is room from the start: 32 MiB.
const mostRoom = 1 << 20

// noEndMark is Broken of a trace without its last line.
const noEndMark = "the trace has no end mark: the run was cut off, or the file was"

// SchemaError says that a file is a trace of an unknown version, or not a trace.
type SchemaError struct{ Schema string }

// ReasonCode is unknown-trace-version or not-a-trace.
func (e *SchemaError) ReasonCode() string {
	if e.Schema == "" {
		return "not-a-trace" // says: trace: not a trace: its first line names no schema
	}
	return "unknown-trace-version" // says: trace: unknown schema "spof/trace/v9"
}

// Error names the version of the file and the known version.
func (e *SchemaError) Error() string {
	if e.Schema == "" {
		return "trace: not a trace: its first line names no schema (want " + Schema + ")"
	}
	return fmt.Sprintf("trace: unknown schema %q; this version of spof reads %s", e.Schema, Schema)
}

// ReadFile reads a trace file.
func ReadFile(path string) (*Trace, error) {
	f, err := plainfile.Open(path, MaxFile)
	if err != nil {
		return nil, fmt.Errorf("trace: %w", err)
	}
	defer f.Close()
	t, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// Read reads a trace that Writer wrote. It returns the whole lines of a truncated trace, with Broken set. It refuses a file that is
// not a trace, that holds more than its plan can produce, or that was edited; the error names the line, and is a *SchemaError for
// another version. It takes no more memory than Budget allows, whatever the file unpacks to.
func Read(r io.Reader) (*Trace, error) {
	gz, err := gzip.NewReader(r)
	if err != nil {
		return nil, reason.Errorf("not-a-trace", "trace: not a gzip file: %w", err)
	}
	t, lines := &Trace{}, newLines(gz)
	header, err := lines.next(maxHeader)
	if err != nil {
		return nil, reason.Errorf("not-a-trace", "trace: no header: %w", cmp.Or(notEOF(err), io.ErrUnexpectedEOF))
	}
	if err := readHeader(header, &t.Header); err != nil {
		return nil, err
	}
	t.Samples = make([]Sample, 0, min(Planned(&t.Header.Plan), mostRoom))
	end, err := t.readLines(lines)
	switch {
	case err != nil && !cutOff(err):
		return nil, damaged(lines.n, err)
	case end == nil || err != nil:
		t.Broken = noEndMark
	default:
		t.Broken = end.Broken
	}
	return t, nil
}

// damaged returns the error of a damaged line. An error with a code keeps its code.
func damaged(line int, err error) error {
	if reason.Codes(err) != nil {
		return fmt.Errorf("trace: line %d: %w", line, err)
	}
	return reason.Errorf("trace-damaged", "trace: line %d: %w", line, err)
}

// readLines reads all lines after the header. A file that ends before its end mark gives no end mark, or an error of cutOff.
func (t *Trace) readLines(lines *lines) (end *endMark, err error) {
	budget, at := BudgetOf(&t.Header.Plan), faultPlaces(&t.Header.Plan)
	for {
		b, err := lines.next(maxLine)
		switch {
		case err == io.EOF:
			return end, nil
		case err != nil:
			return end, err
		case end != nil:
			return nil, reason.Errorf("line-after-end", "a line after the end mark")
		}
		if end, err = t.add(b, budget, at); err != nil {
			return nil, err
		}
		if end != nil && (end.Events != len(t.Events) || end.Samples != len(t.Samples) || end.Machine != len(t.Machine)) {
			return nil, reason.Errorf("lines-missing", "the end mark counts %d events, %d samples and %d readings of the machine; the trace has %d, %d and %d",
				end.Events, end.Samples, end.Machine, len(t.Events), len(t.Samples), len(t.Machine))
		}
	}
}

// readHeader checks the schema first: the header of another version may have another form.
func readHeader(b []byte, h *Header) error {
	var version struct {
		Schema string `json:"schema"`
	}
	if err := plainfile.JSON("", b, &version); err != nil {
		return damaged(1, fmt.Errorf("header: %w", err))
	}
	if version.Schema != Schema {
		return &SchemaError{version.Schema}
	}
	if err := plainfile.JSON("", b, h); err != nil {
		return damaged(1, fmt.Errorf("header: %w", err))
	}
	if err := h.checkPlan(); err != nil {
		return damaged(1, fmt.Errorf("header: %w", err))
	}
	return nil
}

// add adds one line to the trace within the budget. It returns the end mark if the line is one.
func (t *Trace) add(b []byte, budget *Budget, at map[faultPlace]bool) (*endMark, error) {
	if s, ok := readRows(t.Samples, b); ok {
		n := len(s) - len(t.Samples)
		t.Samples = s
		return nil, cmp.Or(padded(b, rowText*n), budget.Samples(n))
	}
	var l line
	if err := plainfile.JSON("", b, &l); err != nil {
		return nil, err
	}
	switch is := [...]bool{l.Event != nil, len(l.Samples) > 0, l.Machine != nil, l.End != nil}; is {
	case [...]bool{true, false, false, false}:
		e := l.Event
		if e.Fault != "" && !at[faultPlace{e.Fault, e.Node, e.Service}] {
			return nil, reason.Errorf("no-such-fault", "an event of the fault %.40q at %.40q; the plan has no such fault there", e.Fault, e.Node+"/"+e.Service)
		}
		t.Events = append(t.Events, *e)
		return nil, cmp.Or(padded(b, escaped*textOf(e)), budget.Event(e))
	case [...]bool{false, true, false, false}:
		for i := range l.Samples {
			t.Samples = append(t.Samples, Sample(l.Samples[i]))
		}
		return nil, cmp.Or(padded(b, rowText*len(l.Samples)), budget.Samples(len(l.Samples)))
	case [...]bool{false, false, true, false}:
		t.Machine = append(t.Machine, *l.Machine)
		return nil, cmp.Or(padded(b, escaped*len(l.Machine.Node)), budget.Machine(l.Machine))
	case [...]bool{false, false, false, true}:
		return l.End, padded(b, escaped*len(l.End.Broken))
	}
	return nil, reason.Errorf("unknown-line", "want one of e, s, m and end")
}

const (
	escaped = 6       // bytes of JSON for one byte of text, at most
	rowText = 128     // bytes of a sample's row, at most
	frame   = 2 << 10 // bytes of all else in a line: names of fields, numbers, fields of other versions
)

// padded refuses a line that is much longer than its content. Skipped text costs time, and a small file unpacks to any amount of it.
func padded(b []byte, says int) error {
	if most := says + frame; len(b) > most {
		return reason.Errorf("line-too-long", "%d bytes for a content of at most %d", len(b), most)
	}
	return nil
}

// faultPlace is a fault at one of its possible targets.
type faultPlace struct{ fault, node, service string }

// faultPlaces returns the possible targets of the plan's faults. Events of faults occur only there.
func faultPlaces(p *plan.Plan) map[faultPlace]bool {
	at := map[faultPlace]bool{}
	for _, f := range p.Faults {
		for _, c := range f.Candidates {
			at[faultPlace{f.ID, c.Node, c.Service}] = true
		}
	}
	return at
}

// lines reads lines.
type lines struct {
	r *bufio.Reader
	n int // the number of the last line, from 1
	b []byte
}

func newLines(r io.Reader) *lines { return &lines{r: bufio.NewReaderSize(r, 64<<10)} }

// next gives the next line without its newline, valid until the next call. It drops a last line without a newline, which was cut off.
// The error is io.EOF after the last line.
func (l *lines) next(most int) ([]byte, error) {
	l.n++
	l.b = l.b[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		if len(l.b)+len(part) > most {
			return nil, reason.Errorf("line-too-long", "longer than %d bytes", most)
		}
		l.b = append(l.b, part...)
		switch {
		case err == nil:
			return l.b[:len(l.b)-1], nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}

// notEOF is the error, or nil for io.EOF.
func notEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// cutOff reports whether the error is that the file ends too early.
func cutOff(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }

// row is a sample in the file: an array of 11 values, or of 9 in files without the counts of TCP.
type row Sample

// errRow gives the form of a sample.
var errRow = reason.Errorf("bad-sample", `a sample is not [scheduled_ns,late_ns,first_us,done_us,bytes,user,node,"outcome",flags,syns,resent]`)

// UnmarshalJSON reads the array without reflection: files hold hundreds of thousands of samples.
func (r *row) UnmarshalJSON(b []byte) error {
	var field [11][]byte
	b, ok := bytes.CutPrefix(b, []byte("["))
	b, ok2 := bytes.CutSuffix(b, []byte("]"))
	if !ok || !ok2 {
		return errRow
	}
	n := 0
	for more := true; more; n++ {
		if n == len(field) {
			return errRow
		}
		field[n], b, more = bytes.Cut(b, []byte(","))
	}
	switch n {
	case len(field):
	case len(field) - 2:
		field[9], field[10] = []byte("0"), []byte("0")
	default:
		return errRow
	}
	var bad bool
	number := func(i, bits int) uint64 {
		v, err := strconv.ParseUint(string(field[i]), 10, bits)
		bad = bad || err != nil
		return v
	}
	scheduled, err := strconv.ParseInt(string(field[0]), 10, 64)
	outcome, known := outcomes[string(field[7])]
	*r = row{
		Scheduled: scheduled,
		Late:      uint32(number(1, 32)),
		FirstByte: uint32(number(2, 32)),
		Done:      uint32(number(3, 32)),
		Bytes:     uint32(number(4, 32)),
		User:      uint16(number(5, 16)),
		Node:      uint8(number(6, 8)),
		Outcome:   outcome,
		Flags:     load.Flags(number(8, 8)),
		SYNs:      uint8(number(9, 8)),
		Resent:    uint8(number(10, 8)),
	}
	if err != nil || bad || !known {
		return errRow
	}
	return nil
}

// outcomes are the outcomes by their quoted names.
var outcomes = func() map[string]load.Outcome {
	m := make(map[string]load.Outcome, load.NumOutcomes)
	for o := range load.NumOutcomes {
		m[strconv.Quote(o.String())] = o
	}
	return m
}()
