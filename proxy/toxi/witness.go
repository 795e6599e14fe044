package toxi

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	client "github.com/Shopify/toxiproxy/v2/client"
)

const (
	answerWithin = 2 * time.Second // for a whole link to answer
	closedWithin = 2 * time.Second // for a closed connection to be seen as such; it takes a millisecond, or a busy machine's while
	refuseWithin = 2 * time.Second
	quietFor     = 50 * time.Millisecond // and twice the time the answer took: then silence is silence
	freshFor     = 5 * time.Second       // a witness older than this is not asked
)

// witness is a connection through one proxy of the link that a request was answered on.
type witness struct {
	link *client.Proxy
	conn net.Conn
	in   *bufio.Reader
	took time.Duration // for the first answer, with connect and handshake
	at   time.Time
}

// summon opens a witness through every proxy at once.
func summon(ctx context.Context, links []*client.Proxy) ([]*witness, error) {
	witnesses := make([]*witness, len(links))
	for i, l := range links {
		witnesses[i] = &witness{link: l}
	}
	err := each(witnesses, func(w *witness) error { return w.open(ctx, answerWithin) })
	if err != nil {
		for _, w := range witnesses {
			w.close()
		}
		return nil, err
	}
	return witnesses, nil
}

// answerTries bounds how often a link that is given back is asked: everybody comes back at once, and handshakes take long.
const answerTries = 3

// answered checks that every proxy answers on a new connection.
func answered(ctx context.Context, links []*client.Proxy) (err error) {
	for range answerTries {
		var witnesses []*witness
		witnesses, err = summon(ctx, links)
		for _, w := range witnesses {
			w.close()
		}
		if err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

func fresh(witnesses []*witness) bool {
	for _, w := range witnesses {
		if time.Since(w.at) > freshFor {
			return false
		}
	}
	return len(witnesses) > 0
}

// open connects and has a request answered, all within limit. Proxies named ...-https are spoken to in TLS.
func (w *witness) open(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	start := time.Now()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", w.link.Listen)
	if err != nil {
		return fmt.Errorf("%s: %w", w.link.Name, err)
	}
	w.conn = conn
	if strings.HasSuffix(w.link.Name, "-https") {
		// The question is whether bytes come back, not whose they are.
		w.conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12})
	}
	w.in = bufio.NewReader(w.conn)
	if err := w.ask(ctx); err != nil {
		return err
	}
	w.at = time.Now()
	w.took = w.at.Sub(start)
	return nil
}

// ask sends a request and waits for the answer until the deadline of ctx. Any answer will do.
func (w *witness) ask(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok {
		if err := w.conn.SetDeadline(deadline); err != nil {
			return fmt.Errorf("%s: %w", w.link.Name, err)
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, "http://"+w.link.Listen+"/", nil)
	if err != nil {
		return fmt.Errorf("%s: %w", w.link.Name, err)
	}
	if err := request.Write(w.conn); err != nil {
		return fmt.Errorf("%s: %w", w.link.Name, err)
	}
	response, err := http.ReadResponse(w.in, request)
	if err != nil {
		return fmt.Errorf("%s: %w", w.link.Name, err)
	}
	return response.Body.Close()
}

// silent checks that neither the witness nor a new connection beside it is answered. The connections stay open.
func (w *witness) silent(ctx context.Context) error {
	wait := quietFor + 2*w.took
	another := &witness{link: w.link}
	defer another.close()
	return each([]func(context.Context) error{
		w.ask,
		func(ctx context.Context) error { return another.open(ctx, wait) },
	}, func(try func(context.Context) error) error {
		ctx, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		err := try(ctx)
		if err == nil {
			return fmt.Errorf("%s: answered a request", w.link.Name)
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("not silent: %w", err)
		}
		return nil
	})
}

// closed checks that the link has closed the connection.
func (w *witness) closed(ctx context.Context) error {
	deadline := time.Now().Add(closedWithin)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	if err := w.conn.SetReadDeadline(deadline); err != nil {
		return fmt.Errorf("%s: %w", w.link.Name, err)
	}
	switch _, err := w.in.ReadByte(); {
	case err == nil:
		return fmt.Errorf("%s: the open connection got data", w.link.Name)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("%s: the open connection is still open", w.link.Name)
	}
	return nil
}

func (w *witness) close() {
	if w.conn != nil {
		_ = w.conn.Close()
	}
}

// refused checks that a new connection is refused.
func refused(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, refuseWithin)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err == nil {
		_ = conn.Close()
		return fmt.Errorf("%s: a new connection is accepted", addr)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("%s: not refused: %w", addr, err)
	}
	return nil
}
