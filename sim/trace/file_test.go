package trace_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"math"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// planned is the header of a trial of 30 s at 50 requests/s.
func planned() trace.Header {
	h := trace.Header{
		Schema: trace.Schema, Lab: "lab1", Runtime: "local", Epoch: 1e12, Nodes: []string{"proxy-a", "proxy-b"},
		Started: time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC),
		Plan: plan.Plan{
			Schema: plan.Schema, Topology: topology.Topology{Name: "active-passive", Nodes: []topology.Node{{Name: "proxy-a"}, {Name: "proxy-b"}}},
			Scenario: scenarios.Scenario{Name: "node-death", Load: scenarios.Load{Rate: 50}, Phases: scenarios.Phases{Baseline: 20 * time.Second, Fault: 10 * time.Second}},
			End:      30 * time.Second, PhasePeriod: time.Second, Trials: []plan.Trial{{Seed: 7}},
		},
	}
	h.PlanHash = h.Plan.Hash()
	return h
}

// headerLine is the first line of a file with the header planned.
func headerLine() string {
	line, err := json.Marshal(planned())
	if err != nil {
		panic(err)
	}
	return string(line) + "\n"
}

// whole is a trace with every kind of line, and with samples at the limits of their ranges.
func whole() *trace.Trace {
	t := &trace.Trace{
		Header: planned(),
		Events: []trace.Event{
			{At: 1e12 + 5, Kind: proxy.EventPhase, State: "fault"},
			{At: 1e12 + 9, Kind: proxy.EventVRRP, Node: "proxy-b", Subject: "vip", State: "MASTER", Uncertainty: time.Millisecond},
			{At: 1e12 + 10, Kind: proxy.EventAnnounced, Node: "office", Subject: "vip", State: proxy.AnnouncementHeard, Hardware: "02:42:0a:09:00:07"},
		},
		Samples: []trace.Sample{
			{Scheduled: 1, Late: 2, FirstByte: 3, Done: 4, Bytes: 5, User: 6, Node: 1, Outcome: load.Timeout, Flags: load.Reused | load.Tunnel},
			{Scheduled: math.MaxInt64, Late: math.MaxUint32, FirstByte: math.MaxUint32, Done: math.MaxUint32, Bytes: math.MaxUint32, User: math.MaxUint16, Node: math.MaxUint8, Outcome: load.NotSent, Flags: math.MaxUint8},
		},
	}
	t.Machine = []trace.Reading{
		{At: 1e12 + 7, Node: "office", Over: 100 * time.Millisecond, CPUs: 2, Busy: .98, Stolen: .01, Pressure: .5, Waited: 40 * time.Millisecond},
		{At: 1e12 + 8, Node: "isp", Over: 100 * time.Millisecond, CPUs: 2, Busy: -1, Stolen: -1, Pressure: -1, Waited: -1},
	}
	for i := range 1200 { // several batches
		t.Samples = append(t.Samples, trace.Sample{Scheduled: int64(i) * 1e6, Done: uint32(i)})
	}
	return t
}

// write gives a trace as a file's bytes.
func write(t *trace.Trace) []byte {
	GinkgoHelper()
	var b bytes.Buffer
	w, err := trace.NewWriter(&b, t.Header)
	Expect(err).NotTo(HaveOccurred())
	for _, e := range t.Events {
		Expect(w.Event(e)).To(Succeed())
	}
	for _, m := range t.Machine {
		Expect(w.Machine(m)).To(Succeed())
	}
	Expect(w.Samples(t.Samples)).To(Succeed())
	Expect(w.End(t.Broken)).To(Succeed())
	return b.Bytes()
}

// refusal is the line of an error, if it has one, and its codes.
func refusal(err error) string {
	GinkgoHelper()
	Expect(err).To(HaveOccurred())
	codes := strings.Join(reason.Codes(err), " ")
	if line := regexp.MustCompile(`line (\d+): `).FindStringSubmatch(err.Error()); line != nil {
		return line[1] + " " + codes
	}
	return codes
}

// zip compresses a text.
func zip(text string) []byte {
	var b bytes.Buffer
	gz := gzip.NewWriter(&b)
	gz.Write([]byte(text))
	gz.Close()
	return b.Bytes()
}

// zipper is zip with one compressor for many texts: to make a compressor takes most of the time of a short text.
func zipper() func(text string) []byte {
	gz := gzip.NewWriter(io.Discard)
	return func(text string) []byte {
		var b bytes.Buffer
		gz.Reset(&b)
		gz.Write([]byte(text))
		gz.Close()
		return b.Bytes()
	}
}

// unzip gives the lines of a trace.
func unzip(data []byte) string {
	GinkgoHelper()
	gz, err := gzip.NewReader(bytes.NewReader(data))
	Expect(err).NotTo(HaveOccurred())
	text, err := io.ReadAll(gz)
	Expect(err).NotTo(HaveOccurred())
	return string(text)
}

