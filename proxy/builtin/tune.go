package builtin

import "runtime"

// Tune sets up the process of a program, which shares its machine with a whole lab: each processor that Go may use more is
// one more thread to be woken for work that one would do. It leaves the garbage collector as it is: with a heap
// that may grow four times as large (GOGC=400), the pages that are touched for the first time cost more than the collections saved.
func Tune() {
	runtime.GOMAXPROCS(1 + runtime.NumCPU()/4)
}
