package load

import (
	"encoding/binary"
	"fmt"
)

// SampleSize is the size of an encoded sample in bytes. The fields follow each other in their order, little-endian, without
// padding.
const SampleSize = 31

// EncodeSamples appends the samples to dst in the form that DecodeSamples reads.
func EncodeSamples(dst []byte, samples []Sample) []byte {
	le := binary.LittleEndian
	for _, s := range samples {
		dst = le.AppendUint64(dst, uint64(s.Scheduled))
		dst = le.AppendUint32(dst, s.Late)
		dst = le.AppendUint32(dst, s.FirstByte)
		dst = le.AppendUint32(dst, s.Done)
		dst = le.AppendUint32(dst, s.Bytes)
		dst = le.AppendUint16(dst, s.User)
		dst = append(dst, s.Node, byte(s.Outcome), byte(s.Flags), s.SYNs, s.Resent)
	}
	return dst
}

// DecodeSamples decodes the output of EncodeSamples. It fails on an incomplete sample and on an unknown outcome.
func DecodeSamples(src []byte) ([]Sample, error) {
	if len(src)%SampleSize != 0 {
		return nil, fmt.Errorf("load: %d bytes: want a multiple of %d, the size of a sample", len(src), SampleSize)
	}
	le := binary.LittleEndian
	samples := make([]Sample, len(src)/SampleSize)
	for i := range samples {
		b := src[i*SampleSize:]
		samples[i] = Sample{
			Scheduled: int64(le.Uint64(b)),
			Late:      le.Uint32(b[8:]),
			FirstByte: le.Uint32(b[12:]),
			Done:      le.Uint32(b[16:]),
			Bytes:     le.Uint32(b[20:]),
			User:      le.Uint16(b[24:]),
			Node:      b[26],
			Outcome:   Outcome(b[27]),
			Flags:     Flags(b[28]),
			SYNs:      b[29],
			Resent:    b[30],
		}
		if samples[i].Outcome >= NumOutcomes {
			return nil, fmt.Errorf("load: sample %d has the unknown outcome %d", i, b[27])
		}
	}
	return samples, nil
}