var _ = Describe("A trace file", func() {
	It("is read as it was written", func() {
		Expect(trace.Read(bytes.NewReader(write(whole())))).To(Equal(whole()))
	})

	It("of an older version, without readings of the machine, is whole", func() {
		t := whole()
		t.Machine = nil
		data := write(t)
		Expect(unzip(data)).NotTo(ContainSubstring(`"machine"`))
		Expect(trace.Read(bytes.NewReader(data))).To(Equal(t))
	})

	It("is refused if a reading of the machine is missing", func() {
		var lines []string
		for line := range strings.Lines(unzip(write(whole()))) {
			if !strings.Contains(line, `"node":"isp"`) {
				lines = append(lines, line)
			}
		}
		_, err := trace.Read(bytes.NewReader(zip(strings.Join(lines, ""))))
		Expect(refusal(err)).To(Equal("9 lines-missing"))
		Expect(err).To(MatchError(HaveSuffix("3 events, 1202 samples and 2 readings of the machine; the trace has 3, 1202 and 1")))
	})

	It("keeps why the trial is not whole", func() {
		t := whole()
		t.Broken = "the agent of proxy-a is gone"
		Expect(trace.Read(bytes.NewReader(write(t)))).To(HaveField("Broken", "the agent of proxy-a is gone"))
	})

	It("is broken if it is truncated anywhere", func() {
		data := write(whole())
		header := len(zip(strings.SplitAfter(unzip(data), "\n")[0])) + 100
		for n := len(data) - 1; n > header; n -= 97 {
			t, err := trace.Read(bytes.NewReader(data[:n]))
			if errors.Is(err, io.ErrUnexpectedEOF) { // the header is truncated
				continue
			}
			Expect(err).NotTo(HaveOccurred(), "%d of %d bytes", n, len(data))
			Expect(t.Broken).To(ContainSubstring("no end mark"), "%d of %d bytes", n, len(data))
		}
	})

	It("is broken if its last line is missing, and keeps the other lines", func() {
		lines := strings.SplitAfter(strings.TrimSuffix(unzip(write(whole())), "\n"), "\n")
		t, err := trace.Read(bytes.NewReader(zip(strings.Join(lines[:len(lines)-1], ""))))
		Expect(err).NotTo(HaveOccurred())
		Expect(t.Broken).To(ContainSubstring("no end mark"))
		Expect(t.Samples).To(HaveLen(1202))
	})

	It("of an unknown version is refused", func() {
		_, err := trace.Read(bytes.NewReader(zip(`{"schema":"spof/trace/v9","plan":7}` + "\n")))
		var schema *trace.SchemaError
		Expect(errors.As(err, &schema)).To(BeTrue())
		Expect(schema.Schema).To(Equal("spof/trace/v9"))
		Expect(refusal(err)).To(Equal("unknown-trace-version"))
	})

	header := headerLine()
	DescribeTable("is refused if it is not a trace", func(text, want string) {
		_, err := trace.Read(bytes.NewReader(zip(text)))
		Expect(refusal(err)).To(Equal(want))
	},
		Entry("empty", "", "not-a-trace"),
		Entry("other JSON", "{}\n", "not-a-trace"),
		Entry("not JSON", "hello\n", "1 trace-damaged"),
		Entry("an empty line", header+"{}\n", "2 unknown-line"),
		Entry("a line of two things", header+`{"e":{},"end":{}}`+"\n", "2 unknown-line"),
		Entry("a short sample", header+`{"s":[[1,2,3]]}`+"\n", "2 bad-sample"),
		Entry("a long sample", header+`{"s":[[1,2,3,4,5,6,7,"ok",0,0]]}`+"\n", "2 bad-sample"),
		Entry("a negative number", header+`{"s":[[1,-2,3,4,5,6,7,"ok",0]]}`+"\n", "2 bad-sample"),
		Entry("a number too large", header+`{"s":[[1,2,3,4,5,65536,7,"ok",0]]}`+"\n", "2 bad-sample"),
		Entry("an unknown outcome", header+`{"s":[[1,2,3,4,5,6,7,"fine",0]]}`+"\n", "2 bad-sample"),
		Entry("a line after the end", header+`{"end":{}}`+"\n"+`{"e":{}}`+"\n", "3 line-after-end"),
		Entry("lines of no samples", header+`{"s":[]}`+"\n", "2 unknown-line"),
		Entry("a line without an end", header+`{"e":{"text":"`+strings.Repeat("x", 2<<20), "2 line-too-long"),
		Entry("a header without an end", strings.Repeat(" ", 9<<20), "not-a-trace line-too-long"),
		Entry("lost samples", header+`{"end":{"samples":3}}`+"\n", "2 lines-missing"),
	)

	It("that is not gzip is refused", func() {
		_, err := trace.Read(strings.NewReader("plain"))
		Expect(refusal(err)).To(Equal("not-a-trace"))
	})

	It("with a wrong checksum is refused", func() {
		data := write(whole())
		data[len(data)-6] ^= 1
		_, err := trace.Read(bytes.NewReader(data))
		Expect(err).To(MatchError(gzip.ErrChecksum))
	})

	It("can be written by several goroutines", func() {
		var b bytes.Buffer
		w, err := trace.NewWriter(&b, planned())
		Expect(err).NotTo(HaveOccurred())
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				for range 50 {
					w.Event(trace.Event{Kind: proxy.EventVRRP})
					w.Samples(make([]trace.Sample, 7))
				}
			})
		}
		group.Wait()
		Expect(w.End("")).To(Succeed())
		t, err := trace.Read(&b)
		Expect(err).NotTo(HaveOccurred())
		Expect(t.Events).To(HaveLen(400))
		Expect(t.Samples).To(HaveLen(2800))
	})

	It("refuses everything after its end", func() {
		w, err := trace.NewWriter(io.Discard, trace.Header{})
		Expect(err).NotTo(HaveOccurred())
		Expect(w.End("")).To(Succeed())
		Expect(w.Event(trace.Event{})).To(MatchError(trace.ErrEnded))
		Expect(w.Samples(nil)).To(MatchError(trace.ErrEnded))
		Expect(w.End("")).To(MatchError(trace.ErrEnded))
	})
})

