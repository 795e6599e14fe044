package main

import (
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports"
)

var _ = Describe("the directory of a run", func() {
	var base string
	BeforeEach(func() { base = GinkgoT().TempDir() })

	// put writes files into a directory of base, and gives its path.
	put := func(dir string, files ...string) string {
		GinkgoHelper()
		dir = filepath.Join(base, dir)
		for _, name := range files {
			path := filepath.Join(dir, name)
			Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
			Expect(os.WriteFile(path, []byte(name), 0o644)).To(Succeed())
		}
		return dir
	}
	const kept, again = "trace/single--brief--000.jsonl.gz", "trace/single--brief--000-again-1.jsonl.gz"
	// ran is the directory of a run of single under brief, with more files in it.
	ran := func(dir string, more ...string) string {
		GinkgoHelper()
		dir = put(dir, append(append(reports.Files(), kept, again), more...)...)
		traces, err := os.OpenRoot(filepath.Join(dir, traceDir))
		Expect(err).NotTo(HaveOccurred())
		defer traces.Close()
		m := manifest{Schema: manifestSchema, Cells: []manifestCell{{Topology: "single", Scenario: "brief"}}}
		Expect(m.write(traces)).To(Succeed())
		return dir
	}
	// all lists the files below base.
	all := func() (paths []string) {
		GinkgoHelper()
		Expect(filepath.WalkDir(base, func(path string, e os.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				path, err = filepath.Rel(base, path)
				paths = append(paths, path)
			}
			return err
		})).To(Succeed())
		return paths
	}
	open := func(dir string, overwrite bool) error {
		o, err := openOutput(dir, overwrite)
		if err == nil {
			o.close()
		}
		return err
	}
	refused := func(dir string, overwrite bool, code string) {
		GinkgoHelper()
		before := all()
		err := open(dir, overwrite)
		Expect(reason.Codes(err)).To(Equal([]string{code}))
		Expect(exitCode(err)).To(Equal(exitInvalid))
		Expect(all()).To(Equal(before))
	}

	It("is a new one without -o, also for two runs that begin in the same second", func() {
		dir := filepath.Join(base, "out", "20261130-120000")
		first, err := openFresh(dir)
		Expect(err).NotTo(HaveOccurred())
		defer first.close()
		second, err := openFresh(dir)
		Expect(err).NotTo(HaveOccurred())
		defer second.close()
		Expect([]string{first.dir, second.dir}).To(Equal([]string{dir, dir + "-2"}))
		Expect(manifest{}.write(second.traces)).To(Succeed())
		second.forget()
		Expect(second.dir).NotTo(BeADirectory(), "nothing was recorded")
	})

	It("is taken by its name, not as a pattern", func() {
		ran("out1")
		before := all()
		Expect(open(filepath.Join(base, "out[1]"), true)).To(Succeed())
		Expect(open(filepath.Join(base, "out?"), true)).To(Succeed())
		Expect(all()).To(Equal(before))
		Expect(traceFiles(filepath.Join(base, "out1"))).To(HaveLen(2))
		Expect(traceFiles(filepath.Join(base, "out[1]"))).To(BeEmpty())
	})

	It("keeps the files that the earlier run did not write, and its manifest", func() {
		dir := ran("out", "notes.txt", "trace/.single--brief--001.jsonl.gz.4711.tmp", "trace/.run.json.1.tmp", ".report.html.99.tmp", "report.json.bak")
		refused(dir, false, "output-exists")
		Expect(open(dir, true)).To(Succeed())
		Expect(all()).To(ConsistOf("out/notes.txt", "out/report.json.bak", "out/trace/run.json"))
	})

	It("is refused if a file among the traces is foreign, also with --overwrite", func() {
		for _, foreign := range []string{
			"trace/other--brief--000.jsonl.gz", "trace/single--brief--mine.jsonl.gz", "trace/notes.txt", "trace/.single--brief--001.jsonl.gz.tmp", "trace/deep/file",
		} {
			dir := ran("of "+filepath.Base(foreign), foreign)
			refused(dir, true, "foreign-file")
			refused(dir, false, "foreign-file")
		}
		refused(put("tests", "junit.xml"), false, "foreign-file")
		refused(put("code", "trace/read.go"), false, "foreign-file")
	})

	It("is refused with --overwrite if it holds other files and no report", func() {
		dir := put("photos", "photo")
		refused(dir, true, "foreign-file")
		Expect(filepath.Join(dir, traceDir)).NotTo(BeADirectory())
		Expect(open(dir, false)).To(Succeed())
		Expect(open(filepath.Join(base, "missing"), true)).To(Succeed())
	})

	It("has no symbolic link that a run follows", func() {
		foreign := put("foreign", "run.json", "t")
		for name, overwrite := range map[string]bool{kept: true, manifestPath: true, "report.html": true, "report.json": false} {
			dir := ran("linked" + filepath.Base(name))
			Expect(os.Remove(filepath.Join(dir, name))).To(Succeed())
			Expect(os.Symlink(filepath.Join(foreign, "run.json"), filepath.Join(dir, name))).To(Succeed())
			refused(dir, overwrite, "foreign-file")
		}
		dir := put("traces elsewhere")
		Expect(os.Mkdir(dir, 0o755)).To(Succeed())
		Expect(os.Symlink(foreign, filepath.Join(dir, traceDir))).To(Succeed())
		refused(dir, false, "not-a-directory")
		refused(dir, true, "not-a-directory")

		Expect(os.Remove(filepath.Join(dir, traceDir))).To(Succeed())
		o, err := openOutput(dir, false)
		Expect(err).NotTo(HaveOccurred())
		defer o.close()
		Expect(os.Symlink(filepath.Join(foreign, "run.json"), filepath.Join(dir, manifestPath))).To(Succeed(), "while it runs")
		Expect(manifest{}.write(o.traces)).To(Succeed())
		Expect(os.ReadFile(filepath.Join(foreign, "run.json"))).To(BeEquivalentTo("run.json"))
	})

	It("belongs to one run at a time", func() {
		o, err := openOutput(filepath.Join(base, "out"), false)
		Expect(err).NotTo(HaveOccurred())
		Expect(manifest{Schema: manifestSchema}.write(o.traces)).To(Succeed())
		refused(o.dir, true, "output-in-use")
		o.close()
		Expect(open(o.dir, true)).To(Succeed())
	})

	It("is removed if nothing was recorded, else kept", func() {
		forgotten := func(dir string, files ...string) {
			GinkgoHelper()
			o, err := openOutput(filepath.Join(base, dir), true)
			Expect(err).NotTo(HaveOccurred())
			defer o.close()
			Expect(manifest{Schema: manifestSchema}.write(o.traces)).To(Succeed())
			put(dir, files...)
			o.forget()
		}
		forgotten("nothing")
		Expect(filepath.Join(base, "nothing")).NotTo(BeADirectory())
		forgotten("out[1]", kept)
		Expect(all()).To(ConsistOf("out[1]/"+kept, "out[1]/"+manifestPath))

		dir := ran("earlier", "notes.txt")
		forgotten("earlier")
		Expect(open(dir, true)).To(Succeed(), "the manifest still identifies it")
	})
})
