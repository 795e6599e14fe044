package docker

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
)

var _ = Describe("an engine that does not answer", func() {
	// asked asks in another process: testcontainers-go looks for the engine once per process.
	asked := func(host string) *gexec.Session {
		GinkgoHelper()
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), roleVariable+"="+roleAsk, "DOCKER_HOST="+host)
		s, err := gexec.Start(cmd, GinkgoWriter, GinkgoWriter)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() { s.Kill().Wait() })
		return s
	}

	It("is reported within seconds if the socket of DOCKER_HOST is missing, even if another engine answers", func() {
		s := asked("unix://" + filepath.Join(GinkgoT().TempDir(), "none.sock"))
		Eventually(s).Should(gexec.Exit(1))
		Expect(s.Err).To(gbytes.Say(`start the engine that DOCKER_HOST names, or unset DOCKER_HOST.* \[no-engine\]`))
	})

	It("is reported within seconds if it accepts connections and sends nothing", func() {
		socket := filepath.Join(GinkgoT().TempDir(), "silent.sock")
		l, err := net.Listen("unix", socket)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(l.Close)
		s := asked("unix://" + socket)
		Eventually(s).Should(gexec.Exit(1))
		Expect(s.Err).To(gbytes.Say(`\[no-engine\]`))
	})
})
