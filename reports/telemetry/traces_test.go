package telemetry_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"sync"
	"time"
	"weak"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/telemetry"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// received keeps the requests at a collector that answers with a status.
type received struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*collector.ExportTraceServiceRequest
}

// collecting starts a collector that answers by its handler after it has read the request.
func collecting(answer func(n int, w http.ResponseWriter, r *http.Request)) *received {
	c := &received{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer GinkgoRecover()
		body, err := io.ReadAll(r.Body)
		Expect(err).NotTo(HaveOccurred())
		var request collector.ExportTraceServiceRequest
		Expect(proto.Unmarshal(body, &request)).To(Succeed())
		Expect(r.URL.Path).To(Equal("/v1/traces"))
		c.mu.Lock()
		c.requests = append(c.requests, &request)
		n := len(c.requests)
		c.mu.Unlock()
		answer(n, w, r)
	}))
	DeferCleanup(c.Close)
	return c
}

func status(code int) func(int, http.ResponseWriter, *http.Request) {
	return func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// spans are the spans of the request number n, by name.
func (c *received) spans(n int) map[string]*otlp.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	Expect(len(c.requests)).To(BeNumerically(">", n))
	by := map[string]*otlp.Span{}
	for _, s := range c.requests[n].ResourceSpans[0].ScopeSpans[0].Spans {
		by[s.Name] = s
	}
	return by
}

func (c *received) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.requests)
}

// attribute is the value of an attribute as a text.
func attribute(s *otlp.Span, key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return a.Value.String()
		}
	}
	return ""
}

// took is the length of a span.
func took(s *otlp.Span) time.Duration { return time.Duration(s.EndTimeUnixNano - s.StartTimeUnixNano) }

