package topology_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/topology/pac"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

func TestTopology(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "topology")
}

// expectProblems checks that the problems of a file are LINE:COL CODE, or LINE:COL CODE TEXT with a part of the message.
func expectProblems(err error, want ...string) {
	GinkgoHelper()
	var ps *yamlfile.Problems
	Expect(errors.As(err, &ps)).To(BeTrue())
	var got []string
	for i, p := range *ps {
		problem := fmt.Sprintf("%d:%d %s", p.Line, p.Col, p.Code)
		if i < len(want) {
			if text := strings.TrimPrefix(want[i], problem+" "); strings.Contains(p.What, text) {
				problem += " " + text
			}
		}
		got = append(got, problem)
	}
	Expect(got).To(Equal(want), err.Error())
}

// TestMain lets this test program be the process of a PAC file.
func TestMain(m *testing.M) {
	pac.Child()
	m.Run()
}
