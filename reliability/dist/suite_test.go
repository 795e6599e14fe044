package dist_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestDist(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "dist")
}
