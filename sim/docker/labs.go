package docker

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
)

// Lab is what an engine has of one lab, and whose it is.
type Lab struct {
	ID      string
	User    string // who made it; empty: an older version did
	Command string // with which command
	PID     string // of which process, on the user's machine
	Since   time.Time
	// Orphan: its process is known to have ended. Its nodes end by themselves within seconds.
	Orphan bool
	// Dead: nothing of it runs, and it is an orphan or nothing of it is newer than a minute.
	Dead bool
}

// String says whose a lab is.
func (l Lab) String() string {
	return fmt.Sprintf("lab %s of %s, process %s, since %s: %s", l.ID, cmp.Or(l.User, "somebody"), cmp.Or(l.PID, "?"),
		l.Since.Local().Format(time.DateTime), cmp.Or(l.Command, "its command is not known"))
}

// labs lists every lab of the engine, the oldest first.
func (e *engine) labs(ctx context.Context) ([]Lab, error) {
	now, err := e.now(ctx)
	if err != nil {
		return nil, err
	}
	cs, err := e.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: labelled("")})
	if err != nil {
		return nil, err
	}
	ns, err := e.api.NetworkList(ctx, client.NetworkListOptions{Filters: labelled("")})
	if err != nil {
		return nil, err
	}
	return labsOf(now, cs.Items, ns.Items, gone), nil
}

// now reads the clock that dates what the engine has.
func (e *engine) now(ctx context.Context) (time.Time, error) {
	info, err := e.api.Info(ctx, client.InfoOptions{})
	if err != nil {
		return time.Time{}, err
	}
	now, err := time.Parse(time.RFC3339Nano, info.Info.SystemTime)
	if err != nil {
		return time.Time{}, fmt.Errorf("the engine's clock: %w", err)
	}
	return now, nil
}

// orphanAge is how old a lab without a running node must be to be taken for dead where its process is not known; starting one takes
// seconds.
const orphanAge = time.Minute

// labsOf gathers labs from what an engine has. ended tells of a process by its label.
func labsOf(now time.Time, cs []container.Summary, ns []network.Summary, ended func(process string) bool) []Lab {
	found := map[string]*Lab{}
	add := func(labels map[string]string, made time.Time, running bool) {
		id := labels[LabelLab]
		if id == "" {
			return
		}
		l := found[id]
		if l == nil {
			l = &Lab{ID: id, User: labels[LabelUser], Command: labels[LabelCommand], PID: labels[LabelPID], Since: made, Orphan: ended(labels[LabelProcess]), Dead: true}
			found[id] = l
		}
		if made.Before(l.Since) {
			l.Since = made
		}
		l.Dead = l.Dead && !running && (l.Orphan || now.Sub(made) >= orphanAge)
	}
	for _, c := range cs {
		add(c.Labels, time.Unix(c.Created, 0), c.State == container.StateRunning)
	}
	for _, n := range ns {
		add(n.Labels, n.Created, false)
	}
	list := make([]Lab, 0, len(found))
	for _, l := range found {
		list = append(list, *l)
	}
	slices.SortFunc(list, func(a, b Lab) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.ID, b.ID)) })
	return list
}

// longestCommand bounds the label of a command, in bytes.
const longestCommand = 200

// owner labels what this process makes with who it is.
func owner() map[string]string {
	name := strconv.Itoa(os.Getuid())
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	command := strings.Join(os.Args, " ")
	if len(command) > longestCommand {
		command = strings.ToValidUTF8(command[:longestCommand], "") + "…"
	}
	return map[string]string{LabelPID: strconv.Itoa(os.Getpid()), LabelProcess: thisProcess(), LabelUser: name, LabelCommand: command}
}
