package pac

import (
	"bufio"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/reason"
)

// direct defines the function that every script needs.
const direct = `function FindProxyForURL() { return "DIRECT" }; `

// atRequest is a script that does something at a request, not at its load.
func atRequest(what string) string {
	return "function FindProxyForURL() { " + what + `; return "DIRECT" }`
}

var _ = DescribeTable("a hostile script ends soon, with the code of its cause", func(source string, codes ...string) {
	before := childrenUsed()
	_, err := find(source)
	Expect(reason.Codes(err)).To(HaveExactElements(BeElementOf(codes)), "%v", err)
	Expect(childrenUsed()-before).To(BeNumerically("<", processors+2*time.Second), "the kernel's own limit")
},
	Entry("a huge power", direct+"9n**9n**9n", "pac-deadline", "pac-died"),
	Entry("the same at a request", atRequest("9n**9n**9n"), "pac-deadline", "pac-died"),
	Entry("nested parameters that are parsed repeatedly", direct+strings.Repeat("(a=", 25)+"1"+strings.Repeat(")=>1", 25), "pac-deadline"),
	Entry("nested arrow functions", direct+strings.Repeat("a=>", 300_000)+"1", "pac-deadline", "pac-died"),
	Entry("a string above the maximum length", direct+`"a".repeat(1e15)`, "pac-died", "pac-error"),
	Entry("a string of 8 GB", atRequest(`"a".repeat(8e9)`), "pac-died", "pac-error"),
	Entry("a getter that throws", `Object.defineProperty(this, "FindProxyForURL", {get: function() { throw "no" }})`, "pac-error"),
	Entry("a getter that loops", `Object.defineProperty(this, "FindProxyForURL", {get: function() { for (;;) {} }})`, "pac-deadline"),
	Entry("a huge shift", direct+"1n<<(1n<<45n)", "pac-died", "pac-error"),
	Entry("a buffer of 8 GB", direct+"new ArrayBuffer(8e9)", "pac-died", "pac-error"),
	Entry("the same at a request", atRequest("new ArrayBuffer(8e9)"), "pac-died", "pac-error"),
	Entry("nested parentheses", direct+strings.Repeat("(", 900_000), "pac-deadline", "pac-died"),
	Entry("a list that grows", atRequest("var a = []; for (;;) a.push({})"), "pac-deadline", "pac-died"),
	Entry("a string that doubles", atRequest(`var a = "ab"; for (;;) a = (a + a).toUpperCase()`), "pac-deadline", "pac-died"),
	Entry("a regular expression with catastrophic backtracking", atRequest(`/^(?=(a+)+$)a/.test("a".repeat(40) + "b")`), "pac-deadline"),
	Entry("a sort that never ends", atRequest(`for (;;) [3,2,1].sort(function() { return Math.random() - 0.5 })`), "pac-deadline"),
)

// childrenUsed gives the processor time of all reaped processes.
func childrenUsed() time.Duration {
	var u unix.Rusage
	Expect(unix.Getrusage(unix.RUSAGE_CHILDREN, &u)).To(Succeed())
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

var _ = Describe("the process of a script", func() {
	It("dies with its parent", func() {
		holder := exec.Command("/proc/self/exe")
		holder.Env = append(os.Environ(), holdEnv+"="+direct)
		out, err := holder.StdoutPipe()
		Expect(err).NotTo(HaveOccurred())
		Expect(holder.Start()).To(Succeed())
		DeferCleanup(func() { _ = holder.Process.Kill(); _ = holder.Wait() })
		line, err := bufio.NewReader(out).ReadString('\n')
		Expect(err).NotTo(HaveOccurred())
		pid, err := strconv.Atoi(strings.TrimSpace(line))
		Expect(err).NotTo(HaveOccurred())
		Expect(unix.Kill(pid, unix.SIGSTOP)).To(Succeed()) // it cannot react by itself
		Expect(holder.Process.Kill()).To(Succeed())
		Eventually(func() error { return unix.Kill(pid, 0) }).Should(MatchError(unix.ESRCH))
	})

	It("ends its script when it is killed", func() {
		s, err := Load("p.pac", direct, lab)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(s.Close)
		Expect(s.child.cmd.Process.Kill()).To(Succeed())
		_, err = s.Find("http://a/", "a")
		Expect(err).To(MatchError(ErrDied))
		Expect(reason.Codes(err)).To(HaveExactElements("pac-died"))
	})

	It("leaves no file open behind", func() {
		open := func() int {
			entries, err := os.ReadDir("/proc/self/fd")
			Expect(err).NotTo(HaveOccurred())
			return len(entries)
		}
		_, err := find(direct)
		Expect(err).NotTo(HaveOccurred())
		before := open()
		for range 5 {
			_, _ = find(direct)
			_, _ = find("for (;;) {}")
		}
		Expect(open()).To(Equal(before))
	})
})
