package load

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func validSpec() Spec {
	return Spec{
		Duration: time.Second, Rate: 10, Users: 1, Proxy: "127.0.0.1:3128", Origins: []string{"web.test"},
		HTTPPort: 8080, HTTPSPort: 8443, Timeout: time.Second, Allowed: []string{"127.0.0.0/8"},
	}
}

var _ = Describe("a spec", func() {
	It("is valid", func() { Expect(validSpec().Validate()).To(Succeed()) })

	DescribeTable("is refused before the first request", func(change func(*Spec), want any) {
		s := validSpec()
		change(&s)
		sum, err := Run(context.Background(), s, nil, func([]Sample) { Fail("a sample") })
		Expect(err).To(MatchError(want))
		Expect(sum).To(BeZero())
	},
		Entry("outside the lab", func(s *Spec) { s.Proxy = "192.0.2.1:3128" }, ErrForbidden),
		Entry("no lab at all", func(s *Spec) { s.Allowed = nil }, ErrForbidden),
		Entry("an origin's address outside the lab", func(s *Spec) { s.Origins = append(s.Origins, "192.0.2.1") }, ErrForbidden),
		Entry("a proxy by name", func(s *Spec) { s.Proxy = "localhost:3128" }, ContainSubstring("proxy")),
		Entry("an origin that would break the request line", func(s *Spec) { s.Origins = []string{"a b\r\nc"} }, ContainSubstring("origin")),
		Entry("no origin", func(s *Spec) { s.Origins = nil }, ContainSubstring("origin")),
		Entry("no rate", func(s *Spec) { s.Rate = 0 }, ContainSubstring("rate")),
		Entry("no users", func(s *Spec) { s.Users = 0 }, ContainSubstring("users")),
		Entry("more users than a sample can name", func(s *Spec) { s.Users = 1 << 16 }, ContainSubstring("users")),
		Entry("a share above 1", func(s *Spec) { s.TLSShare = 1.1 }, ContainSubstring("share")),
		Entry("TLS without a CA", func(s *Spec) { s.TLSShare = 1 }, ContainSubstring("ca")),
		Entry("no object", func(s *Spec) { s.Objects = &Objects{Catalogue: "x"} }, ContainSubstring("0 objects")),
		Entry("a popularity that grows", func(s *Spec) { s.Objects = &Objects{Count: 1, Zipf: -1, Catalogue: "x"} }, ContainSubstring("zipf")),
		Entry("more than all requests", func(s *Spec) { s.Objects = &Objects{Count: 1, Cacheable: 1.1, Catalogue: "x"} }, ContainSubstring("cacheable")),
		Entry("a catalogue that would break the path", func(s *Spec) { s.Objects = &Objects{Count: 1, Catalogue: "a b"} }, ContainSubstring("catalogue")),
		Entry("no timeout", func(s *Spec) { s.Timeout = 0 }, ContainSubstring("timeout")),
	)

	It("reports all its problems at once", func() {
		s := validSpec()
		s.Rate, s.Users, s.Proxy = 0, 0, "192.0.2.1:1"
		err := s.Validate()
		Expect(err).To(MatchError(ErrForbidden))
		Expect(err).To(MatchError(And(ContainSubstring("rate"), ContainSubstring("users"))))
	})
})
