package docker

import (
	"archive/tar"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/api/types/jsonstream"
	"github.com/moby/moby/client"

	"github.com/seed-ab8b6914/spof/proxy/engine/registry"
	"github.com/seed-ab8b6914/spof/reason"
)

// recipe describes the base image of the real engines.
type recipe struct {
	version  string // raise it when the way of making the image changes
	suite    string
	packages []string
}

// debian is the only recipe.
var debian = recipe{
	version:  "1",
	suite:    "bookworm",
	packages: slices.Concat([]string{"ca-certificates"}, tools, registry.Packages()),
}

// tools are the packages of programs that check scripts of public configuration files call: killall and pkill, curl, nc, ip, bash has minbase.
var tools = []string{"psmisc", "procps", "curl", "netcat-openbsd", "iproute2"}

// mmPackages are the packages of Debian and Ubuntu that contain mmdebstrap, and the keys by which it verifies Debian.
var mmPackages = []string{mmTool, "debian-archive-keyring"}

const (
	pullTime = 20 * time.Second // bounds a pull from a registry
	mmTool   = "mmdebstrap"
)

func (r recipe) from() string { return "debian:" + r.suite + "-slim" }
func (r recipe) tag() string  { return "spof/base:" + r.sum() }

// sum identifies the content of the recipe.
func (r recipe) sum() string {
	h := sha256.Sum256([]byte(strings.Join(append([]string{r.version, r.suite}, r.packages...), "\n")))
	return hex.EncodeToString(h[:])[:12]
}

// ensure makes the base image unless the engine has it: by a Dockerfile if the engine has Debian's image or can pull it, else
// from Debian's packages.
func (r recipe) ensure(ctx context.Context, e *engine, say func(string)) error {
	if id, err := imageID(ctx, e, r.tag()); err != nil || id != "" {
		return err
	}
	start := time.Now()
	var failed []error
	for _, way := range []func(context.Context, *engine, func(string)) error{r.byDockerfile, r.byPackages} {
		err := way(ctx, e, say)
		if err == nil {
			say(fmt.Sprintf("built the image %s in %s", r.tag(), time.Since(start).Round(time.Second)))
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		failed = append(failed, err)
	}
	return r.cannotMake(failed[0], failed[1])
}

// cannotMake is the error that neither a Dockerfile nor mmdebstrap makes the base image here.
func (r recipe) cannotMake(byDockerfile, byPackages error) error {
	return &Missing{What: ErrNoBase, Remedy: r.baseRemedy(), Cause: fmt.Errorf("by Dockerfile: %w\nby %s: %w", byDockerfile, mmTool, byPackages)}
}

// check returns an error if ensure would fail: the engine has neither the base image nor Debian's image, no registry offers Debian's image,
// and mmdebstrap cannot make the base image. It makes nothing.
func (r recipe) check(ctx context.Context, e *engine) error {
	for _, tag := range []string{r.tag(), r.from()} {
		if id, err := imageID(ctx, e, tag); err != nil || id != "" {
			return err
		}
	}
	merr := r.bootstraps(ctx, e)
	if merr == nil {
		return nil
	}
	pctx, cancel := context.WithTimeoutCause(ctx, pullTime, fmt.Errorf("no answer after %s", pullTime))
	defer cancel()
	_, derr := e.api.DistributionInspect(pctx, r.from(), client.DistributionInspectOptions{})
	switch {
	case derr == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return r.cannotMake(derr, merr)
}

func (r recipe) byDockerfile(ctx context.Context, e *engine, say func(string)) error {
	if err := r.pull(ctx, e, say); err != nil {
		return err
	}
	say(fmt.Sprintf("building the image %s from %s and Debian's packages (a minute or so, once)", r.tag(), r.from()))
	dockerfile := "FROM " + r.from() + "\n" +
		"RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends " +
		strings.Join(r.packages, " ") + " && rm -rf /var/lib/apt/lists/*\n"
	return buildImage(ctx, e, r.tag(), imageBase, dockerfile, func(*tar.Writer) error { return nil })
}

// pull makes sure within pullTime that the engine has Debian's image.
func (r recipe) pull(ctx context.Context, e *engine, say func(string)) error {
	if id, err := imageID(ctx, e, r.from()); err != nil || id != "" {
		return err
	}
	say("pulling " + r.from())
	pctx, cancel := context.WithTimeoutCause(ctx, pullTime, fmt.Errorf("not complete after %s", pullTime))
	defer cancel()
	p, err := e.api.ImagePull(pctx, r.from(), client.ImagePullOptions{})
	if err == nil {
		defer p.Close()
		err = p.Wait(pctx)
	}
	if err != nil && pctx.Err() != nil {
		err = context.Cause(pctx)
	}
	if err != nil {
		return reason.Errorf("image-pull-failed", "pulling %s: %w", r.from(), err)
	}
	return nil
}

// byPackages makes the image with mmdebstrap on this host and imports it. It tags the image when the image is whole.
func (r recipe) byPackages(ctx context.Context, e *engine, say func(string)) error {
	if err := r.bootstraps(ctx, e); err != nil {
		return err
	}
	say(fmt.Sprintf("building the image %s from Debian's packages with %s (a minute or so, once)", r.tag(), mmTool))
	id, err := r.bootstrap(ctx, e, say)
	if err != nil {
		return err
	}
	_, err = e.api.ImageTag(ctx, client.ImageTagOptions{Source: id, Target: r.tag()})
	return err
}

// bootstraps returns why mmdebstrap cannot make an image for the engine here; nil if it can.
func (r recipe) bootstraps(ctx context.Context, e *engine) error {
	if _, err := exec.LookPath(mmTool); err != nil {
		return err
	}
	v, err := e.api.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		return err
	}
	if v.Arch != runtime.GOARCH {
		return fmt.Errorf("the architecture of the engine is %s, of this host %s", v.Arch, runtime.GOARCH)
	}
	return nil
}

// bootstrap streams a root file system from mmdebstrap into the engine and returns the untagged image's ID.
func (r recipe) bootstrap(ctx context.Context, e *engine, say func(string)) (id string, err error) {
	// An interrupted mmdebstrap removes its files after apt and dpkg have ended: the whole process group is interrupted.
	cmd, release, err := guarded(ctx, mmTool, "--variant=minbase", "--include="+strings.Join(r.packages, ","),
		"--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/doc/*",
		"--dpkgopt=path-exclude=/usr/share/locale/*", "--format=tar", r.suite, "-")
	if err != nil {
		return "", err
	}
	defer func() {
		if err := release(); err != nil {
			say(fmt.Sprintf("%s: %v", mmTool, err)) // does not affect the image
		}
	}()
	root, pw := io.Pipe()
	said, sw := io.Pipe()
	var end tail
	cmd.Stdout, cmd.Stderr = pw, io.MultiWriter(sw, &end)
	if err := cmd.Start(); err != nil {
		return "", err
	}
	go relayProgress(said, say)
	ended := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		_ = sw.Close()
		_ = pw.CloseWithError(err)
		ended <- err
	}()
	id, err = importImage(ctx, e, imageBase, root)
	_ = root.CloseWithError(errors.Join(err, io.ErrClosedPipe)) // ends mmdebstrap if the import failed
	if err := <-ended; err != nil {
		if id != "" {
			_, _ = e.api.ImageRemove(ctx, id, client.ImageRemoveOptions{}) // incomplete and untagged
		}
		return "", reason.Errorf("image-build-failed", "mmdebstrap: %w: %s", err, end.String())
	}
	return id, err
}