var _ = Describe("the trace of a trial", func() {
	sending := func(url string) *telemetry.Traces {
		GinkgoHelper()
		t, err := telemetry.NewTraces(telemetry.Destination{URL: url, Version: "v1", SendWithin: 500 * time.Millisecond, CloseWithin: time.Second})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(t.Close)
		return t
	}

	It("has the trial as its root, the fault, and the parts of the failover one after another", func() {
		c := collecting(status(200))
		traces := sending(c.URL)
		of := recorded(compiled())
		before := time.Now()
		judged := followed(telemetry.NewLab(nil, traces), of)
		Expect(traces.Close()).To(Equal(telemetry.Delivery{Sent: 1}))
		Expect(judged.FailoverMS).NotTo(BeNil())
		Expect(judged.Split).NotTo(BeNil())

		by := c.spans(0)
		root, fault, detect, client := by["trial"], by["fault"], by["detect"], by["client"]
		Expect(by).To(And(HaveKey("trial"), HaveKey("fault"), HaveKey("detect"), HaveKey("client")))
		Expect(root.ParentSpanId).To(BeEmpty())
		Expect(fault.ParentSpanId).To(Equal(root.SpanId))
		Expect(detect.ParentSpanId).To(Equal(fault.SpanId))
		Expect(client.ParentSpanId).To(Equal(fault.SpanId))
		for _, s := range by {
			Expect(s.TraceId).To(Equal(root.TraceId), s.Name)
		}
		p := of.Header.Plan
		near := func(want time.Duration) types.GomegaMatcher { return BeNumerically("~", want, time.Microsecond) }
		Expect(took(root)).To(near(p.End + p.Trials[0].Phase))
		Expect(time.Duration(fault.StartTimeUnixNano - root.StartTimeUnixNano)).To(near(p.FaultAt + p.Trials[0].Phase))
		Expect(took(fault)).To(near(p.RecoverAt - p.FaultAt))
		Expect(detect.StartTimeUnixNano).To(Equal(fault.StartTimeUnixNano))
		Expect(took(detect)).To(near(master))
		Expect(time.Duration(client.EndTimeUnixNano - fault.StartTimeUnixNano)).To(near(time.Duration(*judged.FailoverMS * 1e6)))
		Expect(time.Unix(0, int64(root.StartTimeUnixNano))).To(BeTemporally("~", before, 10*time.Second), "the wall clock of the load's start")

		Expect(attribute(root, "spof.design")).To(Equal(`string_value:"active-passive"`))
		Expect(attribute(root, "spof.scenario")).To(Equal(`string_value:"node-death"`))
		Expect(attribute(root, "spof.plan_hash")).To(ContainSubstring(of.Header.PlanHash))
		Expect(attribute(root, "spof.seed")).To(Equal(`string_value:"7"`))
		Expect(attribute(root, "spof.trial")).To(Equal("int_value:0"))
		Expect(attribute(root, "spof.verdict")).To(ContainSubstring(string(judged.Verdict)))
		Expect(attribute(root, "spof.failover_ms")).To(HavePrefix("double_value:"))
		Expect(attribute(root, "spof.failover_uncertainty_ms")).To(HavePrefix("double_value:"))
		Expect(attribute(fault, "spof.effect_uncertainty_ms")).To(HavePrefix("double_value:"))
		Expect(root.Events).To(ContainElement(HaveField("Name", "proxy-b MASTER")))
		Expect(root.DroppedAttributesCount).To(BeZero())
	})

	It("has the decision after the detection, if the failed node left the election", func() {
		c := collecting(status(200))
		traces := sending(c.URL)
		of := recorded(compiled())
		of.Events = append(of.Events, trace.Event{
			At: of.Events[1].At + time.Second.Nanoseconds(), Node: "proxy-a", Kind: proxy.EventVRRP, Subject: "proxy", State: proxy.VRRPFault,
		})
		judged := followed(telemetry.NewLab(nil, traces), of)
		Expect(judged.Split).To(HaveField("Decide", HaveValue(BeNumerically("~", 2000, 0.001))))
		Expect(traces.Close()).To(Equal(telemetry.Delivery{Sent: 1}))
		detect, decide := c.spans(0)["detect"], c.spans(0)["decide"]
		Expect(took(detect)).To(BeNumerically("~", time.Second, time.Microsecond))
		Expect(decide.StartTimeUnixNano).To(Equal(detect.EndTimeUnixNano))
		Expect(took(decide)).To(BeNumerically("~", 2*time.Second, time.Microsecond))
	})

	It("waits for its delivery without the record of the trial", func() {
		c := collecting(func(_ int, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		traces := sending(c.URL)
		lab := telemetry.NewLab(nil, traces)
		kept := func() (all []weak.Pointer[trace.Sample]) {
			for range 2 {
				of := recorded(compiled())
				all = append(all, weak.Make(&of.Samples[0]))
				followed(lab, of)
			}
			return all
		}()
		runtime.GC()
		for _, k := range kept {
			Expect(k.Value()).To(BeNil())
		}
		Expect(traces.Close().Lost).To(Equal(2))
	})

	It("has another id for each attempt, and says which were repeated", func() {
		c := collecting(status(200))
		traces := sending(c.URL)
		lab, of := telemetry.NewLab(nil, traces), recorded(compiled())
		judged := followed(lab, of)
		lab.Ended(of, &judged, true)
		Expect(traces.Close()).To(Equal(telemetry.Delivery{Sent: 2}))
		Expect(c.spans(0)["trial"].TraceId).NotTo(Equal(c.spans(1)["trial"].TraceId))
		Expect(attribute(c.spans(0)["trial"], "spof.repeated")).To(Equal("bool_value:false"))
		Expect(attribute(c.spans(1)["trial"], "spof.repeated")).To(Equal("bool_value:true"))
	})

	It("has no split where no mechanism ended the outage", func() {
		c := collecting(status(200))
		traces := sending(c.URL)
		of := recorded(compiled())
		of.Events = slices.DeleteFunc(of.Events, func(e trace.Event) bool { return e.Kind == proxy.EventVRRP }) // nobody became master
		followed(telemetry.NewLab(nil, traces), of)
		Expect(traces.Close()).To(Equal(telemetry.Delivery{Sent: 1}))
		Expect(c.spans(0)).To(And(HaveLen(2), HaveKey("trial"), HaveKey("fault")))
	})

	It("is lost, with its error, at a collector that is down", func() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		Expect(l.Close()).To(Succeed())
		traces := sending("http://" + l.Addr().String())
		followed(telemetry.NewLab(nil, traces), recorded(compiled()))
		Expect(traces.Close()).To(And(HaveField("Sent", 0), HaveField("Lost", 1), HaveField("Err", MatchError(ContainSubstring("refused")))))
	})

	It("is lost at a collector that answers 500, and not sent again", func() {
		c := collecting(status(500))
		traces := sending(c.URL)
		followed(telemetry.NewLab(nil, traces), recorded(compiled()))
		Expect(traces.Close()).To(And(HaveField("Lost", 1), HaveField("Err", MatchError(ContainSubstring("500")))))
		Expect(c.count()).To(Equal(1))
	})

	It("is sent again to a collector that is busy", func() {
		c := collecting(func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		traces, err := telemetry.NewTraces(telemetry.Destination{URL: c.URL, SendWithin: 10 * time.Second, CloseWithin: 30 * time.Second})
		Expect(err).NotTo(HaveOccurred())
		followed(telemetry.NewLab(nil, traces), recorded(compiled()))
		Expect(traces.Close()).To(Equal(telemetry.Delivery{Sent: 1}))
		Expect(c.count()).To(Equal(2))
	})

	It("holds up neither the run nor its end at a collector that does not answer", func() {
		c := collecting(func(_ int, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		traces, err := telemetry.NewTraces(telemetry.Destination{URL: c.URL, SendWithin: 20 * time.Second, CloseWithin: 200 * time.Millisecond})
		Expect(err).NotTo(HaveOccurred())
		lab, of := telemetry.NewLab(nil, traces), recorded(compiled())
		judged := followed(lab, of)
		Eventually(c.count).Should(Equal(1)) // on its way
		for range telemetry.Waiting + 1 {
			lab.Ended(of, &judged, false)
		}
		began := time.Now()
		got := traces.Close()
		Expect(time.Since(began)).To(BeNumerically("<", 15*time.Second), "less than the delivery of one")
		Expect(got).To(And(HaveField("Sent", 0), HaveField("Lost", telemetry.Waiting+2)))
		lab.Ended(of, &judged, false) // after the end: nothing happens
		Expect(traces.Close()).To(Equal(got))
	})

	It("gives up on one that takes too long, and says so", func() {
		c := collecting(func(_ int, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		traces, err := telemetry.NewTraces(telemetry.Destination{URL: c.URL, SendWithin: 200 * time.Millisecond, CloseWithin: 30 * time.Second})
		Expect(err).NotTo(HaveOccurred())
		followed(telemetry.NewLab(nil, traces), recorded(compiled()))
		delivery := traces.Close()
		Expect(delivery.Lost).To(Equal(1))
		Expect(reason.Codes(delivery.Err)).To(ContainElement("collector-slow"))
	})
})

var _ = DescribeTable("the URL of a collector", func(base, want string) {
	got, err := telemetry.Endpoint(base)
	completed(got, err, want, "collector-url")
	if want == "" {
		Expect(err.Error()).NotTo(ContainSubstring("secret"))
		_, err = telemetry.NewTraces(telemetry.Destination{URL: base})
		Expect(reason.Codes(err)).To(Equal([]string{"collector-url"}))
	}
},
	Entry("is completed", "http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
	Entry("may end with a slash", "http://[::1]:4318/", "http://[::1]:4318/v1/traces"),
	Entry("may have a path", "https://collector.example/otlp", "https://collector.example/otlp/v1/traces"),
	Entry("may be whole", "https://collector.example/v1/traces", "https://collector.example/v1/traces"),
	Entry("needs a scheme", "127.0.0.1:4318", ""),
	Entry("needs a scheme of HTTP", "grpc://127.0.0.1:4317", ""),
	Entry("needs a host", "http:///v1/traces", ""),
	Entry("has no password", "http://user:secret@collector.example", ""),
	Entry("has no query", "http://collector.example/?key=secret", ""),
	Entry("has no fragment", "http://collector.example/#f", ""),
	Entry("has a port that exists", "http://127.0.0.1:99999", ""),
	Entry("has a port above 0", "http://127.0.0.1:0", ""),
	Entry("is no nonsense", "http://%zz", ""),
)
