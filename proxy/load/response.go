package load

import (
	"bytes"
	"errors"
	"io"
)

// Limits of an answer.
const (
	bufferSize    = 8 << 10 // bytes; also the largest head, chunk line and trailer line
	maxInterim    = 8       // 1xx answers before the final one
	statusLineMin = len("HTTP/1.1 200")
)

// head is the needed part of an answer's head. Its slices are valid until the body is read.
type head struct {
	status  int
	length  int64 // of Content-Length; -1: none
	chunked bool
	closing bool // the connection ends with this answer

	via        []byte // the last Via field, of the proxy nearest to the user
	xCache     []byte // last element of X-Cache, of the cache nearest to the user
	peerXCache []byte // element before that one, of the cache that gave it the answer
	sum        []byte // Spof-Sum
	object     []byte // Spof-Object
	spofVia    []byte // Spof-Via
}

// reader parses HTTP/1.x answers from a buffer of fixed size, which it reuses.
type reader struct {
	src  io.Reader
	buf  [bufferSize]byte
	r, w int
}

func (r *reader) buffered() int { return r.w - r.r }

// fill reads once into the buffer. A head or line that does not fit the buffer is malformed.
func (r *reader) fill() error {
	if r.r > 0 {
		r.w = copy(r.buf[:], r.buf[r.r:r.w])
		r.r = 0
	}
	if r.w == len(r.buf) {
		return failure(Malformed)
	}
	for range 16 {
		n, err := r.src.Read(r.buf[r.w:])
		if r.w += n; n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// more is fill inside an answer: there the end of the stream is an error.
func (r *reader) more() error {
	err := r.fill()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readHead reads the head of the final answer. It skips 1xx answers.
func (r *reader) readHead(h *head) error {
	for range maxInterim {
		end, err := r.headEnd()
		if err != nil {
			return err
		}
		block := r.buf[r.r : r.r+end]
		r.r += end
		if err := h.parse(block); err != nil {
			return err
		}
		if h.status >= 200 {
			return nil
		}
		if h.status == 101 { // no other protocol was requested
			break
		}
	}
	return failure(Malformed)
}

// headEnd waits for a whole head. It returns the head's length in bytes with the empty line.
func (r *reader) headEnd() (int, error) {
	const proto = "HTTP/1."
	for line := 0; ; { // line is the start of the current line
		seen := r.buf[r.r:r.w]
		if n := min(len(seen), len(proto)); string(seen[:n]) != proto[:n] {
			return 0, failure(Malformed)
		}
		if n := bytes.IndexByte(seen[line:], '\n'); n >= 0 {
			if n == 0 || n == 1 && seen[line] == '\r' {
				return line + n + 1, nil
			}
			line += n + 1
			continue
		}
		if err := r.more(); err != nil {
			return 0, err
		}
	}
}

// parse reads a whole head (RFC 9112, sections 4 and 5).
func (h *head) parse(block []byte) error {
	line, rest := cutLine(block)
	if len(line) < statusLineMin || line[8] != ' ' || len(line) > statusLineMin && line[statusLineMin] != ' ' {
		return failure(Malformed)
	}
	status, ok := parseNumber(line[9:12], 10)
	old := line[7] == '0'
	if !ok || status < 100 || !old && line[7] != '1' {
		return failure(Malformed)
	}
	*h = head{status: int(status), length: -1}
	var options options
	for {
		if line, rest = cutLine(rest); len(line) == 0 {
			break
		}
		colon := bytes.IndexByte(line, ':')
		if colon <= 0 || bytes.ContainsAny(line[:colon], " \t") { // also refuses folded lines
			return failure(Malformed)
		}
		name, value := line[:colon], bytes.Trim(line[colon+1:], " \t")
		if is(name, "connection") || is(name, "proxy-connection") {
			options.add(value)
		} else if err := h.field(name, value); err != nil {
			return err
		}
	}
	h.closing = options.close || old && !options.keepAlive
	if h.chunked && (h.length >= 0 || old) { // section 6.1: the chunks give the length; the connection must be closed
		h.length, h.closing = -1, true
	}
	return nil
}

// field stores one header field.
func (h *head) field(name, value []byte) error {
	switch {
	case is(name, "content-length"):
		n, ok := parseNumber(value, 10)
		if !ok || h.length >= 0 && h.length != n {
			return failure(Malformed)
		}
		h.length = n
	case is(name, "transfer-encoding"):
		if !is(value, "chunked") || h.chunked {
			return failure(Malformed) // no other coding was offered
		}
		h.chunked = true
	case is(name, "via"):
		h.via = value
	case is(name, "x-cache"):
		for element := range bytes.SplitSeq(value, []byte(",")) {
			h.peerXCache, h.xCache = h.xCache, bytes.Trim(element, " \t")
		}
	case is(name, "spof-sum"):
		h.sum = value
	case is(name, "spof-object"):
		h.object = value
	case is(name, "spof-via"):
		h.spofVia = value
	}
	return nil
}

// options are the connection options that are used here.
type options struct{ close, keepAlive bool }

func (o *options) add(list []byte) {
	for option := range bytes.SplitSeq(list, []byte(",")) {
		option = bytes.Trim(option, " \t")
		o.close = o.close || is(option, "close")
		o.keepAlive = o.keepAlive || is(option, "keep-alive")
	}
}

// line consumes one line and returns it without its end. It is valid until the next read.
func (r *reader) line() ([]byte, error) {
	for {
		if n := bytes.IndexByte(r.buf[r.r:r.w], '\n'); n >= 0 {
			line, _ := cutLine(r.buf[r.r : r.r+n+1])
			r.r += n + 1
			return line, nil
		}
		if err := r.more(); err != nil {
			return nil, err
		}
	}
}

// cutLine splits off the first line, without its CRLF or LF.
func cutLine(b []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(b, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), rest
}

// is compares b with a lower-case name and ignores the case of b.
func is(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// parseNumber parses 1 to 15 digits, without sign or space.
func parseNumber(digits []byte, base int64) (n int64, ok bool) {
	if len(digits) == 0 || len(digits) > 15 {
		return 0, false
	}
	for _, c := range digits {
		var d int64
		switch {
		case '0' <= c && c <= '9':
			d = int64(c - '0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			d = int64(c|0x20-'a') + 10
		default:
			return 0, false
		}
		if d >= base {
			return 0, false
		}
		n = n*base + d
	}
	return n, true
}
