package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"

	"github.com/seed-ab8b6914/spof/reason"
)

// another is a copy of the nodes' program with different content, so that it needs another image.
func another() string {
	GinkgoHelper()
	path, err := nodeProgram()
	Expect(err).NotTo(HaveOccurred())
	b, err := os.ReadFile(path)
	Expect(err).NotTo(HaveOccurred())
	copied := filepath.Join(GinkgoT().TempDir(), "spof")
	Expect(os.WriteFile(copied, append(b, newID()...), 0o700)).To(Succeed())
	return copied
}

var _ = Describe("the builtin image", Label("docker"), func() {
	It("is built once by parallel runs, and not by an interrupted run", func(ctx SpecContext) {
		path := another()
		r := onEngine(Options{Binary: path, Builtin: true})
		tag := r.program.builtinTag()
		DeferCleanup(func(ctx SpecContext) {
			id, err := imageID(ctx, r.engine, tag)
			Expect(err).NotTo(HaveOccurred())
			_, err = r.engine.api.ImageRemove(ctx, id, client.ImageRemoveOptions{Force: true, PruneChildren: true})
			Expect(err).NotTo(HaveOccurred())
		})

		cut, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
		err := r.Prepare(cut, pair(), say)
		cancel()
		Expect(err).To(HaveOccurred())
		Expect(imageID(ctx, r.engine, tag)).To(BeEmpty())

		var builds atomic.Int32
		count := func(s string) {
			if strings.HasPrefix(s, "building") {
				builds.Add(1)
			}
		}
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				defer GinkgoRecover()
				Expect(onEngine(Options{Binary: path, Builtin: true}).Prepare(ctx, pair(), count)).To(Succeed())
			})
		}
		wg.Wait()
		Expect(builds.Load()).To(Equal(int32(1)))
		Expect(imageID(ctx, r.engine, tag)).NotTo(BeEmpty())
	}, NodeTimeout(2*time.Minute))
})

var _ = Describe("the base image", Label("docker"), func() {
	It("is checked without making it: an error if it cannot be made", func(ctx SpecContext) {
		e := onEngine(Options{Builtin: true}).engine
		dir := GinkgoT().TempDir()
		GinkgoT().Setenv("PATH", dir)
		nowhere := recipe{version: "1", suite: "nowhere-" + newID(), packages: []string{"squid"}}
		err := nowhere.check(ctx, e)
		Expect(reason.Codes(err)).To(Equal([]string{"no-base-image"}))
		Expect(err).To(MatchError(ContainSubstring(mmTool)))
		Expect(os.WriteFile(filepath.Join(dir, mmTool), []byte("#!/bin/sh\n"), 0o700)).To(Succeed())
		Expect(nowhere.check(ctx, e)).To(Succeed())
		Expect(imageID(ctx, e, nowhere.tag())).To(BeEmpty(), "check makes nothing")
	}, NodeTimeout(time.Minute))
})

var _ = Describe("a new image", Label("docker"), func() {
	It("is tried in a lab, and removed if the lab does not start", func(ctx SpecContext) {
		stranger, err := gexec.BuildWithEnvironment("cmd/test2json", []string{"CGO_ENABLED=0"}) // a static program that is not an agent
		Expect(err).NotTo(HaveOccurred())
		r := onEngine(Options{Binary: stranger, Builtin: true})
		err = r.Prepare(ctx, pair(), say)
		Expect(reason.Codes(err)).To(Equal([]string{"no-lab", "node-not-started"}))
		Expect(err).To(MatchError(ErrUnavailable))
		Expect(imageID(ctx, r.engine, r.program.builtinTag())).To(BeEmpty())
	}, NodeTimeout(time.Minute))
})

var _ = Describe("the program for the nodes", func() {
	It("has an architecture, and tags by its content", func() {
		path, err := nodeProgram()
		Expect(err).NotTo(HaveOccurred())
		one, err := openProgram(path)
		Expect(err).NotTo(HaveOccurred())
		Expect(one.arch).NotTo(BeEmpty())
		Expect(one.sum).To(MatchRegexp("^[0-9a-f]{12}$"))
		two, err := openProgram(another())
		Expect(err).NotTo(HaveOccurred())
		Expect(two.builtinTag()).NotTo(Equal(one.builtinTag()))
		Expect(two.enginesTag()).NotTo(Equal(one.enginesTag()))
	})
	DescribeTable("is refused if it does not run in an empty image",
		func(path, code string) {
			_, err := New(Options{Binary: path})
			Expect(err).To(HaveOccurred())
			Expect(reason.Codes(err)[0]).To(Equal(code))
		},
		Entry("dynamically linked", "/bin/sh", "program-not-static"),
		Entry("not a program", "/etc/passwd", "not-a-linux-program"),
		Entry("missing", "/nowhere/spof", "no-program"),
	)
})

var _ = Describe("the answer to an import", func() {
	read := func(s string) (string, error) { return importedID(strings.NewReader(s)) }
	It("ends with the image's ID", func() {
		Expect(read(`{"status":"Importing"}{"status":"sha256:abc"}`)).To(Equal("sha256:abc"))
	})
	It("may be an error, or truncated", func() {
		_, err := read(`{"status":"Importing"}{"errorDetail":{"message":"no space"},"error":"no space"}`)
		Expect(reason.Codes(err)).To(Equal([]string{"image-build-failed"}))
		Expect(err).To(MatchError(ContainSubstring("no space")))
		_, err = read(`{"status":"Importing"}`)
		Expect(err).To(MatchError(io.EOF))
	})
})

var _ = Describe("the end of a container's standard error", func() {
	It("is kept, the rest is dropped", func() {
		var t tail
		for range 1000 {
			_, _ = t.Write([]byte("0123456789\n"))
		}
		_, _ = t.Write([]byte("the last words\n"))
		Expect(len(t.String())).To(BeNumerically("<=", tailSize))
		Expect(t.String()).To(HaveSuffix("the last words"))
	})
})

var _ = Describe("an unfinished image of a killed run", Label("docker"), func() {
	It("is removed when it is old", func(ctx SpecContext) {
		r := onEngine(Options{Builtin: true})
		var root bytes.Buffer
		files := tar.NewWriter(&root)
		Expect(files.WriteHeader(&tar.Header{Name: "etc/", Typeflag: tar.TypeDir, Mode: 0o755})).To(Succeed())
		Expect(files.Close()).To(Succeed())
		kind := "test-" + newID()
		id, err := importImage(ctx, r.engine, kind, &root)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func(ctx SpecContext) {
			_, err := r.engine.api.ImageRemove(ctx, id, client.ImageRemoveOptions{})
			Expect(err).To(Or(BeNil(), Satisfy(errdefs.IsNotFound)))
		})
		now, err := r.engine.now(ctx)
		Expect(err).NotTo(HaveOccurred())
		there := func() error {
			_, err := r.engine.api.ImageInspect(ctx, id)
			return err
		}

		Expect(removeHalfMade(ctx, r.engine, LabelImage+"="+kind, now)).To(Succeed())
		Expect(there()).To(Succeed(), "a run may still make it")
		Expect(removeHalfMade(ctx, r.engine, LabelImage+"="+kind, now.Add(2*orphanAge))).To(Succeed())
		Expect(there()).To(Satisfy(errdefs.IsNotFound))
	}, NodeTimeout(time.Minute))
})
