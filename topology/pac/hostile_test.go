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
)

// direct defines the function that every script needs.
const direct = `function FindProxyForURL() { return "DIRECT" }; `

// atRequest is a script that does something at a request, not at its load.
func atRequest(what string) string {
	return "function FindProxyForURL() { " + what + `; return "DIRECT" }`
}

// dead matches the death of a process by its use of memory, in the words of Go or of its race detector.
const dead = `its process \(limits: 192 MB of memory, 2s of processor time\) died: .*(out of memory|cannot allocate|cannot map|goroutine stack exceeds|ThreadSanitizer failed to allocate|address space collisions for -race)`

var _ = DescribeTable("a hostile script ends soon, with the cause", func(source, want string) {
	before := childrenUsed()
	_, err := find(source)
	Expect(err).To(MatchError(MatchRegexp(`^p\.pac(:\d+:\d+)?: (` + want + ")")))
	Expect(childrenUsed()-before).To(BeNumerically("<", processors+2*time.Second), "the kernel's own limit")
},
	Entry("a huge power", direct+"9n**9n**9n", "the script ran for longer|"+dead),
	Entry("the same at a request", atRequest("9n**9n**9n"), "the script ran for longer|"+dead),
	Entry("nested parameters that are parsed repeatedly", direct+strings.Repeat("(a=", 25)+"1"+strings.Repeat(")=>1", 25), "the script ran for longer"),
	Entry("nested arrow functions", direct+strings.Repeat("a=>", 300_000)+"1", "the script ran for longer|"+dead),
	Entry("a string above the maximum length", direct+`"a".repeat(1e15)`, "it breaks the JavaScript engine: .*out of range|RangeError|"+dead),
	Entry("a string of 8 GB", atRequest(`"a".repeat(8e9)`), "RangeError|"+dead),
	Entry("a getter that throws", `Object.defineProperty(this, "FindProxyForURL", {get: function() { throw "no" }})`, "no$"),
	Entry("a getter that loops", `Object.defineProperty(this, "FindProxyForURL", {get: function() { for (;;) {} }})`, "the script ran for longer"),
	Entry("a huge shift", direct+"1n<<(1n<<45n)", "it breaks the JavaScript engine|RangeError|"+dead),
	Entry("a buffer of 8 GB", direct+"new ArrayBuffer(8e9)", "RangeError|"+dead),
	Entry("the same at a request", atRequest("new ArrayBuffer(8e9)"), "RangeError|"+dead),
	Entry("nested parentheses", direct+strings.Repeat("(", 900_000), "the script ran for longer|"+dead),
	Entry("a list that grows", atRequest("var a = []; for (;;) a.push({})"), "the script ran for longer|"+dead),
	Entry("a string that doubles", atRequest(`var a = "ab"; for (;;) a = (a + a).toUpperCase()`), "the script ran for longer|"+dead),
	Entry("a regular expression with catastrophic backtracking", atRequest(`/^(?=(a+)+$)a/.test("a".repeat(40) + "b")`), "the script ran for longer"),
	Entry("a sort that never ends", atRequest(`for (;;) [3,2,1].sort(function() { return Math.random() - 0.5 })`), "the script ran for longer"),
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

	It("ends its script when it is killed, with the cause", func() {
		s, err := Load("p.pac", direct, lab)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(s.Close)
		Expect(s.child.cmd.Process.Kill()).To(Succeed())
		_, err = s.Find("http://a/", "a")
		Expect(err).To(MatchError(ErrDied))
		Expect(err).To(MatchError(ContainSubstring("its process died (signal: killed)")))
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
