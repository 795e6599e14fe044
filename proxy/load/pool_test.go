package load

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("a pool", func() {
	var told []Event
	BeforeEach(func() { told = nil })
	of := func(session time.Duration) *pool {
		spec := Spec{Pool: &Pool{Exits: []string{"10.0.0.1:3128", "10.0.0.2:3128", "10.0.0.3:3128"}, Names: []string{"a", "b", "c"}, Session: session}}
		Expect(spec.Pool.validate()).To(Succeed())
		return newPool(&spec, newClock(0), func(e Event) { told = append(told, e) })
	}
	// way gives the route of a user's next request.
	way := func(p *pool, user int, now time.Duration) *poolRoute {
		GinkgoHelper()
		r, err := p.route(context.Background(), Query{User: user, Now: now})
		Expect(err).NotTo(HaveOccurred())
		return r.(*poolRoute)
	}
	name := func(p *pool, hop Hop, ok bool) string {
		if !ok {
			return "none"
		}
		for i, e := range p.exits {
			if e == hop {
				return p.names[i]
			}
		}
		return "?"
	}
	first := func(p *pool, user int, now time.Duration) string {
		hop, ok := way(p, user, now).next()
		return name(p, hop, ok)
	}

	It("sends consecutive requests by different exits, and users by different ones", func() {
		p := of(0)
		var one, two string
		for range 6 {
			one += first(p, 0, 0)
			two += first(p, 1, 0)
		}
		Expect(one).To(Equal("abcabc"))
		Expect(two).To(Equal("bcabca"))
	})

	It("tries every exit once before it gives up, and reports no broken session without sessions", func() {
		p := of(0)
		r := way(p, 0, 0)
		got := ""
		for {
			hop, ok := r.next()
			got += name(p, hop, ok)
			if !ok {
				break
			}
			r.failed(Timeout, 0)
		}
		Expect(got).To(Equal("abcnone"))
		Expect(told).To(BeEmpty())
	})

	It("keeps an exit for a session; the users' sessions end at different times", func() {
		p := of(3 * time.Second)
		Expect(first(p, 0, 0) + first(p, 0, 2*time.Second) + first(p, 0, 3*time.Second) + first(p, 0, 5*time.Second)).To(Equal("aabb"))
		Expect(first(p, 1, 0) + first(p, 1, 1900*time.Millisecond) + first(p, 1, 2*time.Second)).To(Equal("bbc"))
	})

	It("breaks a session once when its exit cannot be reached, and stays with the next", func() {
		p := of(10 * time.Second)
		r, beside := way(p, 0, 0), way(p, 0, 0)
		r.next()
		beside.next()
		r.failed(Refused, 0)
		beside.failed(Refused, 0)
		Expect(told).To(HaveLen(1))
		Expect(told[0]).To(And(HaveField("Kind", "session-broken"), HaveField("Subject", "a")))
		hop, ok := r.next()
		Expect(name(p, hop, ok)).To(Equal("b"))
		Expect(first(p, 0, time.Second)).To(Equal("b"))
	})

	It("knows which exit a request went by", func() {
		p := &Pool{Exits: []string{"10.0.0.1:3128"}, Names: []string{"a"}}
		nodes := map[string]uint8{"a": 7}
		hop := newPool(&Spec{Pool: p}, newClock(0), nil).exits[0]
		Expect(p.nodesOf(nodes)).To(Equal(map[Hop]uint8{hop: 7}))
		var none *Pool
		Expect(none.nodesOf(nodes)).To(BeEmpty())
	})

	It("is refused without exits, or without names for them", func() {
		Expect(Pool{}.validate()).To(MatchError(ContainSubstring("0 exits")))
		Expect(Pool{Exits: []string{"10.0.0.1:1"}}.validate()).To(HaveOccurred())
	})
})
