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

	"github.com/seed-ab8b6914/spof/reason"
)

const (
	answerWithin = 2 * time.Second // for an answer of a whole link
	closedWithin = 2 * time.Second // for the end of a connection to arrive; it takes 1 ms on an idle machine
	refuseWithin = 2 * time.Second
	quietFor     = 50 * time.Millisecond // plus twice the time of the first answer; a link without an answer for so long is silent
	freshFor     = 5 * time.Second       // the age at which a witness is replaced
)

// witness is a connection through one proxy of the link on which a request was answered.
type witness struct {
	link *client.Proxy
	conn net.Conn
	in   *bufio.Reader
	took time.Duration // for the first answer, with connect and handshake
	at   time.Time
}

// openWitnesses opens a witness through every proxy at once.
func openWitnesses(ctx context.Context, links []*client.Proxy) ([]*witness, error) {
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

// answerTries bounds the requests to a link that is given back: all users come back at once, and handshakes take long.
const answerTries = 3

// answered checks that every proxy answers on a new connection.
func answered(ctx context.Context, links []*client.Proxy) (err error) {
	for range answerTries {
		var witnesses []*witness
		witnesses, err = openWitnesses(ctx, links)
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

// open connects and waits for the answer to a request, all within limit. It speaks TLS to proxies named ...-https.
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
		// The witness proves that bytes come back, not from whom.
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

// ask sends a request and waits for any answer until the deadline of ctx.
func (w *witness) ask(ctx context.Context) error {
	if err := w.exchange(ctx); err != nil {
		return fmt.Errorf("%s: %w", w.link.Name, err)
	}
	return nil
}

func (w *witness) exchange(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok {
		if err := w.conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, "http://"+w.link.Listen+"/", nil)
	if err != nil {
		return err
	}
	if err := request.Write(w.conn); err != nil {
		return err
	}
	response, err := http.ReadResponse(w.in, request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// silent checks that neither the witness nor a second, new connection is answered. The connections stay open.
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
			return reason.Errorf("not-proven", "%s: the silent link answered a request", w.link.Name)
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, context.DeadlineExceeded) {
			return reason.Errorf("not-proven", "the silent link did not stay silent: %w", err)
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
		return reason.Errorf("not-proven", "%s: the open connection got data after the cut", w.link.Name)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return reason.Errorf("not-proven", "%s: the open connection was not closed within %s", w.link.Name, closedWithin)
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
		return reason.Errorf("not-proven", "%s: the cut link accepted a new connection", addr)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return reason.Errorf("not-proven", "%s: the cut link did not refuse a new connection: %w", addr, err)
	}
	return nil
}
