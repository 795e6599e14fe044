package mef_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestMEF(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "mef")
}
