package trace

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
)

// MaxFile is the largest trace file that is read, in bytes as it is compressed: some hundred million samples.
const MaxFile = 1 << 30

// noEndMark is why a trace is broken whose last line is missing.
const noEndMark = "the trace has no end mark: the run was cut off, or the file was"

// SchemaError says that a file is a trace of a version that this package does not know, or no trace at all.
type SchemaError struct{ Schema string }

// Error names both versions.
func (e *SchemaError) Error() string {
	if e.Schema == "" {
		return "trace: not a trace: its first line names no schema (want " + Schema + ")"
	}
	return fmt.Sprintf("trace: schema %q is not known to this version of spof, which reads %s", e.Schema, Schema)
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

// Read reads a trace as Writer wrote it. A trace that was cut off is returned as far as it is whole, with Broken saying
// so. What is no trace, holds more than its plan can produce, or was tampered with, is an error that names the line; it is a
// *SchemaError if it is of another version. It takes no more memory than Budget allows, whatever the file unpacks to.
func Read(r io.Reader) (*Trace, error) {
	gz, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("trace: not a gzip file: %w", err)
	}
	t, lines := &Trace{}, newLines(gz)
	header, err := lines.next(maxHeader)
	if err != nil {
		return nil, fmt.Errorf("trace: no header: %w", cmp.Or(notEOF(err), io.ErrUnexpectedEOF))
	}
	if err := readHeader(header, &t.Header); err != nil {
		return nil, err
	}
	end, err := t.readLines(lines)
	switch {
	case err != nil && !cutOff(err):
		return nil, fmt.Errorf("trace: line %d: %w", lines.n, err)
	case end == nil || err != nil:
		t.Broken = noEndMark
	default:
		t.Broken = end.Broken
	}
	return t, nil
}

// readLines takes all lines but the header. A file that is cut off behind its last whole line gives no end mark, or an error of
// which cutOff says so.
func (t *Trace) readLines(lines *lines) (end *endMark, err error) {
	budget, at := BudgetOf(&t.Header.Plan), strikes(&t.Header.Plan)
	for {
		b, err := lines.next(maxLine)
		switch {
		case err == io.EOF:
			return end, nil
		case err != nil:
			return end, err
		case end != nil:
			return nil, errors.New("stands after the end mark")
		}
		if end, err = t.add(b, budget, at); err != nil {
			return nil, err
		}
		if end != nil && (end.Events != len(t.Events) || end.Samples != len(t.Samples) || end.Machine != len(t.Machine)) {
			return nil, fmt.Errorf("the end mark counts %d events, %d samples and %d readings of the machine, but there are %d, %d and %d",
				end.Events, end.Samples, end.Machine, len(t.Events), len(t.Samples), len(t.Machine))
		}
	}
}

// readHeader checks the schema before anything else, since another version's header may have another form.
func readHeader(b []byte, h *Header) error {
	var version struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(b, &version); err != nil {
		return fmt.Errorf("trace: line 1: header: %w", err)
	}
	if version.Schema != Schema {
		return &SchemaError{version.Schema}
	}
	if err := json.Unmarshal(b, h); err != nil {
		return fmt.Errorf("trace: line 1: header: %w", err)
	}
	if err := h.checkPlan(); err != nil {
		return fmt.Errorf("trace: line 1: header: %w", err)
	}
	return nil
}

// add takes one line into the trace, as far as the budget goes; it returns the end mark when the line is one.
func (t *Trace) add(b []byte, budget *Budget, at map[strike]bool) (*endMark, error) {
	var l line
	if err := json.Unmarshal(b, &l); err != nil {
		return nil, err
	}
	switch is := [...]bool{l.Event != nil, len(l.Samples) > 0, l.Machine != nil, l.End != nil}; is {
	case [...]bool{true, false, false, false}:
		e := l.Event
		if e.Fault != "" && !at[strike{e.Fault, e.Node, e.Service}] {
			return nil, fmt.Errorf("an event of the fault %.40q at %.40q, where the plan has none", e.Fault, e.Node+"/"+e.Service)
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
	return nil, errors.New("want one of e, s, m and end")
}

const (
	escaped = 6       // bytes that one of a text may take in JSON
	rowText = 128     // bytes of a sample's row, at most
	frame   = 2 << 10 // bytes of all else in a line: names of fields, numbers, those of other versions
)

// padded refuses a line that is much longer than what it says. Of what is skipped a small file has any amount.
func padded(b []byte, says int) error {
	if most := says + frame; len(b) > most {
		return fmt.Errorf("%d bytes that say no more than %d would", len(b), most)
	}
	return nil
}

// strike is a place of a fault.
type strike struct{ fault, node, service string }

// strikes are the places that the plan's faults may strike: only there they have events.
func strikes(p *scenarios.Plan) map[strike]bool {
	at := map[strike]bool{}
	for _, f := range p.Faults {
		for _, c := range f.Candidates {
			at[strike{f.ID, c.Node, c.Service}] = true
		}
	}
	return at
}

// lines reads one line after another.
type lines struct {
	r *bufio.Reader
	n int // the number of the last line, from 1
	b []byte
}

func newLines(r io.Reader) *lines { return &lines{r: bufio.NewReaderSize(r, 64<<10)} }

// next gives the next line without its end, good until the next call; a last line without an end was cut off and is none.
// The error is io.EOF after the last one.
func (l *lines) next(most int) ([]byte, error) {
	l.n++
	l.b = l.b[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		if len(l.b)+len(part) > most {
			return nil, fmt.Errorf("longer than %d bytes", most)
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

// notEOF is an error unless it only says that nothing follows.
func notEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// cutOff tells a file that ends too early from one that cannot be read.
func cutOff(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }

// row is a sample as it stands in the file: an array of eleven, or of nine as written before TCP's own counts were kept.
type row Sample

// errRow says what a sample must look like.
var errRow = errors.New(`a sample is not [scheduled_ns,late_ns,first_us,done_us,bytes,user,node,"outcome",flags,syns,resent]`)

// UnmarshalJSON reads the array by hand: files hold hundreds of thousands of them.
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

// outcomes finds an outcome by its name in quotes.
var outcomes = func() map[string]load.Outcome {
	m := make(map[string]load.Outcome, load.NumOutcomes)
	for o := range load.NumOutcomes {
		m[strconv.Quote(o.String())] = o
	}
	return m
}()