// FuzzRead reads anything as the lines of a trace, and as a file. Nothing may panic, and what is whole must survive being
// written and read again.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"e":{"at_ns":1,"kind":"vrrp"}}` + "\n" + `{"s":[[1,2,3,4,5,6,7,"ok",0]]}` + "\n" + `{"end":{"events":1,"samples":1}}` + "\n"))
	f.Add([]byte(`{"s":[[1,2,3,4,5,6,7,"reset",15],[-1,0,0,0,0,0,0,"5xx",1]]}` + "\n" + `{"m":{"at_ns":1,"node":"office"}}` + "\n"))
	f.Add([]byte{0x1f, 0x8b, 8, 0})
	header, zip := headerLine(), zipper()
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzcost.Bound(t)
		trace.Read(bytes.NewReader(data))
		first, err := trace.Read(bytes.NewReader(zip(header + string(data))))
		if err != nil {
			return
		}
		RegisterTestingT(t)
		once := write(first)
		second, err := trace.Read(bytes.NewReader(once))
		Expect(err).NotTo(HaveOccurred())
		Expect(second.Samples).To(Equal(first.Samples))
		Expect(second.Broken).To(Equal(first.Broken))
		Expect(write(second)).To(Equal(once))
	})
}

// FuzzHeader reads anything as the first line of a trace, under the hash that its plan has. Nothing may panic, and no plan may
// make room for more than there is.
func FuzzHeader(f *testing.F) {
	f.Add([]byte(headerLine()))
	f.Add([]byte(`{"schema":"spof/trace/v2"}`))
	f.Add([]byte(`{"schema":"spof/trace/v1","redrawn":{"attempt":3},"plan":{"end_ns":9223372036854775807,"scenario":{"load":{"rate_per_s":1e308}},"trials":[{}]}}`))
	zip := zipper()
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzcost.Bound(t)
		var h trace.Header
		if json.Unmarshal(data, &h) == nil {
			h.PlanHash = h.Plan.Hash()
			data, _ = json.Marshal(h)
		}
		trace.Read(bytes.NewReader(zip(string(data) + "\n" + `{"s":[[1,2,3,4,5,6,7,"ok",0]]}` + "\n")))
	})
}

// million are samples as they come: one each millisecond, of 50 users.
func million() []trace.Sample {
	s := make([]trace.Sample, 1_000_000)
	for i := range s {
		s[i] = trace.Sample{Scheduled: int64(i) * 1e6, Late: uint32(i * 7919 % 90_000), FirstByte: uint32(300 + i*31%700), Done: uint32(1000 + i*17%900),
			Bytes: 1024, User: uint16(i % 50), Node: uint8(1 + i%2), Flags: load.Reused}
	}
	return s
}

// BenchmarkWrite writes a million samples.
func BenchmarkWrite(b *testing.B) {
	s := million()
	for b.Loop() {
		w, _ := trace.NewWriter(io.Discard, trace.Header{})
		w.Samples(s)
		w.End("")
	}
}

// BenchmarkRead reads a million samples.
func BenchmarkRead(b *testing.B) {
	var file bytes.Buffer
	h := planned()
	h.Plan.Scenario.Load.Rate, h.Plan.Scenario.Phases.Fault = 1000, 980*time.Second
	h.Plan.End = 1000 * time.Second
	h.PlanHash = h.Plan.Hash()
	w, _ := trace.NewWriter(&file, h)
	w.Samples(million())
	w.End("")
	b.SetBytes(int64(file.Len()))
	for b.Loop() {
		if _, err := trace.Read(bytes.NewReader(file.Bytes())); err != nil {
			b.Fatal(err)
		}
	}
}
