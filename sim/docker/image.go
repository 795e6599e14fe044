package docker

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/image"
	"github.com/moby/moby/client"
	"github.com/moby/moby/client/pkg/jsonmessage"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
)

// The kinds of image, the values of LabelImage.
const (
	imageBuiltin = "builtin" // the program alone
	imageBase    = "base"    // Debian with the real engines
	imageEngines = "engines" // the base and the program
)

// builtinTag and enginesTag identify the content of the images: another program or recipe has another tag.
func (p program) builtinTag() string { return "spof/node:" + p.sum }
func (p program) enginesTag() string { return "spof/engines:" + debian.sum() + "-" + p.sum }

// image returns the ID of an image. It makes the image if the engine does not have it.
func (r *Runtime) image(ctx context.Context, e *engine, kind string, say func(string)) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if id, ok := r.images[kind]; ok {
		return id, nil
	}
	var id string
	var err error
	switch kind {
	case imageBuiltin:
		id, err = r.buildBuiltin(ctx, e, say)
	case imageEngines:
		id, err = r.program.buildEngines(ctx, e, say)
	}
	if err != nil {
		return "", err
	}
	r.images[kind] = id
	return id, nil
}

// buildBuiltin makes the image that has only the program. It needs no registry. An engine that accepts an image may still be unable to run a
// lab (no right to make networks, no capabilities). So buildBuiltin starts a lab with the new image, and removes the image if that fails.
func (r *Runtime) buildBuiltin(ctx context.Context, e *engine, say func(string)) (string, error) {
	p := r.program
	return once(ctx, e, p.builtinTag(), say, func() error {
		say(fmt.Sprintf("building the image %s from %s (%d MB)", p.builtinTag(), p.path, p.size>>20))
		if err := p.build(ctx, e, "scratch", p.builtinTag(), imageBuiltin); err != nil {
			return err
		}
		id, err := imageID(ctx, e, p.builtinTag())
		if err != nil {
			return err
		}
		if err := r.tryOut(ctx, e, id); err != nil {
			cctx, cancel := settled(ctx)
			defer cancel()
			_, _ = e.api.ImageRemove(cctx, id, client.ImageRemoveOptions{Force: true, PruneChildren: true})
			return err
		}
		return nil
	})
}

// buildEngines makes the image of the real engines, and its base image if that is missing.
func (p program) buildEngines(ctx context.Context, e *engine, say func(string)) (string, error) {
	return once(ctx, e, p.enginesTag(), say, func() error {
		if err := debian.ensure(ctx, e, say); err != nil {
			return err
		}
		say(fmt.Sprintf("building the image %s from %s and %s", p.enginesTag(), debian.tag(), p.path))
		return p.build(ctx, e, debian.tag(), p.enginesTag(), imageEngines)
	})
}

// once returns the ID of the image tag. If the engine does not have it, make makes it, in one process at a time.
func once(ctx context.Context, e *engine, tag string, say func(string), make func() error) (string, error) {
	id, err := imageID(ctx, e, tag)
	if err != nil || id != "" {
		return id, err
	}
	unlock, err := lockImages(ctx, say)
	if err != nil {
		return "", err
	}
	defer unlock()
	if id, err := imageID(ctx, e, tag); err != nil || id != "" {
		return id, err // another run made it meanwhile
	}
	if err := make(); err != nil {
		return "", fmt.Errorf("image %s: %w", tag, err)
	}
	return imageID(ctx, e, tag)
}

// imageID is empty if the engine does not have the image.
func imageID(ctx context.Context, e *engine, tag string) (string, error) {
	i, err := e.api.ImageInspect(ctx, tag)
	if errdefs.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", reason.Errorf("engine-failed", "%w: looking for image %s: %w", ErrUnavailable, tag, err)
	}
	return i.ID, nil
}

// build puts the program on top of an image.
func (p program) build(ctx context.Context, e *engine, from, tag, kind string) error {
	if err := p.fits(ctx, e); err != nil {
		return err
	}
	return buildImage(ctx, e, tag, kind, "FROM "+from+"\nCOPY spof /spof\n", p.pack)
}

// fits returns an error if the program does not run on the engine.
func (p program) fits(ctx context.Context, e *engine) error {
	v, err := e.api.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		return err
	}
	if v.Os != "linux" || v.Arch != p.arch {
		return reason.Errorf("wrong-architecture", "%w: the engine runs %s/%s, but %s is for linux/%s: build it with GOOS=linux GOARCH=%s CGO_ENABLED=0",
			ErrUnavailable, v.Os, v.Arch, p.path, p.arch, v.Arch)
	}
	return nil
}

// pack adds the program to the context of a build.
func (p program) pack(w *tar.Writer) error {
	f, err := plainfile.Open(p.path, maxProgram)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := w.WriteHeader(&tar.Header{Name: "spof", Mode: 0o755, Size: p.size}); err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return err
}

// buildImage makes the engine build an image from a Dockerfile and the files that pack adds. An aborted build leaves no tag.
func buildImage(ctx context.Context, e *engine, tag, kind, dockerfile string, pack func(*tar.Writer) error) error {
	r, w := io.Pipe()
	go func() {
		t := tar.NewWriter(w)
		err := t.WriteHeader(&tar.Header{Name: "Dockerfile", Mode: 0o644, Size: int64(len(dockerfile))})
		if err == nil {
			_, err = io.WriteString(t, dockerfile)
		}
		if err == nil {
			err = pack(t)
		}
		_ = w.CloseWithError(errors.Join(err, t.Close()))
	}()
	defer r.Close()
	b, err := e.api.ImageBuild(ctx, r, client.ImageBuildOptions{
		Tags: []string{tag}, Remove: true, ForceRemove: true, Labels: map[string]string{LabelImage: kind},
	})
	if err == nil {
		defer b.Body.Close()
		err = jsonmessage.DisplayStream(b.Body, io.Discard) // returns the errors of the build
	}
	if err != nil {
		return reason.Errorf("image-build-failed", "build: %w", err)
	}
	return nil
}

// removeHalfMade removes the old images with a label and without a tag: a run was killed while it made them.
func removeHalfMade(ctx context.Context, e *engine, label string, now time.Time) error {
	list, err := e.api.ImageList(ctx, client.ImageListOptions{Filters: client.Filters{}.Add("label", label).Add("dangling", "true")})
	if err != nil {
		return fmt.Errorf("listing images without a tag: %w", err)
	}
	left := slices.DeleteFunc(list.Items, func(i image.Summary) bool { return now.Sub(time.Unix(i.Created, 0)) < orphanAge })
	_, err = each("image", left, func(i image.Summary) string { return i.ID }, func(i image.Summary) error {
		_, err := e.api.ImageRemove(ctx, i.ID, client.ImageRemoveOptions{})
		if errdefs.IsConflict(err) { // it was tagged meanwhile, or is in use
			err = nil
		}
		return err
	})
	return err
}

// removeImages removes every image of spof.
func removeImages(ctx context.Context, e *engine) ([]string, error) {
	list, err := e.api.ImageList(ctx, client.ImageListOptions{Filters: client.Filters{}.Add("label", LabelImage)})
	if err != nil {
		return nil, fmt.Errorf("listing images to remove: %w", err)
	}
	var tags []string
	for _, i := range list.Items {
		tags = append(tags, i.RepoTags...)
	}
	return each("image", tags, func(tag string) string { return tag }, func(tag string) error {
		_, err := e.api.ImageRemove(ctx, tag, client.ImageRemoveOptions{PruneChildren: true})
		return err
	})
}
