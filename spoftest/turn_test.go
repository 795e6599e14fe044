package spoftest

import (
	"context"
	"errors"
	"os"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("labs side by side", func() {
	var q *turns
	var ctx context.Context
	var end context.CancelCauseFunc
	BeforeEach(func() {
		q = &turns{most: func() int { return 2 }}
		ctx, end = context.WithCancelCause(context.Background())
		DeferCleanup(func() { end(nil) })
	})
	// hold takes a turn that must be free.
	hold := func(test string) *shared {
		GinkgoHelper()
		lab := &shared{}
		Expect(q.enter(lab, test)).To(BeNil(), test)
		return lab
	}
	waits := func(test string) {
		GinkgoHelper()
		Expect(q.enter(&shared{}, test)).NotTo(BeNil(), test)
	}

	It("are bounded: the next test says once that it waits, and goes when a lab has ended", func() {
		first, second := hold("TestA"), hold("TestB")
		said, got := make(chan string, 10), make(chan error, 1)
		third := &shared{}
		go func() { got <- q.take(ctx, third, "TestC", func(line string) { said <- line }) }()
		Eventually(said).Should(Receive(ContainSubstring("waiting for a turn: 2 labs")))
		hold("TestA") // a change that leaves no room
		q.leave(second)
		Consistently(got, "50ms").ShouldNot(Receive(), "TestA has two labs")
		q.leave(first)
		Eventually(got).Should(Receive(BeNil()))
		Expect(said).To(BeEmpty())
	})

	It("of one test never wait for each other, nor subtests for the test around them", func() {
		hold("TestA")
		hold("TestA")
		hold("TestA/sub")
		hold("TestA")
		waits("TestB")
		waits("TestAB")
	})

	It("do not count if a TestMain has started them, which never waits", func() {
		hold(holderOf(&suite{out: os.Stderr}))
		hold("TestA")
		hold("TestB")
		hold(anyTest)
		waits("TestC")
	})

	It("do not block tests that want several", func() { // each has one, and each wants another
		a, b := hold("TestA"), hold("TestB")
		second := hold("TestA")
		waits("TestB")
		q.leave(a)
		q.leave(second)
		hold("TestB")
		q.leave(b)
	})

	It("are not waited for longer than the test lasts", func() {
		hold("TestA")
		hold("TestB")
		end(errors.New("the test has ended"))
		Expect(q.take(ctx, &shared{}, "TestC", func(string) {})).To(MatchError(ContainSubstring("the test has ended")))
	})
})
