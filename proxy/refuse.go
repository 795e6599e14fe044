package proxy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Refusals are the clients that an origin does not serve: by address, the HTTP status that each is answered.
type Refusals map[string]int

// Refuse replaces the refusals of the origin whose control is at addr, and gives what it then has.
func Refuse(ctx context.Context, addr string, list Refusals) (Refusals, error) {
	return refusals(ctx, http.MethodPut, addr, list)
}

// Refused gives the refusals of the origin whose control is at addr.
func Refused(ctx context.Context, addr string) (Refusals, error) {
	return refusals(ctx, http.MethodGet, addr, nil)
}

func refusals(ctx context.Context, method, addr string, list Refusals) (Refusals, error) {
	body, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://"+addr+"/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil, fmt.Errorf("control of the origin: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("control of the origin: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("control of the origin: %s: %s", response.Status, bytes.TrimSpace(text))
	}
	var now Refusals
	if err := json.Unmarshal(text, &now); err != nil {
		return nil, fmt.Errorf("control of the origin: %w", err)
	}
	return now, nil
}
