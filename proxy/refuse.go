package proxy

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// Refusals are the clients that an origin refuses: address -> HTTP status of its answers.
type Refusals map[string]int

// Refuse makes the origin whose control is at a unix socket answer a client with a status from 400 to 599. Status 0 makes it serve the
// client again. Refuse fails unless the origin confirms the change.
func Refuse(ctx context.Context, socket, client string, status int) error {
	method, body := http.MethodPut, strconv.Itoa(status)
	if status == 0 {
		method, body = http.MethodDelete, ""
	}
	text, err := tell(ctx, method, socket, "/"+client, body)
	var now Refusals
	if err == nil {
		err = json.Unmarshal([]byte(text), &now)
	}
	if err != nil {
		return fmt.Errorf("control of the origin: %w", err)
	}
	if now[client] != status {
		return fmt.Errorf("the origin's status for %s is %d: want %d (0: served)", client, now[client], status)
	}
	return nil
}
