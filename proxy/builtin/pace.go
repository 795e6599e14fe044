package builtin

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/seed-ab8b6914/spof/proxy"
)

// pace is an origin's delay before each answer, in ns.
type pace struct{ delay atomic.Int64 }

// before waits for the delay, then next answers.
func (p *pace) before(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		time.Sleep(time.Duration(p.delay.Load()))
		next(ctx)
	}
}

// ServeHTTP is the control: PUT sets the delay, a duration such as 800ms; PUT and GET answer with it.
func (p *pace) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if request.Method == http.MethodPut {
		text, err := io.ReadAll(io.LimitReader(request.Body, 100))
		delay, perr := time.ParseDuration(strings.TrimSpace(string(text)))
		if err != nil || perr != nil || delay < 0 || delay > proxy.MaxSlow {
			http.Error(w, "want a duration from 0s to "+proxy.MaxSlow.String(), http.StatusBadRequest)
			return
		}
		p.delay.Store(int64(delay))
	}
	_, _ = io.WriteString(w, time.Duration(p.delay.Load()).String())
}
