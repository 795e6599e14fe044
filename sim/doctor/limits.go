package doctor

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// Limits are the resources that this process may use.
type Limits struct {
	CPUs        int    `json:"cpus"`
	MemoryBytes uint64 `json:"memory_bytes"`
	FilesSoft   uint64 `json:"files_soft"` // open files; programs in Go raise theirs to the hard limit
	FilesHard   uint64 `json:"files_hard"`
}

func readLimits() Limits {
	l := Limits{CPUs: runtime.NumCPU()}
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) == nil {
		l.MemoryBytes = uint64(info.Totalram) * uint64(info.Unit)
	}
	var files unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &files) == nil {
		l.FilesSoft, l.FilesHard = files.Cur, files.Max
	}
	return l
}
