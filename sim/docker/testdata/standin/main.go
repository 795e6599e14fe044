// Command standin speaks just enough of the agent's protocol to be a node.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"io"
	"os"

	"github.com/seed-ab8b6914/spof/proxy"
)

func main() {
	send('h', map[string]any{"version": "standin", "pid": os.Getpid()})
	in := bufio.NewReader(os.Stdin)
	for {
		var head [5]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return
		}
		b := make([]byte, binary.BigEndian.Uint32(head[1:]))
		if _, err := io.ReadFull(in, b); err != nil {
			return
		}
		var q struct {
			ID uint64 `json:"id"`
		}
		_ = json.Unmarshal(b, &q)
		send('r', map[string]any{"id": q.ID, "now_ns": proxy.Monotonic()})
	}
}

func send(kind byte, v any) {
	b, _ := json.Marshal(v)
	head := []byte{kind, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(head[1:], uint32(len(b)))
	_, _ = os.Stdout.Write(append(head, b...))
}