// relayProgress reports the information lines of mmdebstrap.
func relayProgress(r io.Reader, say func(string)) {
	for s := bufio.NewScanner(r); s.Scan(); {
		if line, ok := strings.CutPrefix(s.Text(), "I: "); ok {
			say("  " + mmTool + ": " + line)
		}
	}
	_, _ = io.Copy(io.Discard, r) // the rest, after a line that is too long for the scanner
}

// importImage makes an image from a root file system and returns its ID.
func importImage(ctx context.Context, e *engine, kind string, root io.Reader) (string, error) {
	res, err := e.api.ImageImport(ctx, client.ImageImportSource{Source: root, SourceName: "-"}, "",
		client.ImageImportOptions{Changes: []string{"LABEL " + LabelImage + "=" + kind}})
	if err != nil {
		return "", reason.Errorf("image-build-failed", "import: %w", err)
	}
	defer res.Close()
	return importedID(res)
}

// importedID reads the image's ID from the engine's answer to an import.
func importedID(r io.Reader) (string, error) {
	var id string
	for d := json.NewDecoder(r); ; {
		var m jsonstream.Message
		err := d.Decode(&m)
		switch {
		case errors.Is(err, io.EOF) && id != "":
			return id, nil
		case err != nil:
			return "", reason.Errorf("image-build-failed", "import: %w", err)
		case m.Error != nil:
			return "", reason.Errorf("image-build-failed", "import: %w", m.Error)
		case strings.HasPrefix(m.Status, "sha256:"):
			id = m.Status
		}
	}
}
