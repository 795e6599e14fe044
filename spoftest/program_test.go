package spoftest

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
)

// fakeGo is a go command that notes its calls. Its `build` does what the script says with $out, and then makes a program that is a script.
func fakeGo(build string) (calls func() []string) {
	GinkgoHelper()
	dir := GinkgoT().TempDir()
	noted := filepath.Join(dir, "calls")
	script := `#!/bin/sh
echo "$GOARCH $*" >>` + noted + `
case "$1" in
list) echo '{"Dir": "", "Version": "v1.2.3"}' ;;
mod) echo '{"Dir": "/the/module/cache"}' ;;
build)
	while [ "$1" != -o ]; do shift; done
	out=$2
	[ -e "$out" ] && exit 3
	` + build + `
	echo '#!/bin/sh' >"$out" ;;
esac
`
	Expect(os.WriteFile(filepath.Join(dir, "go"), []byte(script), 0o700)).To(Succeed())
	GinkgoT().Setenv("PATH", dir)
	return func() []string {
		text, err := os.ReadFile(noted)
		if os.IsNotExist(err) {
			return nil
		}
		Expect(err).NotTo(HaveOccurred())
		return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	}
}

// sources makes a module with files, and gives its directory.
func sources(files map[string]string) string {
	GinkgoHelper()
	dir := GinkgoT().TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		Expect(os.MkdirAll(filepath.Dir(path), 0o700)).To(Succeed())
		Expect(os.WriteFile(path, []byte(text), 0o600)).To(Succeed())
	}
	return dir
}

