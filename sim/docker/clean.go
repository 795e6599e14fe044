package docker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
)

// CleanOptions are the choices of a cleaning.
type CleanOptions struct {
	Images bool // also the images: making them again takes its time
}

// Clean removes every container and network with our label, of whatever run, living or dead. It returns what it removed,
// also beside an error.
func Clean(ctx context.Context, o CleanOptions) ([]string, error) {
	e, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	removed, err := remove(ctx, e, "")
	if o.Images {
		images, ierr := removeImages(ctx, e)
		removed, err = append(removed, images...), errors.Join(err, ierr)
	}
	return removed, err
}

// remove takes away the containers and networks of one lab, or of all labs if id is empty, and returns what it removed.
func remove(ctx context.Context, e *engine, id string) ([]string, error) {
	cs, err := e.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: labelled(id)})
	if err != nil {
		return nil, fmt.Errorf("listing containers to remove: %w", err)
	}
	containers, cerr := each("container", cs.Items, containerTitle, func(c container.Summary) error {
		return removeContainer(ctx, e, c.ID)
	})
	ns, err := e.api.NetworkList(ctx, client.NetworkListOptions{Filters: labelled(id)})
	if err != nil {
		return containers, errors.Join(cerr, fmt.Errorf("listing networks to remove: %w", err))
	}
	networks, nerr := each("network", ns.Items, func(n network.Summary) string { return n.Name }, func(n network.Summary) error {
		_, err := e.api.NetworkRemove(ctx, n.ID, client.NetworkRemoveOptions{})
		if errdefs.IsPermissionDenied(err) { // all that we attached is gone by now
			err = fmt.Errorf("%w (the engine's count is wrong, or a stranger is attached; a restart of the engine corrects it)", err)
		}
		return err
	})
	return append(containers, networks...), errors.Join(cerr, nerr)
}

// each removes items one after another. Docker 20.10 hangs for good, until it is restarted, where two containers leave one network at
// the same time: two of its locks are then taken in either order (moby/moby pull 42545, mended in 23.0). Every item is tried,
// whatever becomes of the others. What is already gone is no error.
func each[T any](kind string, items []T, title func(T) string, drop func(T) error) ([]string, error) {
	var removed []string
	var errs []error
	for _, item := range items {
		name := kind + " " + title(item)
		if err := drop(item); err != nil && !errdefs.IsNotFound(err) {
			errs = append(errs, fmt.Errorf("removing %s: %w", name, err))
			continue
		}
		removed = append(removed, name)
	}
	slices.Sort(removed)
	return removed, errors.Join(errs...)
}

// removeContainer kills and removes a container and returns when it is gone, even if its own end was quicker.
func removeContainer(ctx context.Context, e *engine, id string) error {
	_, err := e.api.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	if errdefs.IsConflict(err) { // somebody else is at it
		wait := e.api.ContainerWait(ctx, id, client.ContainerWaitOptions{Condition: container.WaitConditionRemoved})
		select {
		case <-wait.Result:
			err = nil
		case err = <-wait.Error:
		}
	}
	return err
}

// orphanAge is how old a lab without a running node must be to be taken for dead; starting one takes seconds.
const orphanAge = time.Minute

// removeOrphans takes away what dead runs left.
func removeOrphans(ctx context.Context, e *engine) error {
	info, err := e.api.Info(ctx, client.InfoOptions{})
	if err != nil {
		return err
	}
	now, err := time.Parse(time.RFC3339Nano, info.Info.SystemTime) // the clock that dated the labs
	if err != nil {
		return fmt.Errorf("the engine's clock: %w", err)
	}
	cs, err := e.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: labelled("")})
	if err != nil {
		return err
	}
	ns, err := e.api.NetworkList(ctx, client.NetworkListOptions{Filters: labelled("")})
	if err != nil {
		return err
	}
	var errs []error
	for _, id := range orphans(now, cs.Items, ns.Items) {
		_, err := remove(ctx, e, id)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// orphans lists the labs that are dead: nothing of them runs, because their leases ended, and nothing is newer than
// orphanAge.
func orphans(now time.Time, cs []container.Summary, ns []network.Summary) []string {
	alive := map[string]bool{}
	for _, c := range cs {
		id := c.Labels[LabelLab]
		alive[id] = alive[id] || c.State == container.StateRunning || now.Sub(time.Unix(c.Created, 0)) < orphanAge
	}
	for _, n := range ns {
		id := n.Labels[LabelLab]
		alive[id] = alive[id] || now.Sub(n.Created) < orphanAge
	}
	var dead []string
	for id, is := range alive {
		if !is && id != "" {
			dead = append(dead, id)
		}
	}
	slices.Sort(dead)
	return dead
}

// labelled selects what is one lab's, or any lab's if id is empty.
func labelled(id string) client.Filters {
	label := LabelLab
	if id != "" {
		label += "=" + id
	}
	return client.Filters{}.Add("label", label)
}

func containerTitle(c container.Summary) string {
	if len(c.Names) == 0 {
		return c.ID
	}
	return c.Names[0][1:] // the engine puts a slash before it
}
