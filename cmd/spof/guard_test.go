package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"
)

var _ = It("the guard of a test waits for a node that ends later than the test, and removes its directory", func(ctx SpecContext) {
	const ended = 999999999 // no process has this ID
	GinkgoT().Setenv("TMPDIR", GinkgoT().TempDir())
	GinkgoT().Setenv("DOCKER_HOST", "unix:///no/such/socket")
	dir := filepath.Join(os.TempDir(), "spof-local-999999999-1")
	Expect(os.MkdirAll(filepath.Join(dir, "proxy-a"), 0o700)).To(Succeed())
	node, err := os.Open(dir) // a node has the lock until it ends
	Expect(err).NotTo(HaveOccurred())
	Expect(unix.Flock(int(node.Fd()), unix.LOCK_EX)).To(Succeed())
	done := make(chan error, 1)
	go func() { done <- cleanAfter(context.WithoutCancel(ctx), ended) }()
	Consistently(done).WithTimeout(3 * guardAgain).ShouldNot(Receive())
	Expect(dir).To(BeADirectory())
	Expect(node.Close()).To(Succeed())
	Eventually(done).Should(Receive(BeNil()))
	Expect(dir).NotTo(BeADirectory())
}, SpecTimeout(time.Minute))
