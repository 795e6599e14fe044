package lifetime_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/reliability/lifetime"
)

func TestLifetime(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "lifetime")
}

// law reads a distribution.
func law(text string) dist.Distribution {
	d, err := dist.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

func simulate(m *lifetime.Model, o lifetime.Options) *lifetime.Result {
	GinkgoHelper()
	r, err := lifetime.Simulate(m, o)
	Expect(err).NotTo(HaveOccurred())
	return r
}

// cause gives the losses of a cause.
func cause(r *lifetime.Result, name string) lifetime.Loss {
	GinkgoHelper()
	for _, l := range r.Causes {
		if l.Cause == name {
			return l
		}
	}
	Fail("no cause " + name)
	return lifetime.Loss{}
}
