package builtin

import "runtime"

// Tune limits the processors of a program's process, because a whole lab shares the machine: with more processors Go wakes up more
// threads for work that one thread can do. Tune leaves the garbage collector as it is: with GOGC=400 the page faults of the larger
// heap cost more than the saved collections.
func Tune() {
	runtime.GOMAXPROCS(1 + runtime.NumCPU()/4)
}
