package builtin

import (
	"runtime"
	"runtime/debug"
)

// Tune sets up the process of a program, which shares its machine with a whole lab: each processor that Go may use more is
// one more thread to be woken for work that one would do, and a garbage collection is due for every few connections by default.
func Tune() {
	runtime.GOMAXPROCS(1 + runtime.NumCPU()/4)
	debug.SetGCPercent(400)
}
