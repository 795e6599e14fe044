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

// controlName is a name for the unix socket of a control.
func controlName() string { return filepath.Join(GinkgoT().TempDir(), "control.sock") }

// served is the socket of a control that answers by h until the spec ends.
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

// strangerEnv makes the test program one that says hello to the control at the socket it names.
const strangerEnv = "SPOF_TEST_STRANGER"

// greet is what it does then.
func greet(socket string) int {
	if err := proxy.Greet(context.Background(), socket); err != nil {
		_, _ = io.WriteString(os.Stderr, err.Error())
		return 1
	}
	return 0
}

// nobody is the user that owns nothing.
const nobody = 65534

// greetAs has a user say hello to a control, in a process of its own, and gives what the process says.
func greetAs(uid uint32, socket string) (string, error) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), strangerEnv+"="+socket)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

var _ = Describe("the control of a program", func() {
	hello := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }

	It("is closed to every other user, even in a directory that is open to all", func() {
		if os.Getuid() != 0 {
			Skip("only root can be somebody else")
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

	It("takes the place of one that was killed", func(ctx context.Context) {
		socket := controlName()
		l, err := proxy.ListenControl(socket)
		Expect(err).NotTo(HaveOccurred())
		Expect(l.Close()).To(Succeed())
		Expect(socket).To(BeAnExistingFile())
		serveAt(socket, hello)
		Expect(proxy.Greet(ctx, socket)).To(Succeed())
	})

	It("may be in a directory with a name longer than the kernel takes", func(ctx context.Context) {
		dir := filepath.Join(GinkgoT().TempDir(), strings.Repeat("long", 30))
		Expect(os.Mkdir(dir, 0o700)).To(Succeed())
		socket := filepath.Join(dir, "control.sock")
		serveAt(socket, hello)
		Expect(proxy.Greet(ctx, socket)).To(Succeed())
	})

	It("says where it should be", func(ctx context.Context) {
		socket := controlName()
		Expect(proxy.Greet(ctx, socket)).To(MatchError(ContainSubstring(socket)))
		_, err := proxy.ListenControl(filepath.Join(socket, "none"))
		Expect(err).To(MatchError(ContainSubstring(socket)))
	})
})
