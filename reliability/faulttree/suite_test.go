package faulttree_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestFaultTree(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "faulttree")
}
