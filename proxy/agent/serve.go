package agent

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine/registry"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reason"
)

// Options of an agent.
type Options struct {
	Node    string
	Version string
	Self    string    // the path of this program, which replaces "spof" in commands
	Log     io.Writer // output of services, with their names as prefixes
	// Executors carry out the faults; the agent refuses the other kinds.
	Executors map[proxy.FaultKind]Executor
}

// Serve runs an agent: it writes its hello to out and answers the requests from in. When in closes, it ends everything that it started
// and returns nil.
func Serve(ctx context.Context, in io.Reader, out io.Writer, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &server{out: &frameWriter{w: out}, o: o}
	s.host = newHost(ctx, o, s.event)
	defer s.host.end()
	hello, err := s.hello()
	if err != nil {
		return err
	}
	if err := s.out.writeJSON(frameHello, hello); err != nil {
		return err
	}
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel() // before Wait
	r := bufio.NewReaderSize(in, 64<<10)
	for {
		kind, payload, _, err := readFrame(r, nil)
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		var req Request
		if kind != frameRequest {
			return fmt.Errorf("a frame of unknown kind %q", kind)
		}
		if err := json.Unmarshal(payload, &req); err != nil {
			return fmt.Errorf("invalid request: %w", err)
		}
		running.Go(func() { s.answer(ctx, req) })
	}
}

type server struct {
	o    Options
	out  *frameWriter
	host *host

	mu       sync.Mutex
	watching *watching // nil: the machine is not watched
}

func (s *server) hello() (Hello, error) {
	h := Hello{Version: s.o.Version, PID: os.Getpid(), CPUs: runtime.NumCPU(), Processor: Processor(), Packages: packages(registry.Packages())}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		h.Kernel = unix.ByteSliceToString(u.Release[:])
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return h, fmt.Errorf("own addresses: %w", err)
	}
	for _, a := range addrs {
		h.Prefixes = append(h.Prefixes, a.String())
	}
	return h, nil
}

// event sends an event of this node. A closed channel is no error: it ends the agent.
func (s *server) event(e proxy.Event) {
	e.Node = s.o.Node
	_ = s.out.writeJSON(frameEvent, e)
}

// happened reports an event of the users' software.
func (s *server) happened(e load.Event) {
	s.event(proxy.Event{At: e.At, Kind: proxy.EventKind(e.Kind), Subject: e.Subject, Text: e.Text, For: e.For})
}

func (s *server) answer(ctx context.Context, req Request) {
	resp := Response{ID: req.ID}
	var err error
	switch {
	case req.Op == opPing:
	case req.Op == opForget:
		err = s.host.forget(ctx)
	case req.Op == opGauge:
		resp.Relay, err = s.host.calibrate(ctx)
	case req.Op == opMeter:
		err = s.host.meter(ctx)
	case req.Op == opWatch:
		err = s.watchMachine(ctx)
	case req.Op == opLeave:
		err = s.leaveMachine(ctx)
	case req.Op == opStart && req.Start != nil:
		err = s.host.start(ctx, *req.Start)
	case req.Op == opLoad && req.Load != nil:
		err = s.load(ctx, *req.Load)
	case req.Op == opInject && req.Fault != nil:
		resp.Effect, err = s.carryOut(ctx, *req.Fault, s.host.inject)
	case req.Op == opRecover && req.Fault != nil:
		resp.Effect, err = s.carryOut(ctx, *req.Fault, s.host.recover)
	default:
		err = fmt.Errorf("unknown request %q", req.Op)
	}
	if err != nil {
		resp.Error, resp.Code = err.Error(), append(reason.Codes(err), "")[0]
	}
	resp.Now = proxy.Monotonic()
	_ = s.out.writeJSON(frameResponse, resp)
}

// carryOut makes a step of a fault with the executor of its kind.
func (s *server) carryOut(ctx context.Context, f Fault, step func(context.Context, Executor, Fault) (*Effect, error)) (*Effect, error) {
	e := s.o.Executors[f.Kind]
	if !e.Complete() {
		return nil, reason.Errorf("no-executor", "fault %s: this agent, version %s, has no executor for %s", f.ID, s.o.Version, f.Kind)
	}
	return step(ctx, e, f)
}

func (s *server) load(ctx context.Context, spec load.Spec) error {
	load.Tune()
	spec.Sent, spec.Script = s.host.sends(spec), &s.host.script
	var buf []byte
	_, err := load.Run(ctx, spec, s.happened, func(samples []load.Sample) {
		buf = load.EncodeSamples(buf[:0], samples)
		_ = s.out.write(frameSamples, buf)
	})
	return err
}
