package proxy_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
)

// controlName gives a file name for the unix socket of a control.
func controlName() string { return filepath.Join(GinkgoT().TempDir(), "control.sock") }

// served gives the socket of a control that h answers until the spec ends.
func served(h http.HandlerFunc) string {
	GinkgoHelper()
	socket := controlName()
	serveAt(socket, h)
	return socket
}

func serveAt(socket string, h http.HandlerFunc) {
	GinkgoHelper()
	l, err := proxy.ListenControl(socket)
	Expect(err).NotTo(HaveOccurred())
	server := &http.Server{Handler: h}
	go func() { _ = server.Serve(l) }()
	DeferCleanup(server.Close)
}

// strangerEnv names a socket: the test program then only calls greet.
const strangerEnv = "SPOF_TEST_STRANGER"

func greet(socket string) int {
	if err := proxy.Greet(context.Background(), socket); err != nil {
		_, _ = io.WriteString(os.Stderr, err.Error())
		return 1
	}
	return 0
}

const nobody = 65534 // user id

// greetAs connects to a control as another user, in a new process, and gives the output of the process.
func greetAs(uid uint32, socket string) (string, error) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), strangerEnv+"="+socket)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

var _ = Describe("the control of a program", func() {
	hello := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }

	It("refuses every other user, even in a directory that all users can enter", func() {
		if os.Getuid() != 0 {
			Skip("needs root, to become another user")
		}
		dir, err := os.MkdirTemp("", "spof-control-")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(os.RemoveAll, dir)
		Expect(os.Chmod(dir, 0o777)).To(Succeed())
		defer syscall.Umask(syscall.Umask(0))
		socket := filepath.Join(dir, "control.sock")
		serveAt(socket, hello)
		Expect(greetAs(0, socket)).To(BeEmpty())
		said, err := greetAs(nobody, socket)
		Expect(err).To(HaveOccurred())
		Expect(said).To(HaveSuffix("connect: permission denied"))
	})

	It("replaces the socket of a killed program", func(ctx context.Context) {
		socket := controlName()
		l, err := proxy.ListenControl(socket)
		Expect(err).NotTo(HaveOccurred())
		Expect(l.Close()).To(Succeed())
		Expect(socket).To(BeAnExistingFile())
		serveAt(socket, hello)
		Expect(proxy.Greet(ctx, socket)).To(Succeed())
	})

	It("works in a directory whose name is too long for a unix socket", func(ctx context.Context) {
		dir := filepath.Join(GinkgoT().TempDir(), strings.Repeat("long", 30))
		Expect(os.Mkdir(dir, 0o700)).To(Succeed())
		socket := filepath.Join(dir, "control.sock")
		serveAt(socket, hello)
		Expect(proxy.Greet(ctx, socket)).To(Succeed())
	})

	It("names its socket in errors", func(ctx context.Context) {
		socket := controlName()
		Expect(proxy.Greet(ctx, socket)).To(MatchError(ContainSubstring(socket)))
		_, err := proxy.ListenControl(filepath.Join(socket, "none"))
		Expect(err).To(MatchError(ContainSubstring(socket)))
	})
})
