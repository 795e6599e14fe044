package proxy

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// Refusals are the clients that an origin does not serve: by address, the HTTP status that each is answered.
type Refusals map[string]int

// Refuse has the origin whose control is at a unix socket answer a client with a status from 400 to 599, or serve it again with 0. It
// fails unless the origin says that it will.
func Refuse(ctx context.Context, socket, client string, status int) error {
	method, body := http.MethodPut, strconv.Itoa(status)
	if status == 0 {
		method, body = http.MethodDelete, ""
	}
	now, err := refusals(ctx, method, socket, "/"+client, body)
	if err != nil {
		return err
	}
	if now[client] != status {
		return fmt.Errorf("the origin answers %d to %s where %d was asked for (0: it serves)", now[client], client, status)
	}
	return nil
}

// Refused gives the refusals of the origin whose control is at a unix socket.
func Refused(ctx context.Context, socket string) (Refusals, error) {
	return refusals(ctx, http.MethodGet, socket, "/", "")
}

func refusals(ctx context.Context, method, socket, path, body string) (Refusals, error) {
	text, err := tell(ctx, method, socket, path, body)
	if err != nil {
		return nil, fmt.Errorf("control of the origin: %w", err)
	}
	var now Refusals
	if err := json.Unmarshal([]byte(text), &now); err != nil {
		return nil, fmt.Errorf("control of the origin: %w", err)
	}
	return now, nil
}
