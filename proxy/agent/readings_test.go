package agent

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/proxy"
)

var _ = Describe("data of the kernel", func() {
	DescribeTable("/proc/stat", func(text string, want cpuTimes, known bool) {
		got, ok := parseCPUTimes([]byte(text))
		Expect(ok).To(Equal(known))
		Expect(got).To(Equal(want))
	},
		Entry("guest time is part of user and nice, iowait is idle",
			"cpu  100 20 30 400 5 6 7 8 60 10\ncpu0 1 2 3 4\n", cpuTimes{busy: 100 + 20 + 30 + 6 + 7, idle: 405, stolen: 8}, true),
		Entry("a kernel without columns for irq and steal", "cpu 1 2 3 4\n", cpuTimes{busy: 6, idle: 4}, true),
		Entry("too few columns", "cpu 1 2 3\n", cpuTimes{}, false),
		Entry("cut in a number", "cpu  100 20 30 400 5 6 7", cpuTimes{}, false),
		Entry("one processor's line", "cpu0 1 2 3 4 5 6 7 8\n", cpuTimes{}, false),
		Entry("too many digits", "cpu 1 2 3 1234567890123456789\n", cpuTimes{}, false),
		Entry("not a number", "cpu 1 2 3 -4 5\n", cpuTimes{}, false),
		Entry("nothing", "", cpuTimes{}, false),
	)

	DescribeTable("shares", func(before, after cpuTimes, busy, stolen float64) {
		b, s := after.shares(before)
		Expect([]float64{b, s}).To(Equal([]float64{busy, stolen}))
	},
		Entry("of what has passed", cpuTimes{100, 100, 100}, cpuTimes{110, 105, 105}, .5, .25),
		Entry("four digits", cpuTimes{}, cpuTimes{1, 2, 0}, .3333, 0.),
		Entry("a counter that went back by a tick", cpuTimes{10, 10, 0}, cpuTimes{20, 9, 0}, 1., 0.),
		Entry("no tick has passed", cpuTimes{1, 2, 3}, cpuTimes{1, 2, 3}, -1., -1.),
	)

	DescribeTable("/proc/pressure/cpu", func(text string, want time.Duration, known bool) {
		got, ok := parsePressure([]byte(text))
		Expect(ok).To(Equal(known))
		Expect(got).To(Equal(want))
	},
		Entry("of two lines", "some avg10=71.73 avg60=34.90 avg300=18.59 total=206942791\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n", 206942791*time.Microsecond, true),
		Entry("of one line", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n", time.Duration(0), true),
		Entry("cut in the number", "some avg10=0.00 avg60=0.00 avg300=0.00 total=12", time.Duration(0), false),
		Entry("without a total", "some avg10=0.00\n", time.Duration(0), false),
		Entry("the other line", "full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n", time.Duration(0), false),
		Entry("more than a duration holds", "some total=999999999999999999\n", time.Duration(0), false),
		Entry("nothing, as on a kernel without PSI", "", time.Duration(0), false),
	)

	DescribeTable("schedstat", func(text string, ran, waited time.Duration, known bool) {
		r, w, ok := parseSchedstat([]byte(text))
		Expect(ok).To(Equal(known))
		Expect([]time.Duration{r, w}).To(Equal([]time.Duration{ran, waited}))
	},
		Entry("three numbers", "6051020 19524875 10\n", 6051020*time.Nanosecond, 19524875*time.Nanosecond, true),
		Entry("a thread that has never run", "0 0 0\n", time.Duration(0), time.Duration(0), true),
		Entry("one number", "6051020\n", time.Duration(0), time.Duration(0), false),
		Entry("nothing, as of a thread that has ended", "", time.Duration(0), time.Duration(0), false),
	)
})

func FuzzProcFiles(f *testing.F) {
	f.Add([]byte("cpu  100 20 30 400 5 6 7 8 60 10\ncpu0 1 2 3 4\n"))
	f.Add([]byte("some avg10=71.73 avg60=34.90 avg300=18.59 total=206942791\nfull"))
	f.Add([]byte("6051020 19524875 10\n"))
	f.Add([]byte("cpu 999999999999999999 999999999999999999 999999999999999999 999999999999999999 999999999999999999 999999999999999999 999999999999999999 999999999999999999\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzcost.Bound(t)
		if times, ok := parseCPUTimes(data); ok {
			busy, stolen := times.shares(cpuTimes{})
			if known := busy >= 0 && stolen >= 0 && busy+stolen <= 1.0001; !known && (busy != -1 || stolen != -1) {
				t.Fatalf("shares %v and %v of %+v", busy, stolen, times)
			}
		}
		if total, ok := parsePressure(data); ok && total < 0 {
			t.Fatalf("a pressure of %s", total)
		}
		if ran, waited, ok := parseSchedstat(data); ok && min(ran, waited) < 0 {
			t.Fatalf("ran %s, waited %s", ran, waited)
		}
		if n := countCPUs(data); n > bytes.Count(data, []byte("cpu")) {
			t.Fatalf("%d processors", n)
		}
	})
}

// spin keeps a processor busy until stop is closed.
func spin(stop <-chan struct{}) {
	var stopped atomic.Bool
	go func() {
		<-stop
		stopped.Store(true)
	}()
	for !stopped.Load() {
	}
}

// readAfter gives the first of several readings for which a condition holds.
func readAfter(r *machineReader, holds func(proxy.Reading) bool) (found proxy.Reading) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		var err error
		found, err = r.read()
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(holds(found)).To(BeTrue(), "%+v", found)
	}).WithPolling(readEvery).WithTimeout(20 * time.Second).Should(Succeed())
	return found
}

