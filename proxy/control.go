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

// ListenControl opens the control of a program: a unix socket at name. Only this user can connect. It replaces the socket of a killed
// program. The directory must exist.
func ListenControl(name string) (l net.Listener, err error) {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("control: %w", err)
	}
	return ListenUnix(name)
}

// ListenUnix opens a unix socket at name. Only this user can connect. The file stays when the socket is closed. If the file exists,
// the error is syscall.EADDRINUSE, even if no program listens on it.
func ListenUnix(name string) (l net.Listener, err error) {
	err = within(name, func(short string) error {
		if l, err = net.Listen("unix", short); err != nil {
			return err
		}
		l.(*net.UnixListener).SetUnlinkOnClose(false) // after within the short name is invalid, or names another file
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

// within calls do with a short name of a file. The name of a unix socket has at most 107 bytes (unix(7)); that of a lab's directory
// may be longer.
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

// controls carries the requests of a node's agent to the controls of its programs. It keeps idle connections for 90 s, so that a
// request at a fault's instant does not wait for a new connection.
var controls = &http.Transport{DialContext: dialControl, MaxIdleConnsPerHost: 2, IdleConnTimeout: 90 * time.Second}

// controlURL is the URL of a control at a unix socket, for controls. The host is the socket's name in hex.
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

// tell sends one request to the control at a unix socket and gives the text of a good answer. If the program was restarted, the kept
// connection is closed; the transport then repeats the request on a new one, which is safe: every request is idempotent.
func tell(ctx context.Context, method, socket, path, body string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, method, controlURL(socket, path), strings.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header["Idempotency-Key"] = []string{} // allows the transport to repeat the request; the header is not sent
	return answerOf(controls, request)
}

// Greet connects to a control and checks that the program answers.
func Greet(ctx context.Context, socket string) error {
	if _, err := tell(ctx, http.MethodGet, socket, "/", ""); err != nil {
		return fmt.Errorf("control at %s: %w", socket, err)
	}
	return nil
}

// Ask gives a service's answer to GET, on a new connection.
func Ask(ctx context.Context, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	own := &http.Transport{DisableKeepAlives: true}
	defer own.CloseIdleConnections()
	return answerOf(own, request)
}

// answerOf gives the text of an answer with status 200. Other statuses are errors that quote the start of the text.
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
