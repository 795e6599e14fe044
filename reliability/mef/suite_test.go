package mef_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/topology/pac"
)

func TestMain(m *testing.M) {
	pac.Child()
	m.Run()
}

func TestMEF(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "mef")
}
