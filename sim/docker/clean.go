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

	"github.com/seed-ab8b6914/spof/reason"
)

// CleanOptions are the options of Clean.
type CleanOptions struct {
	Images bool     // remove the images too: making them again takes a minute or so
	Labs   []string // IDs of living labs to end
	All    bool     // end every lab, of every run
	// Ending is called with each living lab before Clean ends it; may be nil.
	Ending func(Lab)
}

// Clean removes the containers and networks of dead labs, and of the living labs that the options name. It returns what it removed,
// also with an error, and the living labs that remain.
func Clean(ctx context.Context, o CleanOptions) (removed []string, left []Lab, err error) {
	e, err := connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	all, err := e.quietLabs(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := known(all, o.Labs); err != nil {
		return nil, nil, err
	}
	var errs []error
	for _, l := range all {
		if !l.Dead && !o.All && !slices.Contains(o.Labs, l.ID) {
			left = append(left, l)
			continue
		}
		if !l.Dead && o.Ending != nil {
			o.Ending(l)
		}
		more, err := remove(ctx, e, l.ID)
		removed, errs = append(removed, more...), append(errs, err)
	}
	errs = append(errs, tidyImages(ctx, e))
	if o.Images {
		images, err := removeImages(ctx, e)
		removed, errs = append(removed, images...), append(errs, err)
	}
	return removed, left, errors.Join(errs...)
}

// endWithin bounds the wait for the nodes of a killed run to end, which takes up to 3 s on an idle machine.
const endWithin = 15 * time.Second

// quietLabs lists every lab after the nodes of killed runs have ended.
func (e *engine) quietLabs(ctx context.Context) ([]Lab, error) {
	until := time.Now().Add(endWithin)
	for {
		all, err := e.labs(ctx)
		ending := slices.ContainsFunc(all, func(l Lab) bool { return l.Orphan && !l.Dead })
		if err != nil || !ending || time.Now().After(until) {
			return all, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(endWithin / 60):
		}
	}
}

// ErrUnknownLab is in an error about a lab that the engine does not have.
var ErrUnknownLab = errors.New("the engine has no such lab")

func known(all []Lab, ids []string) error {
	for _, id := range ids {
		if !slices.ContainsFunc(all, func(l Lab) bool { return l.ID == id }) {
			return reason.Errorf("unknown-lab", "lab %s: %w", id, ErrUnknownLab)
		}
	}
	return nil
}

// remove removes the containers and networks of one lab and returns what it removed.
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
		if errdefs.IsPermissionDenied(err) { // all containers of the lab are removed by now
			err = reason.Errorf("network-in-use", "%w (remove the other container that is attached; if there is none, the engine counts wrong: restart it)", err)
		}
		return err
	})
	return append(containers, networks...), errors.Join(cerr, nerr)
}

// each removes items one after another. It tries every item, also after an error. An item that is already gone counts as removed.
// Docker 20.10 deadlocks when two containers leave one network at the same time (lock order, moby/moby pull 42545, fixed in 23.0).
func each[T any](kind string, items []T, title func(T) string, drop func(T) error) ([]string, error) {
	var removed []string
	var errs []error
	for _, item := range items {
		name := kind + " " + title(item)
		if err := drop(item); err != nil && !errdefs.IsNotFound(err) {
			errs = append(errs, reason.Errorf("not-removed", "removing %s: %w", name, err))
			continue
		}
		removed = append(removed, name)
	}
	slices.Sort(removed)
	return removed, errors.Join(errs...)
}

// removeContainer kills and removes a container and returns when the container is gone.
func removeContainer(ctx context.Context, e *engine, id string) error {
	_, err := e.api.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	if errdefs.IsConflict(err) { // its removal is in progress
		wait := e.api.ContainerWait(ctx, id, client.ContainerWaitOptions{Condition: container.WaitConditionRemoved})
		select {
		case <-wait.Result:
			err = nil
		case err = <-wait.Error:
		}
	}
	return err
}

// removeOrphans removes dead labs and unfinished images.
func removeOrphans(ctx context.Context, e *engine) error {
	all, err := e.labs(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, l := range all {
		if l.Dead {
			_, err := remove(ctx, e, l.ID)
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, tidyImages(ctx, e))...)
}

func tidyImages(ctx context.Context, e *engine) error {
	now, err := e.now(ctx)
	if err != nil {
		return err
	}
	return removeHalfMade(ctx, e, LabelImage, now)
}

// labelled selects what belongs to a lab, or to any lab if id is empty.
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
