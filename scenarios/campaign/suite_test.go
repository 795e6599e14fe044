package campaign_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/topology/pac"
)

func TestCampaign(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "scenarios/campaign")
}

// TestMain lets this test program be the process of a PAC file.
func TestMain(m *testing.M) {
	pac.Child()
	m.Run()
}
