package proxy

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// ListenControl opens the control of a program: a unix socket at name, to which this user alone can connect. One that a killed
// program has left there is replaced. The directory must exist.
func ListenControl(name string) (l net.Listener, err error) {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("control: %w", err)
	}
	return ListenUnix(name)
}

// ListenUnix opens a unix socket at name, to which this user alone can connect. The name stays when the socket is closed. The
// error is syscall.EADDRINUSE where the name is taken, if by a socket that nobody listens on.
func ListenUnix(name string) (l net.Listener, err error) {
	err = within(name, func(short string) error {
		if l, err = net.Listen("unix", short); err != nil {
			return err
		}
		l.(*net.UnixListener).SetUnlinkOnClose(false) // the short name means another file by then
		return os.Chmod(short, 0o600)
	})
	if err != nil && l != nil {
		_ = l.Close()
	}
	return l, err
}

// DialUnix connects to the unix socket at name.
func DialUnix(ctx context.Context, name string) (c net.Conn, err error) {
	err = within(name, func(short string) error {
		c, err = (&net.Dialer{}).DialContext(ctx, "unix", short)
		return err
	})
	return c, err
}

// within calls do with a short name of a file: the kernel takes 107 bytes, and a lab's directory may be longer (unix(7)).
func within(name string, do func(short string) error) error {
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := do(fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(name))); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// controls carries what a node's agent tells the programs there. It keeps a connection to each: what is told at an instant waits
// for none. controlsKept is how long one is kept that nothing is said on.
var controls = &http.Transport{DialContext: dialControl, MaxIdleConnsPerHost: 2, IdleConnTimeout: controlsKept}

const controlsKept = 90 * time.Second

// controlURL is what the control at a unix socket is to the transport: the host is the socket's name, in hex.
func controlURL(socket, path string) string {
	return "http://" + hex.EncodeToString([]byte(socket)) + path
}

func dialControl(ctx context.Context, _, addr string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	socket, err := hex.DecodeString(host)
	if err != nil {
		return nil, err
	}
	return DialUnix(ctx, string(socket))
}

// tell sends one request to the control at a unix socket and gives the text of a good answer. A program that was started anew
// meanwhile has closed the connection; saying the same again on another does no harm.
func tell(ctx context.Context, method, socket, path, body string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, method, controlURL(socket, path), strings.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header["Idempotency-Key"] = []string{} // known to the transport, and not sent
	return answerOf(controls, request)
}

// Greet has the connection to a control made, and says whether the program is there.
func Greet(ctx context.Context, socket string) error {
	if _, err := tell(ctx, http.MethodGet, socket, "/", ""); err != nil {
		return fmt.Errorf("control at %s: %w", socket, err)
	}
	return nil
}

// Ask gives the text that a service answers to GET on a connection of its own.
func Ask(ctx context.Context, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	own := &http.Transport{DisableKeepAlives: true}
	defer own.CloseIdleConnections()
	return answerOf(own, request)
}

// answerOf gives the text of a good answer.
func answerOf(over http.RoundTripper, request *http.Request) (string, error) {
	response, err := over.RoundTrip(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return "", err
	}
	if text = bytes.TrimSpace(text); response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %.200s", response.Status, text)
	}
	return string(text), nil
}
