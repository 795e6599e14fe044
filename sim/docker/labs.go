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

// Lab is a lab that an engine has, and its owner.
type Lab struct {
	ID      string
	User    string // who made it; empty: an older version of spof did
	Command string // that made it
	PID     string // of the process that made it, on the user's machine
	Since   time.Time
	// Orphan: its process is known to have ended. Its nodes end within seconds.
	Orphan bool
	// Dead: no container of it runs, and it is an orphan or everything of it is older than orphanAge.
	Dead bool
}

// String describes a lab and its owner.
func (l Lab) String() string {
	return fmt.Sprintf("lab %s of %s, process %s, since %s: %s", l.ID, cmp.Or(l.User, "unknown user"), cmp.Or(l.PID, "?"),
		l.Since.Local().Format(time.DateTime), cmp.Or(l.Command, "unknown command"))
}

// labs lists every lab of the engine, oldest first.
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

// now reads the engine's wall clock, which dates containers and networks.
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

// orphanAge is the age from which a lab without a running node is dead, if its process is not known. A lab starts within seconds.
const orphanAge = time.Minute

// labsOf groups containers and networks by lab. ended reports whether the process with a LabelProcess has ended.
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

// owner is the labels that identify this process.
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
