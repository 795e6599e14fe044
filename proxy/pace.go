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

// MaxSlow is the slowest that an origin can be told to be.
const MaxSlow = 30 * time.Second

// SlowDown has the origin whose pace is set at addr wait so long before each answer; 0: not at all. It fails unless the
// origin says that it will.
func SlowDown(ctx context.Context, addr string, delay time.Duration) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, "http://"+addr+"/", strings.NewReader(delay.String()))
	if err != nil {
		return err
	}
	text, err := answerOf(request)
	if err != nil {
		return fmt.Errorf("pace of the origin: %w", err)
	}
	if now, err := time.ParseDuration(text); err != nil || now != delay {
		return fmt.Errorf("the origin waits %q where %s was asked for", text, delay)
	}
	return nil
}

// answerOf sends one request on a connection of its own and gives the text of a good answer.
func answerOf(request *http.Request) (string, error) {
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
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

// Ask gives the text that a service answers to GET.
func Ask(ctx context.Context, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	return answerOf(request)
}
