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
	"github.com/seed-ab8b6914/spof/topology/plainfile"
)

// MaxFile is the largest trace file that is read, in bytes as it is compressed: some hundred million samples.
const MaxFile = 1 << 30

// maxLine bounds a line, so that a file that is no trace cannot take all memory.
const maxLine = 16 << 20

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
// so; what is no trace, or one that was tampered with, is an error, and a *SchemaError if it is of another version.
func Read(r io.Reader) (*Trace, error) {
	gz, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("trace: not a gzip file: %w", err)
	}
	lines := bufio.NewScanner(gz)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	lines.Split(wholeLines)

	t := &Trace{}
	if !lines.Scan() {
		return nil, fmt.Errorf("trace: no header: %w", cmp.Or(lines.Err(), io.ErrUnexpectedEOF))
	}
	if err := readHeader(lines.Bytes(), &t.Header); err != nil {
		return nil, err
	}
	var end *endMark
	for n := 2; lines.Scan(); n++ {
		if end != nil {
			return nil, fmt.Errorf("trace: line %d: stands after the end mark", n)
		}
		if end, err = t.add(lines.Bytes()); err != nil {
			return nil, fmt.Errorf("trace: line %d: %w", n, err)
		}
	}
	err = lines.Err()
	switch {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("trace: a line is longer than %d bytes", maxLine)
	case err != nil && !cutOff(err):
		return nil, fmt.Errorf("trace: read: %w", err)
	case end == nil || err != nil:
		t.Broken = noEndMark
	case end.Events != len(t.Events) || end.Samples != len(t.Samples) || end.Machine != len(t.Machine):
		return nil, fmt.Errorf("trace: the end mark counts %d events, %d samples and %d readings of the machine, but there are %d, %d and %d",
			end.Events, end.Samples, end.Machine, len(t.Events), len(t.Samples), len(t.Machine))
	default:
		t.Broken = end.Broken
	}
	return t, nil
}

// readHeader checks the schema before anything else, since another version's header may have another form.
func readHeader(b []byte, h *Header) error {
	var version struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(b, &version); err != nil {
		return fmt.Errorf("trace: header: %w", err)
	}
	if version.Schema != Schema {
		return &SchemaError{version.Schema}
	}
	if err := json.Unmarshal(b, h); err != nil {
		return fmt.Errorf("trace: header: %w", err)
	}
	return nil
}

// add takes one line into the trace; it returns the end mark when the line is one.
func (t *Trace) add(b []byte) (*endMark, error) {
	var l line
	if err := json.Unmarshal(b, &l); err != nil {
		return nil, err
	}
	switch is := [...]bool{l.Event != nil, l.Samples != nil, l.Machine != nil, l.End != nil}; is {
	case [...]bool{true, false, false, false}:
		t.Events = append(t.Events, *l.Event)
	case [...]bool{false, true, false, false}:
		for i := range l.Samples {
			t.Samples = append(t.Samples, Sample(l.Samples[i]))
		}
	case [...]bool{false, false, true, false}:
		t.Machine = append(t.Machine, *l.Machine)
	case [...]bool{false, false, false, true}:
		return l.End, nil
	default:
		return nil, errors.New("want one of e, s, m and end")
	}
	return nil, nil
}

// wholeLines splits at line ends and drops a last line that has none: it was cut off.
func wholeLines(data []byte, _ bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	return 0, nil, nil
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
