package docker

import (
	"os/exec"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("the process of a lab", func() {
	It("is not gone while it runs", func() {
		Expect(thisProcess()).NotTo(BeEmpty())
		Expect(gone(thisProcess())).To(BeFalse())
	})

	It("is gone after its end, even if another process has its PID", func() {
		list, err := processList()
		Expect(err).NotTo(HaveOccurred())
		other := exec.Command("sleep", "60")
		Expect(other.Start()).To(Succeed())
		start, err := startOf(other.Process.Pid)
		Expect(err).NotTo(HaveOccurred())
		named := func(pid, start string) string { return strings.Join([]string{list, pid, start}, "/") }
		number := strconv.Itoa(other.Process.Pid)
		Expect(gone(named(number, start))).To(BeFalse())
		Expect(gone(named(number, start+"1"))).To(BeTrue(), "another process has its PID")
		Expect(other.Process.Kill()).To(Succeed())
		Eventually(func() bool { return gone(named(number, start)) }).Should(BeTrue(), "a zombie counts as ended")
		_ = other.Wait()
		Expect(gone(named(number, start))).To(BeTrue())
	})

	DescribeTable("is not gone as far as is known", func(name string) {
		Expect(gone(name)).To(BeFalse())
	},
		Entry("on another machine, or before the last boot", "0b0c/pid:[4026531836]/999999999/1"),
		Entry("of a lab of an older version", ""),
		Entry("with an invalid name", "x/y"),
	)
})
