package policy

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("a browser with a list of proxies", func() {
	const direct = ""
	list := []string{"a", "b"}

	It("is Chrome: a bad proxy goes last for 5 minutes, once the request has found another way", func() {
		p := &Proxies[string]{Browser: Chrome}
		try := p.Attempt()
		Expect(try.Failed("a", 0)).To(BeEmpty())
		Expect(p.Order(list, 0)).To(Equal(list), "nothing is proven yet")
		Expect(try.Worked(time.Second)).To(Equal([]string{"a"}))
		Expect(try.Worked(time.Second)).To(BeEmpty(), "told once")
		Expect(p.Order(list, time.Second)).To(Equal([]string{"b", "a"}))
		Expect(p.Order([]string{"a", direct}, time.Minute)).To(Equal([]string{direct, "a"}))
		Expect(p.Order(list, time.Second+5*time.Minute)).To(Equal([]string{"b", "a"}))
		Expect(p.Order(list, time.Second+5*time.Minute+1)).To(Equal(list))
	})

	It("is Chrome: if no proxy worked, none is marked as bad", func() {
		p := &Proxies[string]{Browser: Chrome}
		try := p.Attempt()
		try.Failed("a", 0)
		try.Failed("b", 0)
		Expect(p.Order(list, 1)).To(Equal(list))
	})

	It("is Firefox: a bad proxy is left out for 30 minutes, at once", func() {
		p := &Proxies[string]{Browser: Firefox}
		Expect(p.Attempt().Failed("a", 0)).To(Equal([]string{"a"}))
		Expect(p.Attempt().Failed("a", 1)).To(BeEmpty(), "told once")
		Expect(p.Order(list, 2)).To(Equal([]string{"b"}))
		Expect(p.Order([]string{"a", direct}, 2)).To(Equal([]string{"a", direct}), "all proxies are bad: the whole list again")
		p.Attempt().Failed("b", 3)
		Expect(p.Order(list, 4)).To(Equal(list))
		Expect(p.Order(list, 1+30*time.Minute)).To(Equal(list))
		Expect(p.Order(list, 2+30*time.Minute)).To(Equal([]string{"a"}), "b is bad for a little longer")
	})

	It("never marks DIRECT as bad", func() {
		for _, b := range []Browser{Chrome, Firefox} {
			p := &Proxies[string]{Browser: b}
			try := p.Attempt()
			Expect(try.Failed(direct, 0)).To(BeEmpty())
			Expect(try.Worked(0)).To(BeEmpty())
			Expect(p.Order([]string{direct, "a"}, 1)).To(Equal([]string{direct, "a"}))
		}
	})
})
