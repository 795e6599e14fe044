package docker

import (
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
)

// inRole starts this test program again, with another engine.
func inRole(role, host string) *gexec.Session {
	GinkgoHelper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role, "DOCKER_HOST="+host)
	s, err := gexec.Start(cmd, GinkgoWriter, GinkgoWriter)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { s.Kill().Wait() })
	return s
}

var _ = Describe("an engine that does not answer", func() {
	// testcontainers-go looks for the engine once per process.
	asked := func(host string) *gexec.Session { return inRole(roleAsk, host) }

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

var _ = Describe("an engine with the networks", func() {
	DescribeTable("gets no other network", func(networks ...string) {
		var mu sync.Mutex
		var made []string
		list := make([]string, 0, len(networks))
		for _, name := range networks {
			list = append(list, `{"Name": "`+name+`"}`)
		}
		fake := http.NewServeMux()
		fake.HandleFunc("/_ping", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("API-Version", "1.41") })
		fake.HandleFunc("GET /{version}/networks", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "["+strings.Join(list, ",")+"]")
		})
		fake.HandleFunc("POST /{version}/{kind}/create", func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			made = append(made, r.PathValue("kind"))
			mu.Unlock()
			http.Error(w, `{"message": "no more room"}`, http.StatusInsufficientStorage)
		})
		fake.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"Config": {}}`) })
		socket := filepath.Join(GinkgoT().TempDir(), "fake.sock")
		l, err := net.Listen("unix", socket)
		Expect(err).NotTo(HaveOccurred())
		server := &http.Server{Handler: fake}
		go func() { _ = server.Serve(l) }()
		DeferCleanup(server.Close)

		s := inRole(roleMake, "unix://"+socket)
		Eventually(s).Should(gexec.Exit(1))
		Expect(s.Err).To(gbytes.Say("no more room"))
		mu.Lock()
		defer mu.Unlock()
		Expect(made).To(Equal([]string{"containers"}))
	},
		Entry("of every engine", "bridge", "host", "none"),
		Entry("of an engine without a bridge", "host", "none"),
	)
})
