package docker

import (
	"os/exec"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("the process of a lab", func() {
	It("is there as long as it runs", func() {
		Expect(thisProcess()).NotTo(BeEmpty())
		Expect(gone(thisProcess())).To(BeFalse())
	})

	It("is gone when it has ended, whoever has its number now", func() {
		list, err := processList()
		Expect(err).NotTo(HaveOccurred())
		other := exec.Command("sleep", "60")
		Expect(other.Start()).To(Succeed())
		start, err := startOf(other.Process.Pid)
		Expect(err).NotTo(HaveOccurred())
		named := func(pid, start string) string { return strings.Join([]string{list, pid, start}, "/") }
		number := strconv.Itoa(other.Process.Pid)
		Expect(gone(named(number, start))).To(BeFalse())
		Expect(gone(named(number, start+"1"))).To(BeTrue(), "its number belongs to another")
		Expect(other.Process.Kill()).To(Succeed())
		Eventually(func() bool { return gone(named(number, start)) }).Should(BeTrue(), "though nobody has waited for it yet")
		_ = other.Wait()
		Expect(gone(named(number, start))).To(BeTrue())
	})

	DescribeTable("is not known to be gone", func(name string) {
		Expect(gone(name)).To(BeFalse())
	},
		Entry("on another machine, or before the last boot", "0b0c/pid:[4026531836]/999999999/1"),
		Entry("of an older version", ""),
		Entry("with a torn name", "x/y"),
	)
})
