package docker

import (
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"io"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
)

// program is the spof binary that every node runs.
type program struct {
	path string
	arch string // as Go and the engines name it
	size int64
	sum  string // the first 12 hex digits of its SHA-256
}

const maxProgram = 1 << 30 // bytes

// architectures are the architectures of the programs that nodes can run.
var architectures = map[elf.Machine]string{
	elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64", elf.EM_ARM: "arm", elf.EM_386: "386",
	elf.EM_RISCV: "riscv64", elf.EM_PPC64: "ppc64le", elf.EM_S390: "s390x",
}

// ProgramArch checks a program for the nodes as New does, and returns its architecture as Go names it.
func ProgramArch(path string) (string, error) {
	p, err := openProgram(path)
	return p.arch, err
}

// openProgram checks that the file is a static Linux program: it must run in an empty image.
func openProgram(path string) (program, error) {
	const remedy = "build it for Linux with CGO_ENABLED=0"
	f, err := plainfile.Open(path, maxProgram)
	if err != nil {
		return program{}, reason.Errorf("no-program", "the program for the nodes: %w", err)
	}
	defer f.Close()
	x, err := elf.NewFile(f)
	if err != nil {
		return program{}, reason.Errorf("not-a-linux-program", "%s is not a Linux program (%s): %w", path, remedy, err)
	}
	for _, p := range x.Progs {
		if p.Type == elf.PT_INTERP {
			return program{}, reason.Errorf("program-not-static", "%s is linked dynamically and would not run in an empty image: %s", path, remedy)
		}
	}
	h := sha256.New()
	size, err := io.Copy(h, f)
	if err != nil {
		return program{}, reason.Errorf("no-program", "the program for the nodes: %w", err)
	}
	arch := architectures[x.Machine]
	return program{path: path, arch: arch, size: size, sum: hex.EncodeToString(h.Sum(nil))[:12]}, nil
}
