package proxy

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// controls carries what a node's agent tells the programs there. It keeps a connection to each: what is told at an instant waits
// for none. controlsKept is how long one is kept that nothing is said on.
var controls = &http.Transport{MaxIdleConnsPerHost: 2, IdleConnTimeout: controlsKept}

const controlsKept = 90 * time.Second

// tell sends one request to a control and gives the text of a good answer. A program that was started anew meanwhile has closed
// the connection; saying the same again on another does no harm.
func tell(ctx context.Context, method, url, body string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header["Idempotency-Key"] = []string{} // known to the transport, and not sent
	return answerOf(controls, request)
}

// Greet has the connection to a control made, and says whether the program is there.
func Greet(ctx context.Context, addr string) error {
	if _, err := tell(ctx, http.MethodGet, "http://"+addr+"/", ""); err != nil {
		return fmt.Errorf("control at %s: %w", addr, err)
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
