package choose_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/seed-ab8b6914/spof/reason"
)

func TestChoose(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "choose")
}

// haveCode matches an error that has a code in its tree.
func haveCode(code string) types.GomegaMatcher {
	return WithTransform(reason.Codes, ContainElement(code))
}
