package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// opens is a call that opens a listening socket. unix.Listen is none: it is called on a listening socket.
var opens = regexp.MustCompile(`\b(net|\w*[cC]onfig)\.Listen(TCP|UDP|Unix|Unixgram|IP|Packet|MulticastUDP)?\(|ListenAndServe`)

var _ = Describe("the threat model", func() {
	It("lists every listener of the program", func() {
		opened := map[string]bool{}
		Expect(filepath.WalkDir("../..", func(name string, e fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			text, err := os.ReadFile(name)
			if opens.Match(text) {
				opened[strings.TrimPrefix(name, "../../")] = true
			}
			return err
		})).To(Succeed())
		page, err := os.ReadFile("../../docs/threat-model.md")
		Expect(err).NotTo(HaveOccurred())
		told := map[string]bool{}
		for _, file := range regexp.MustCompile("`([a-z/]+\\.go)`").FindAllStringSubmatch(string(page), -1) {
			told[file[1]] = true
		}
		Expect(told).To(Equal(opened))
	})
})
