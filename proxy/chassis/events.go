package chassis

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Bounds of the event service.
const (
	maxRecords   = 200             // log entries; the oldest are dropped
	maxListeners = 16              // subscriptions and streams together
	maxPending   = 64              // undelivered events of one listener; further events are dropped
	maxRequest   = 64 << 10        // bytes
	deliverIn    = 2 * time.Second // time-out of one event to one listener
)

// record is one event, for the log and for listeners.
type record struct {
	ID     int
	At     time.Time
	Health Health
	Text   string
	Origin string
}

// messageID names the message in DMTF's registry of resource events.
func (e record) messageID() string {
	return "ResourceEvent.1.4.ResourceStatusChanged" + string(e.Health)
}

// event gives the record as an Event resource for one listener.
func (e record) event(listener string) object {
	id := strconv.Itoa(e.ID)
	return object{
		"@odata.type": "#Event.v1_9_0.Event", "Id": id, "Name": "Chassis Event", "Context": listener,
		"Events": []object{{
			"MemberId": "0", "EventId": id, "EventType": "StatusChange", "EventTimestamp": e.At.Format(time.RFC3339),
			"MessageSeverity": e.Health, "Severity": e.Health, "Message": e.Text, "MessageId": e.messageID(),
			"MessageArgs": []string{path.Base(e.Origin), string(e.Health)}, "OriginOfCondition": link(e.Origin),
		}},
	}
}

// listener is a subscription or a stream.
type listener struct {
	queue       chan record
	destination string // of a subscription; empty for a stream
	context     string
	stop        context.CancelFunc
}

// board is the event log with its listeners.
type board struct {
	mu        sync.Mutex
	ended     context.Context
	end       context.CancelFunc
	log       []record
	next      int // number of the next record
	listeners map[int]*listener
	lastID    int // number of the last listener
}

func newBoard() *board {
	ctx, cancel := context.WithCancel(context.Background())
	return &board{ended: ctx, end: cancel, next: 1, listeners: map[int]*listener{}}
}

func (b *board) close() { b.end() }

// post logs a record and queues it for every listener whose queue has room.
func (b *board) post(e record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e.ID = b.next
	b.next++
	b.log = append(b.log, e)
	b.log = b.log[max(0, len(b.log)-maxRecords):]
	for _, l := range b.listeners {
		select {
		case l.queue <- e:
		default:
		}
	}
}

// listen adds a listener. ok is false if there are maxListeners already.
func (b *board) listen(destination, name string) (id int, l *listener, ctx context.Context, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.listeners) >= maxListeners {
		return 0, nil, nil, false
	}
	ctx, cancel := context.WithCancel(b.ended)
	b.lastID++
	l = &listener{queue: make(chan record, maxPending), destination: destination, context: name, stop: cancel}
	b.listeners[b.lastID] = l
	return b.lastID, l, ctx, true
}

func (b *board) forget(id int) (found bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l, found := b.listeners[id]
	if found {
		l.stop()
		delete(b.listeners, id)
	}
	return found
}

// stream sends events at once, as server-sent events.
func (b *board) stream(w http.ResponseWriter, q *http.Request) {
	id, l, ctx, ok := b.listen("", "")
	if !ok {
		tooManyListeners(w)
		return
	}
	defer b.forget(id)
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	out := http.NewResponseController(w)
	_ = out.SetReadDeadline(time.Time{}) // the server's time-outs are for short requests
	send := func(text string) error {
		err := out.SetWriteDeadline(time.Now().Add(deliverIn))
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		return errors.Join(err, out.Flush())
	}
	if send("") != nil {
		return
	}
	for {
		select {
		case e := <-l.queue:
			text, err := json.Marshal(e.event(""))
			if err != nil {
				return
			}
			if send(fmt.Sprintf("id: %d\ndata: %s\n\n", e.ID, text)) != nil {
				return
			}
		case <-ctx.Done():
			return
		case <-q.Context().Done():
			return
		}
	}
}

func tooManyListeners(w http.ResponseWriter) {
	problem(w, http.StatusServiceUnavailable, "EventSubscriptionLimitExceeded", fmt.Sprintf("%d listeners already", maxListeners))
}