var _ = Describe("readings of the machine", func() {
	var r *machineReader
	BeforeEach(func() {
		var err error
		r, err = newMachineReader(func() []int { return []int{os.Getpid()} })
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(r.close)
	})

	It("count all online processors, also those that the process may not use", func() {
		var all unix.CPUSet
		Expect(unix.SchedGetaffinity(0, &all)).To(Succeed())
		Expect(r.cpus).To(BeNumerically(">=", all.Count()))
	})

	It("give the busy share of the processors", func() {
		stop := make(chan struct{})
		for range r.cpus + 1 {
			go spin(stop)
		}
		busy := readAfter(r, func(m proxy.Reading) bool { return m.Busy+m.Stolen > .9 })
		close(stop)
		Expect(busy.CPUs).To(Equal(r.cpus))
		Expect(busy.Busy).To(BeNumerically("<=", 1))
		// Without the spinning the machine is less busy, whatever else runs.
		readAfter(r, func(m proxy.Reading) bool { return m.Busy < busy.Busy })
	})

	It("give the longest wait of a thread", func() {
		threads := 2*r.cpus + 1 // some must wait
		hogs := exec.Command("/proc/self/exe")
		hogs.Env = append(os.Environ(), hogsEnv+"="+strings.Repeat("x", threads))
		Expect(hogs.Start()).To(Succeed())
		DeferCleanup(func() {
			_ = hogs.Process.Kill()
			_ = hogs.Wait()
		})
		child := func() []int { return []int{hogs.Process.Pid} }
		other, err := newMachineReader(child)
		Expect(err).NotTo(HaveOccurred())
		defer other.close()
		m := readAfter(other, func(m proxy.Reading) bool { return m.Waited > 5*time.Millisecond })
		if _, err := os.Stat("/proc/pressure/cpu"); err == nil {
			Expect(m.Pressure).To(BeNumerically(">", 0))
		}
		Expect(hogs.Process.Kill()).To(Succeed())
		_ = hogs.Wait()
		m, err = other.read()
		Expect(err).NotTo(HaveOccurred())
		Expect(m.Waited).To(Equal(time.Duration(-1)), "no data of an ended process")
		Expect(other.waits.processes).To(BeEmpty())
	})

	It("follow new and ended threads", func() {
		stop, ids := make(chan struct{}), make(chan int)
		go func() {
			lockThread() // a thread of its own, which ends with this
			ids <- unix.Gettid()
			<-stop
		}()
		id := strconv.Itoa(<-ids)
		known := func() map[string]*thread {
			_, err := r.read()
			Expect(err).NotTo(HaveOccurred())
			return r.waits.processes[os.Getpid()].threads
		}
		Expect(known()).To(HaveKey(id))
		close(stop)
		Eventually(known).WithTimeout(10 * time.Second).ShouldNot(HaveKey(id))
	})

	It("have no pressure on a kernel without PSI", func() {
		for _, no := range []procFile{-1, procFile(nothing())} {
			if r.pressure >= 0 {
				r.pressure.close()
			}
			r.pressure = no
			m, err := r.read()
			Expect(err).NotTo(HaveOccurred())
			Expect(m.Pressure).To(Equal(-1.))
		}
	})

	It("fail if /proc/stat has another format", func() {
		r.stat.close()
		r.stat = procFile(nothing())
		_, err := r.read()
		Expect(err).To(MatchError(ContainSubstring("/proc/stat: its format")))
	})
})

