package load

import (
	"math"
	"testing"
	"unsafe"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
)

var _ = Describe("samples", func() {
	full := Sample{
		Scheduled: -1 << 62, Late: 1, FirstByte: 2, Done: math.MaxUint32, Bytes: 4, User: 60000, Node: 255,
		Outcome: NotSent, Flags: Reused | Bypassed,
	}

	It("take 32 bytes in memory", func() {
		Expect(unsafe.Sizeof(Sample{})).To(BeEquivalentTo(32))
	})

	It("come back as they were written", func() {
		wire := EncodeSamples([]byte{}, []Sample{{}, full})
		Expect(wire).To(HaveLen(2 * SampleSize))
		Expect(DecodeSamples(wire)).To(Equal([]Sample{{}, full}))
	})

	It("refuse an incomplete sample and an unknown outcome", func() {
		wire := EncodeSamples(nil, []Sample{full})
		_, err := DecodeSamples(wire[:SampleSize-1])
		Expect(err).To(MatchError(ContainSubstring("multiple of 31")))
		wire[27] = byte(NumOutcomes)
		_, err = DecodeSamples(wire)
		Expect(err).To(MatchError(ContainSubstring("unknown outcome")))
	})

	It("saturate and never wrap", func() {
		Expect(saturate(-1)).To(BeZero())
		Expect(saturate(1 << 40)).To(BeEquivalentTo(math.MaxUint32))
	})
})

func FuzzDecodeSamples(f *testing.F) {
	f.Add([]byte{})
	f.Add(EncodeSamples(nil, []Sample{{Scheduled: 1, Flags: Tunnel}, {Outcome: Reset}}))
	f.Add(make([]byte, SampleSize-1))
	f.Fuzz(func(t *testing.T, wire []byte) {
		fuzzcost.Bound(t)
		samples, err := DecodeSamples(wire)
		if err != nil {
			return
		}
		if again := EncodeSamples(nil, samples); string(again) != string(wire) {
			t.Fatalf("%x became %x", wire, again)
		}
	})
}