// subscribe answers a POST to the subscriptions. From then on events are posted to the subscription's Destination in the lab.
func (b *board) subscribe(w http.ResponseWriter, q *http.Request, access Access) {
	var body struct{ Destination, Context, Protocol string }
	if err := json.NewDecoder(io.LimitReader(q.Body, maxRequest)).Decode(&body); err != nil {
		problem(w, http.StatusBadRequest, "MalformedJSON", err.Error())
		return
	}
	to, err := access.dial(body.Destination)
	if err != nil {
		problem(w, http.StatusBadRequest, "PropertyValueFormatError", fmt.Sprintf("Destination %q: %v", body.Destination, err))
		return
	}
	if body.Protocol != "Redfish" {
		problem(w, http.StatusBadRequest, "PropertyValueNotInList", fmt.Sprintf("Protocol %q: want Redfish", body.Protocol))
		return
	}
	id, l, ctx, ok := b.listen(body.Destination, body.Context)
	if !ok {
		tooManyListeners(w)
		return
	}
	go b.deliver(ctx, l, clientTo(to))
	at := subscriptions + "/" + strconv.Itoa(id)
	w.Header().Set("Location", at)
	answer(w, http.StatusCreated, destination(at, id, l))
}

// clientTo makes a client that connects only to one address. It ignores the environment's proxy and follows no redirect.
func clientTo(to string) *http.Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", to)
	}
	return &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true, DialContext: dial},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       deliverIn,
	}
}

// deliver posts a subscription's events. It does not retry.
func (b *board) deliver(ctx context.Context, l *listener, client *http.Client) {
	for {
		select {
		case e := <-l.queue:
			text, err := json.Marshal(e.event(l.context))
			if err != nil {
				continue
			}
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, l.destination, bytes.NewReader(text))
			if err != nil {
				continue
			}
			request.Header.Set("Content-Type", "application/json")
			if response, err := client.Do(request); err == nil {
				_ = response.Body.Close()
			}
		case <-ctx.Done():
			return
		}
	}
}

func (b *board) unsubscribe(w http.ResponseWriter, at string) {
	id, err := strconv.Atoi(path.Base(at))
	if err != nil || !b.forget(id) {
		problem(w, http.StatusNotFound, "ResourceNotFound", "no resource at "+at)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func destination(at string, id int, l *listener) object {
	return resource(at, "EventDestination.v1_14_0.EventDestination", strconv.Itoa(id), "Subscription", object{
		"Destination": l.destination, "Context": l.context, "Protocol": "Redfish", "SubscriptionType": "RedfishEvent",
		"Status": status("Enabled", OK),
	})
}

// tree gives the resources of the event service, its subscriptions, and the log below the path logs.
func (b *board) tree(logs string) map[string]object {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := map[string]object{}
	t[eventRoot] = resource(eventRoot, "EventService.v1_10_0.EventService", "EventService", "Event Service", object{
		"ServiceEnabled": true, "Status": status("Enabled", OK), "DeliveryRetryAttempts": 0, "DeliveryRetryIntervalSeconds": 0,
		"ServerSentEventUri": streamPath, "RegistryPrefixes": []string{"ResourceEvent"}, "Subscriptions": link(subscriptions),
	})
	var members []string
	for id, l := range b.listeners {
		if l.destination != "" {
			at := subscriptions + "/" + strconv.Itoa(id)
			members = append(members, at)
			t[at] = destination(at, id, l)
		}
	}
	slices.Sort(members)
	t[subscriptions] = collection(subscriptions, "EventDestination", "Event Subscriptions", members)
	log := logs + "/Log"
	t[logs] = collection(logs, "LogService", "Log Services", []string{log})
	t[log] = resource(log, "LogService.v1_7_0.LogService", "Log", "Chassis Log", object{
		"LogEntryType": "Event", "OverWritePolicy": "WrapsWhenFull", "MaxNumberOfRecords": maxRecords, "ServiceEnabled": true,
		"Status": status("Enabled", OK), "Entries": link(log + "/Entries"),
	})
	full := make([]object, 0, len(b.log))
	for _, e := range b.log {
		at := log + "/Entries/" + strconv.Itoa(e.ID)
		t[at] = resource(at, "LogEntry.v1_16_0.LogEntry", strconv.Itoa(e.ID), "Log Entry "+strconv.Itoa(e.ID), object{
			"EntryType": "Event", "Severity": e.Health, "Created": e.At.Format(time.RFC3339), "Message": e.Text,
			"MessageId": e.messageID(), "Links": object{"OriginOfCondition": link(e.Origin)},
		})
		full = append(full, t[at])
	}
	entries := collection(log+"/Entries", "LogEntry", "Log Entries", nil)
	entries["Members"], entries["Members@odata.count"] = full, len(full)
	t[log+"/Entries"] = entries
	return t
}