// nothing opens an empty file.
func nothing() int {
	GinkgoHelper()
	fd, err := unix.Open(filepath.Join(GinkgoT().TempDir(), "empty"), unix.O_RDWR|unix.O_CREAT, 0o600)
	Expect(err).NotTo(HaveOccurred())
	return fd
}

var _ = Describe("an agent that watches its machine", func() {
	var (
		link *Link
		mu   sync.Mutex
		seen []proxy.Reading
	)
	take := func(m proxy.Reading) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, m)
	}
	readings := func() []proxy.Reading {
		mu.Lock()
		defer mu.Unlock()
		return append([]proxy.Reading(nil), seen...)
	}
	BeforeEach(func(ctx context.Context) {
		seen = nil
		link = linked(ctx, Options{})
	})

	It("sends readings without a gap from the start to the end of the watch", func(ctx context.Context) {
		Expect(link.WatchMachine(ctx, take)).To(Succeed())
		begun := proxy.Monotonic()
		Eventually(func() int { return len(readings()) }).WithTimeout(20 * time.Second).Should(BeNumerically(">=", 3))
		ended := proxy.Monotonic()
		Expect(link.LeaveMachine(ctx)).To(Succeed())
		all := readings() // complete
		Expect(all[0].At - all[0].Over.Nanoseconds()).To(BeNumerically("<=", begun))
		Expect(all[len(all)-1].At).To(BeNumerically(">=", ended))
		for i, m := range all {
			Expect(m.Node).To(Equal("office"))
			Expect(m.Over).To(BeNumerically(">=", readEvery))
			if i > 0 {
				Expect(m.At - m.Over.Nanoseconds()).To(Equal(all[i-1].At))
			}
		}
		time.Sleep(2 * readEvery)
		Expect(readings()).To(HaveLen(len(all)))
	}, SpecTimeout(30*time.Second))

	It("can watch again, but only once at a time", func(ctx context.Context) {
		Expect(link.WatchMachine(ctx, take)).To(Succeed())
		Expect(link.WatchMachine(ctx, take)).To(And(Satisfy(refused), MatchError(ContainSubstring("node office: watch-machine: "))))
		Expect(link.LeaveMachine(ctx)).To(Succeed())
		Expect(link.LeaveMachine(ctx)).To(And(Satisfy(refused), MatchError(ContainSubstring("node office: leave-machine: "))))
		Expect(link.WatchMachine(ctx, take)).To(Succeed())
		Expect(link.LeaveMachine(ctx)).To(Succeed())
	}, SpecTimeout(30*time.Second))
})

// BenchmarkReading measures what a reading costs an agent with as many threads as that of a client has: cpu-ns/op, which a busy
// machine does not change much.
func BenchmarkReading(b *testing.B) {
	stop := make(chan struct{})
	defer close(stop)
	for range 12 {
		go func() {
			lockThread()
			<-stop
		}()
	}
	r, err := newMachineReader(func() []int { return []int{os.Getpid()} })
	if err != nil {
		b.Fatal(err)
	}
	defer r.close()
	lockThread()
	before := threadCPU(b)
	for b.Loop() {
		if _, err := r.read(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(threadCPU(b)-before)/float64(b.N), "cpu-ns/op")
	b.ReportMetric(float64(len(r.waits.processes[os.Getpid()].threads)), "threads")
}

// threadCPU is the time that the calling thread has run so far.
func threadCPU(b *testing.B) time.Duration {
	var used unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
