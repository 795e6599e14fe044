package sim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/pac"
)

// otherUserEnv makes the test program try to change a lab as another user of the machine. Its first word is the prefix of the lab's
// addresses. The other words are unix sockets.
const otherUserEnv = "SPOF_TEST_OTHER_USER"

// TestMain also runs the test program as the process of a PAC file, and as another user.
func TestMain(m *testing.M) {
	pac.Child()
	if words := strings.Fields(os.Getenv(otherUserEnv)); len(words) > 0 {
		_ = json.NewEncoder(os.Stdout).Encode(probe(words[0], words[1:]))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// nobody is a user without rights.
const nobody = 65534

// probeResult is the number of listeners that the other user found, and the requests and sockets that they granted.
type probeResult struct {
	Listeners int
	Granted   []string
}

// probe sends requests for changes to every TCP listener in a block of loopback addresses. It connects to the given unix sockets, and to the
// unix sockets with the block in their names.
func probe(block string, sockets []string) (m probeResult) {
	for _, addr := range listeners(block) {
		m.Listeners++
		for _, request := range changeRequests(addr) {
			if granted(request) {
				m.Granted = append(m.Granted, request.Method+" "+request.URL.String())
			}
		}
	}
	for _, name := range append(sockets, socketsNamed(block)...) {
		if c, err := net.Dial("unix", name); err == nil {
			_ = c.Close()
			m.Granted = append(m.Granted, name)
		}
	}
	return m
}

// changeRequests are the requests that a control listener, Toxiproxy's API or a Redfish service could grant.
func changeRequests(addr string) (list []*http.Request) {
	for _, w := range []struct{ method, path, body string }{
		{http.MethodPut, "/", "5s"},
		{http.MethodPut, "/", "servfail"},
		{http.MethodPost, "/proxies", `{"name": "mine", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:9", "enabled": true}`},
		{http.MethodPost, "/reset", ""},
		{http.MethodPost, "/redfish/v1/EventService/Subscriptions", `{"Destination": "http://` + addr + `/", "Protocol": "Redfish"}`},
		{http.MethodGet, "/redfish/v1/EventService/SSE", ""},
	} {
		r, err := http.NewRequest(w.method, "http://"+addr+w.path, strings.NewReader(w.body))
		if err != nil {
			panic(err)
		}
		list = append(list, r)
	}
	return list
}

// granted reports whether the answer to a request has a status 2xx.
func granted(request *http.Request) bool {
	client := http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode/100 == 2
}

// listeners gives the TCP listeners in a block, as every user can read them (proc_net_tcp).
func listeners(block string) (list []string) {
	for _, f := range table("/proc/net/tcp") {
		var a, b, c, d, port int
		if _, err := fmt.Sscanf(f[1], "%02X%02X%02X%02X:%X", &d, &c, &b, &a, &port); err != nil || f[3] != "0A" {
			continue
		}
		if addr := fmt.Sprintf("%d.%d.%d.%d", a, b, c, d); strings.HasPrefix(addr, block) {
			list = append(list, net.JoinHostPort(addr, strconv.Itoa(port)))
		}
	}
	return list
}

// socketsNamed gives the unix sockets with a text in their names.
func socketsNamed(text string) (list []string) {
	for _, f := range table("/proc/net/unix") {
		if name := f[len(f)-1]; strings.Contains(name, text) {
			list = append(list, name)
		}
	}
	return list
}

// table is the rows of a file of columns, without the header.
func table(file string) (rows [][]string) {
	text, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	for line := range strings.Lines(string(text)) {
		rows = append(rows, strings.Fields(line))
	}
	return rows[1:]
}

// nopHandler discards events and samples.
type nopHandler struct{}

func (nopHandler) Event(proxy.Event)             {}
func (nopHandler) Samples(string, []load.Sample) {}

// socketsIn gives the unix sockets below a directory.
func socketsIn(dir string) (list []string) {
	_ = filepath.WalkDir(dir, func(name string, e os.DirEntry, err error) error { // files may disappear meanwhile
		if err == nil && e.Type()&os.ModeSocket != 0 {
			list = append(list, name)
		}
		return nil
	})
	return list
}

var _ = DescribeTable("a lab on loopback grants nothing to another user of the machine", func(ctx context.Context, design string, controls int) {
	if os.Getuid() != 0 {
		Skip("needs root, to become another user")
	}
	t, err := topology.Load(design)
	Expect(err).NotTo(HaveOccurred())
	lab, err := onLocal().Deploy(ctx, *t, func(string) {})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func(ctx context.Context) error { return lab.Close(ctx) })
	_, err = sim.StartServices(ctx, lab, *t, nopHandler{}, time.Now())
	Expect(err).NotTo(HaveOccurred())

	site := lab.Site()
	origin := site.WAN["web"].String()
	var sockets []string
	Eventually(func() []string { sockets = socketsIn(filepath.Dir(site.Dir)); return sockets }).Should(HaveLen(controls))
	cmd := exec.CommandContext(ctx, "/proc/self/exe")
	words := append([]string{origin[:strings.LastIndex(origin, ".")+1]}, sockets...)
	cmd.Env = append(os.Environ(), otherUserEnv+"="+strings.Join(words, " "))
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.Output()
	Expect(err).NotTo(HaveOccurred())
	var m probeResult
	Expect(json.Unmarshal(out, &m)).To(Succeed())
	Expect(m.Listeners).To(BeNumerically(">=", 5), "the other user found the lab")
	Expect(m.Granted).To(BeEmpty())
},
	Entry("with a VRRP address", "active-passive", 3, SpecTimeout(4*patience)),
	Entry("with a DNS server", "dns-failover", 3, SpecTimeout(4*patience)),
)
