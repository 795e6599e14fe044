package load

import (
	"bytes"
	"errors"
	"hash/crc32"
	"io"
)

const maxTrailers = 32 // lines

// errTooLong is returned when a body is longer than the limit of its reader.
var errTooLong = errors.New("the body is longer than requested")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// bodyless reports whether an answer has no body, whatever its header fields say (RFC 9112, section 6.3).
func (h *head) bodyless() bool { return h.status == 204 || h.status == 304 }

// readBody reads the body that follows h, at most limit bytes. It returns the body's length in bytes and its CRC-32C.
func (r *reader) readBody(h *head, limit int64) (n int64, sum uint32, err error) {
	b := body{reader: r, left: limit}
	switch {
	case h.bodyless():
	case h.chunked:
		err = b.chunks()
	case h.length >= 0:
		err = b.take(h.length)
	default:
		h.closing = true
		err = b.rest()
	}
	return limit - b.left, b.sum, err
}

// body reads the body of one answer and computes its checksum.
type body struct {
	*reader
	left int64
	sum  uint32
}

// take consumes n bytes.
func (b *body) take(n int64) error {
	if n > b.left {
		return errTooLong
	}
	for n > 0 {
		if b.buffered() == 0 {
			if err := b.more(); err != nil {
				return err
			}
		}
		n -= b.consume(n)
	}
	return nil
}

// consume adds at most n of the buffered bytes to the checksum, and removes them from the buffer. It returns their number.
func (b *body) consume(n int64) int64 {
	part := b.buf[b.r : b.r+int(min(n, int64(b.buffered())))]
	b.sum = crc32.Update(b.sum, castagnoli, part)
	b.r += len(part)
	b.left -= int64(len(part))
	return int64(len(part))
}

// rest consumes everything up to the end of the stream.
func (b *body) rest() error {
	for {
		if b.consume(b.left); b.buffered() > 0 {
			return errTooLong
		}
		switch err := b.fill(); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// chunks consumes a chunked body with its trailers (RFC 9112, section 7.1).
func (b *body) chunks() error {
	for {
		line, err := b.line()
		if err != nil {
			return err
		}
		digits, _, _ := bytes.Cut(line, []byte(";"))
		size, ok := parseNumber(bytes.TrimRight(digits, " \t"), 16)
		if !ok {
			return failure(Malformed)
		}
		if size == 0 {
			return b.trailers()
		}
		if err := b.take(size); err != nil {
			return err
		}
		if line, err = b.line(); err != nil {
			return err
		} else if len(line) > 0 {
			return failure(Malformed)
		}
	}
}

func (b *body) trailers() error {
	for range maxTrailers {
		if line, err := b.line(); err != nil || len(line) == 0 {
			return err
		}
	}
	return failure(Malformed)
}
