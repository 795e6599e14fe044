package agent

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// The control channel carries frames: one byte of kind, four bytes of length (big endian), payload.
const (
	frameHello    = 'h' // agent -> controller: Hello
	frameRequest  = 'q' // controller -> agent: Request
	frameResponse = 'r' // agent -> controller: Response
	frameEvent    = 'e' // agent -> controller: proxy.Event
	frameSamples  = 's' // agent -> controller: load.EncodeSamples
	frameReading  = 'm' // agent -> controller: proxy.Reading
)

// maxFrame bounds a frame's payload, in bytes. A larger frame is an error, before any allocation.
const maxFrame = 16 << 20

// frameWriter writes whole frames. It is safe for concurrent use.
type frameWriter struct {
	mu sync.Mutex
	w  io.Writer
	b  []byte
}

func (f *frameWriter) write(kind byte, payload []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.b = append(f.b[:0], kind, 0, 0, 0, 0)
	binary.BigEndian.PutUint32(f.b[1:], uint32(len(payload)))
	f.b = append(f.b, payload...)
	_, err := f.w.Write(f.b)
	return err
}

func (f *frameWriter) writeJSON(kind byte, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return f.write(kind, b)
}

// readFrame reads one frame. The payload is valid until the next call with the same buffer.
func readFrame(r *bufio.Reader, buf []byte) (kind byte, payload, grown []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, buf, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > maxFrame {
		return 0, nil, buf, fmt.Errorf("control channel: a frame of %d bytes is larger than %d", n, maxFrame)
	}
	if int(n) > cap(buf) {
		buf = make([]byte, n)
	}
	payload = buf[:n]
	if _, err := io.ReadFull(r, payload); err != nil {
		return 0, nil, buf, fmt.Errorf("control channel: cut in a frame: %w", err)
	}
	return head[0], payload, buf, nil
}