var _ = Describe("the program for the nodes", func() {
	ctx := context.Background()
	var kept cache
	var from source
	var said []string
	var saying sync.Mutex
	say := func(line string) {
		saying.Lock()
		defer saying.Unlock()
		said = append(said, line)
	}
	BeforeEach(func() {
		said = nil
		kept = cache{GinkgoT().TempDir()}
		dir := sources(map[string]string{"go.mod": "module m\n", "cmd/spof/main.go": "package main\n"})
		sum, err := sumOf(dir)
		Expect(err).NotTo(HaveOccurred())
		from = source{sum: sum, dir: dir}
	})
	program := func(arch string) string {
		GinkgoHelper()
		path, err := kept.program(ctx, from, arch, say)
		Expect(err).NotTo(HaveOccurred())
		Expect(exec.Command(path).Run()).To(Succeed(), "it runs")
		return path
	}

	It("is built if there is none, and found without the go command the next time", func() {
		calls := fakeGo("")
		path := program("amd64")
		Expect(calls()).To(ConsistOf(And(HavePrefix("amd64 build"), HaveSuffix("./cmd/spof"))))
		Expect(said).To(ConsistOf(ContainSubstring("building")))
		GinkgoT().Setenv("PATH", "")
		Expect(program("amd64")).To(Equal(path))
		Expect(calls()).To(HaveLen(1))
		Expect(said).To(HaveLen(1))
	})

	It("is another one for another architecture and for another source", func() {
		calls := fakeGo("")
		one, two := program("amd64"), program("arm64")
		Expect(two).NotTo(Equal(one))
		Expect(os.WriteFile(filepath.Join(from.dir, "cmd/spof/more.go"), []byte("package main\n"), 0o600)).To(Succeed())
		var err error
		from.sum, err = sumOf(from.dir)
		Expect(err).NotTo(HaveOccurred())
		Expect(program("amd64")).NotTo(BeElementOf(one, two))
		Expect(calls()).To(HaveExactElements(HavePrefix("amd64 "), HavePrefix("arm64 "), HavePrefix("amd64 ")))
	})

	It("is built once for tests that need it at once", func() {
		calls := fakeGo("")
		var all sync.WaitGroup
		paths, errs := make([]string, 8), make([]error, 8)
		for i := range paths {
			all.Go(func() { paths[i], errs[i] = kept.program(ctx, from, "amd64", say) })
		}
		all.Wait()
		Expect(errs).To(HaveEach(BeNil()))
		Expect(paths).To(HaveEach(paths[0]))
		Expect(calls()).To(HaveLen(1))
	})

	It("is waited for while another test builds it, as long as the test lasts", func() {
		fakeGo("")
		unlock, err := kept.lock(ctx, say)
		Expect(err).NotTo(HaveOccurred())
		short, end := context.WithCancel(ctx)
		got := make(chan error, 1)
		go func() { _, err := kept.program(short, from, "amd64", say); got <- err }()
		Eventually(func() []string { saying.Lock(); defer saying.Unlock(); return append([]string{}, said...) }).Should(ContainElement(ContainSubstring("waiting")))
		end()
		var failed error
		Eventually(got).Should(Receive(&failed))
		Expect(reason.Codes(failed)).To(Equal([]string{"node-program-not-built"}))
		unlock()
		program("amd64")
	})

	It("is built again if its source changed meanwhile, and not for ever", func() {
		source := filepath.Join(from.dir, "cmd/spof/main.go")
		calls := fakeGo(`[ -e ` + source + `.once ] || { echo >>` + source + `; echo >` + source + `.once; }`)
		program("amd64")
		Expect(calls()).To(HaveLen(2))
		calls = fakeGo(`echo >>` + source)
		_, err := kept.program(ctx, from, "arm64", say)
		Expect(reason.Codes(err)).To(Equal([]string{"node-program-not-built"}))
		Expect(calls()).To(HaveLen(3))
	})

	It("is built in spite of what a killed build left", func() {
		fakeGo("")
		Expect(os.WriteFile(kept.half(), []byte("half"), 0o600)).To(Succeed())
		program("amd64")
	})

	It("of a version that never changes is built from the module cache", func() {
		calls := fakeGo("")
		from = source{version: modulePath + "@v1.2.3", sum: "h1:abc"}
		GinkgoT().Setenv("TMPDIR", GinkgoT().TempDir())
		Expect(from.find(ctx)).To(Succeed())
		Expect(from.dir).To(Equal("/the/module/cache"))
		Expect(calls()).To(HaveExactElements(" mod download -json " + modulePath + "@v1.2.3"))
	})

	It("of a test with a vendor directory is built from the module cache", func() {
		calls := fakeGo("")
		Expect(moduleDir(ctx)).To(Equal("/the/module/cache"))
		Expect(calls()).To(HaveExactElements(" list -m -json "+modulePath, " mod download -json "+modulePath+"@v1.2.3"))
	})

	It("says what to do without access to modules", func() {
		fakeGo("echo 'go: downloading x v1.0.0' >&2; echo 'module lookup disabled' >&2; echo 'by GOPROXY=off' >&2; exit 1")
		_, err := kept.program(ctx, from, "amd64", say)
		Expect(reason.Codes(err)).To(Equal([]string{"node-program-not-built"}))
		Expect(err).To(MatchError(And(ContainSubstring("module lookup disabled; by GOPROXY=off"), ContainSubstring("go -C "+from.dir+" mod download"), ContainSubstring("NodeBinary"), Not(ContainSubstring("\n")))))
	})

	It("says that there is no go command", func() {
		GinkgoT().Setenv("PATH", "")
		_, err := kept.program(ctx, from, "amd64", say)
		Expect(reason.Codes(err)).To(Equal([]string{"no-go-command"}))
		_, err = moduleDir(ctx)
		Expect(reason.Codes(err)).To(Equal([]string{"no-go-command"}))
		Expect(err).To(MatchError(ContainSubstring("NodeBinary")))
	})

	It("says that the module is not there", func() {
		dir := GinkgoT().TempDir()
		Expect(os.WriteFile(filepath.Join(dir, "go"), []byte("#!/bin/sh\necho no go.mod >&2; exit 1\n"), 0o700)).To(Succeed())
		GinkgoT().Setenv("PATH", dir)
		_, err := moduleDir(ctx)
		Expect(reason.Codes(err)).To(Equal([]string{"no-module"}))
		Expect(err).To(MatchError(ContainSubstring("no go.mod")))
	})

	It("is kept elsewhere if the user's cache cannot be used", func() {
		file, temporary := filepath.Join(GinkgoT().TempDir(), "file"), GinkgoT().TempDir()
		Expect(os.WriteFile(file, nil, 0o600)).To(Succeed())
		GinkgoT().Setenv("XDG_CACHE_HOME", file)
		GinkgoT().Setenv("TMPDIR", temporary)
		c, err := openCache(say)
		Expect(err).NotTo(HaveOccurred())
		Expect(filepath.Dir(c.dir)).To(Equal(temporary))
		Expect(said).To(ConsistOf(ContainSubstring(c.dir)))

		Expect(os.Chmod(c.dir, 0o777)).To(Succeed())
		_, err = openCache(say)
		Expect(reason.Codes(err)).To(Equal([]string{"node-program-not-built"}), "others can write there")
		GinkgoT().Setenv("TMPDIR", file)
		_, err = openCache(say)
		Expect(reason.Codes(err)).To(Equal([]string{"node-program-not-built"}))
	})

	It("is forgotten after some other versions", func() {
		fakeGo("")
		first := program("amd64")
		for i := range versions {
			from.sum = fmt.Sprint(i)
			_, err := kept.keepOne(from.key("amd64"))
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(first).NotTo(BeAnExistingFile())
		_, ok := kept.has(from.key("amd64"))
		Expect(ok).To(BeTrue())
	})

	It("is really built, by the real go command", func() {
		where, err := exec.Command("go", "env", "GOCACHE").Output()
		Expect(err).NotTo(HaveOccurred())
		GinkgoT().Setenv("GOCACHE", strings.TrimSpace(string(where)))
		GinkgoT().Setenv("XDG_CACHE_HOME", GinkgoT().TempDir())
		path, err := nodeProgram(ctx, runtime.GOARCH, say)
		Expect(err).NotTo(HaveOccurred())
		Expect(exec.Command(path, "version").Run()).To(Succeed())
		Expect(givenProgram(path)).To(Equal(path), "it is static, and for this host")
		Expect(nodeProgram(ctx, runtime.GOARCH, say)).To(Equal(path))
		Expect(said).To(HaveLen(1), "it is built once")
	})
})

// keepOne keeps an empty program.
func (c cache) keepOne(key string) (string, error) {
	return c.keep(key, os.WriteFile(c.half(), nil, 0o600))
}

var _ = DescribeTable("the checksum of the source", func(name, text string, changes bool) {
	files := map[string]string{"go.mod": "module m\n", "cmd/spof/main.go": "package main\n", "cmd/spof/page.tmpl": "x", "bin/spof": "x", "docs/a.md": "x", "examples/go.mod": "module e\n"}
	before, err := sumOf(sources(files))
	Expect(err).NotTo(HaveOccurred())
	files[name] = text
	after, err := sumOf(sources(files))
	Expect(err).NotTo(HaveOccurred())
	Expect(after != before).To(Equal(changes))
},
	Entry("nothing", "go.mod", "module m\n", false),
	Entry("code", "cmd/spof/main.go", "package other\n", true),
	Entry("more code", "sim/run.go", "package sim\n", true),
	Entry("an embedded file", "cmd/spof/page.tmpl", "y", true),
	Entry("a dependency", "go.mod", "module m\nrequire x v1.0.0\n", true),
	Entry("checksums", "go.sum", "x", true),
	Entry("a test", "cmd/spof/main_test.go", "package main\n", false),
	Entry("a golden file", "cmd/spof/testdata/a.txt", "y", false),
	Entry("a page", "docs/a.md", "y", false),
	Entry("another program", "bin/spof", "y", false),
	Entry("another module", "examples/main.go", "package main\n", false),
	Entry("a hidden file", ".git/a.go", "package git\n", false),
)

var _ = DescribeTable("the source of a test binary", func(m debug.Module, want string, fixed bool) {
	s, is := builtFrom(&debug.BuildInfo{Main: debug.Module{Path: "stranger"}, Deps: []*debug.Module{{Path: "other", Version: "v1.0.0", Sum: "h1:o"}, &m}})
	Expect(is).To(Equal(fixed))
	if fixed {
		Expect(s).To(Equal(source{version: want, sum: m.Sum}))
	}
},
	Entry("a version", debug.Module{Path: modulePath, Version: "v1.2.3", Sum: "h1:a"}, modulePath+"@v1.2.3", true),
	Entry("a directory in its place", debug.Module{Path: modulePath, Version: "v0.0.0", Replace: &debug.Module{Path: "../spof"}}, "", false),
	Entry("a version without a checksum", debug.Module{Path: modulePath, Version: "(devel)"}, "", false),
	Entry("another module", debug.Module{Path: "another", Version: "v1.2.3", Sum: "h1:a"}, "", false),
)

// elfHeader is a program for Linux that has nothing but its header (elf(5), Elf64_Ehdr).
func elfHeader(machine uint16) []byte {
	h := append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 57)...)
	binary.LittleEndian.PutUint16(h[16:], 2) // ET_EXEC
	binary.LittleEndian.PutUint16(h[18:], machine)
	binary.LittleEndian.PutUint32(h[20:], 1)  // EV_CURRENT
	binary.LittleEndian.PutUint16(h[52:], 64) // e_ehsize
	return h
}

var _ = DescribeTable("a program of NodeBinary that cannot be used", func(text []byte, code string) {
	path := filepath.Join(GinkgoT().TempDir(), "program")
	if text != nil {
		Expect(os.WriteFile(path, text, 0o700)).To(Succeed())
	}
	_, err := givenProgram(path)
	Expect(reason.Codes(err)).To(ContainElement(code))
},
	Entry("is not there", nil, "no-program"),
	Entry("is a script", []byte("#!/bin/sh\n"), "not-a-linux-program"),
	Entry("is for another architecture", elfHeader(map[bool]uint16{true: 183, false: 62}[runtime.GOARCH != "arm64"]), "wrong-architecture"), // EM_AARCH64, EM_X86_64
)
