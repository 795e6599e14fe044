package nginx

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
)

// own runs a team's nginx.conf in the foreground. Two words daemon would be an error, so the file keeps its own.
func own(o engine.Own) proxy.Process {
	return proxy.Process{
		Command: []string{"nginx", "-e", "stderr", "-c", o.Path, "-g", "daemon off;"}, Check: []string{"nginx", "-t", "-q", "-e", "stderr", "-c", o.Path},
	}
}
