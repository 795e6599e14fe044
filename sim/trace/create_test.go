package trace_test

import (
	"os"
	"path/filepath"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/sim/trace"
)

var _ = Describe("Creating a trace file", func() {
	var dir, path string
	var root *os.Root
	BeforeEach(func() {
		dir = GinkgoT().TempDir()
		path = filepath.Join(dir, "t.jsonl.gz")
		var err error
		root, err = os.OpenRoot(dir)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(root.Close)
	})
	names := func() []string {
		entries, err := os.ReadDir(dir)
		Expect(err).NotTo(HaveOccurred())
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}

	It("shows the file only when the trace is whole", func() {
		w, err := trace.Create(root, "t.jsonl.gz", whole().Header)
		Expect(err).NotTo(HaveOccurred())
		Expect(w.Samples(whole().Samples)).To(Succeed())
		Expect(path).NotTo(BeAnExistingFile())
		Expect(w.End("")).To(Succeed())
		Expect(names()).To(ConsistOf("t.jsonl.gz"))
		Expect(trace.ReadFile(path)).To(HaveField("Samples", HaveLen(1202)))
	})

	It("leaves no file after Discard, and keeps the file if Discard follows End", func() {
		w, err := trace.Create(root, "t.jsonl.gz", trace.Header{})
		Expect(err).NotTo(HaveOccurred())
		w.Discard()
		Expect(names()).To(BeEmpty())
		Expect(w.Event(trace.Event{})).To(MatchError(trace.ErrEnded))

		w, err = trace.Create(root, "t.jsonl.gz", trace.Header{})
		Expect(err).NotTo(HaveOccurred())
		Expect(w.End("")).To(Succeed())
		w.Discard()
		Expect(names()).To(ConsistOf("t.jsonl.gz"))
	})

	It("leaves no file if the name is taken by a directory", func() {
		Expect(os.Mkdir(path, 0o700)).To(Succeed())
		w, err := trace.Create(root, "t.jsonl.gz", trace.Header{})
		Expect(err).NotTo(HaveOccurred())
		Expect(w.End("")).To(MatchError(syscall.EEXIST))
		Expect(names()).To(ConsistOf("t.jsonl.gz"))
	})

	It("fails if the directory is missing", func() {
		_, err := trace.Create(root, filepath.Join("missing", "t"), trace.Header{})
		Expect(err).To(MatchError(os.ErrNotExist))
	})

	It("returns the error of a full disk, and returns it again", func() {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		Expect(err).NotTo(HaveOccurred())
		defer full.Close()
		w, err := trace.NewWriter(full, whole().Header)
		Expect(err).NotTo(HaveOccurred()) // nothing has reached the disk yet
		Expect(w.Event(trace.Event{})).To(Succeed())
		Expect(w.End("")).To(MatchError(syscall.ENOSPC))
		Expect(w.Event(trace.Event{})).To(MatchError(syscall.ENOSPC))
	})
})
