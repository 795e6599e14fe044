package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/docker"
	"github.com/seed-ab8b6914/spof/sim/local"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// stating is a runtime that states the fidelity of the faults that it supports.
type stating interface {
	Fidelity() []trace.Fidelity
}

// stated gives the rows of a runtime about a kind.
func stated(rt stating, kind proxy.FaultKind) (rows []trace.Fidelity) {
	for _, f := range rt.Fidelity() {
		if f.What == string(kind) {
			rows = append(rows, f)
		}
	}
	return rows
}

// bundledWith gives the bundled scenarios with a fault of the kind.
func bundledWith(kind proxy.FaultKind) (found []*scenarios.Scenario) {
	GinkgoHelper()
	for _, name := range scenarios.Library() {
		s, err := scenarios.Open(name, analyze.Expectable())
		Expect(err).NotTo(HaveOccurred())
		for _, f := range s.Faults {
			if f.Kind == kind {
				found = append(found, s)
				break
			}
		}
	}
	return found
}

// compiles reports whether any of the scenarios has a plan on any bundled design.
func compiles(list []*scenarios.Scenario) bool {
	GinkgoHelper()
	for _, s := range list {
		for _, name := range topology.Designs() {
			t, err := topology.Load(name)
			Expect(err).NotTo(HaveOccurred())
			if _, err := plan.Compile(t, s, 1, 1); err == nil {
				return true
			}
		}
	}
	return false
}

// program writes the header of a static program. A runtime without an engine reads no more of it.
func program() string {
	GinkgoHelper()
	var b bytes.Buffer
	Expect(binary.Write(&b, binary.LittleEndian, elf.Header64{
		Ident: [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
		Type:  uint16(elf.ET_EXEC), Machine: uint16(elf.EM_X86_64), Version: uint32(elf.EV_CURRENT), Ehsize: 64,
	})).To(Succeed())
	path := filepath.Join(GinkgoT().TempDir(), "spof")
	Expect(os.WriteFile(path, b.Bytes(), 0o755)).To(Succeed())
	return path
}

var _ = Describe("every kind of fault", func() {
	It("is spelled once, in the file of its descriptor", func() {
		out, err := exec.Command("grep", "-rhoE", "--include=*.go", `FaultKind = "[a-z-]+"|^	Name: +"[a-z-]+"`, "../../scenarios/fault").Output()
		Expect(err).NotTo(HaveOccurred())
		var spelled, described []proxy.FaultKind
		for _, m := range regexp.MustCompile(`"([a-z-]+)"`).FindAllStringSubmatch(string(out), -1) {
			spelled = append(spelled, proxy.FaultKind(m[1]))
		}
		for _, k := range fault.Kinds() {
			described = append(described, k.Name)
		}
		Expect(described).To(ConsistOf(spelled), "a row in fault.Kinds")
	})

	for _, k := range fault.Kinds() {
		Describe(string(k.Name), func() {
			It("is described", func() {
				Expect(k.About).To(MatchRegexp(`^[a-z][^\n]+[^.\n]$`), "one line")
				Expect(k.Roles).NotTo(BeEmpty())
				for _, p := range k.Parameters {
					Expect([]string{p.Name, p.Values, p.About, p.Example}).NotTo(ContainElement(""), p.Name)
				}
				for name, f := range map[string]fault.Fidelity{"docker": k.Docker, "local": k.Local} {
					Expect(f.Level).To(BeElementOf(fault.Real, fault.Emulated, fault.Unsupported), name)
					Expect(f.How == "").To(Equal(f.Level == fault.Unsupported), "%s: how it is carried out", name)
				}
			})

			It("has an executor that executes and undoes it", func() {
				Expect([]string{k.Docker.Level, k.Local.Level}).To(ContainElement(Not(Equal(fault.Unsupported))), "on a runtime")
				Expect(fault.Executors()[k.Name].Complete()).To(BeTrue())
			})

			It("is used by a bundled scenario that compiles on a bundled design", func() {
				used := bundledWith(k.Name)
				Expect(used).NotTo(BeEmpty())
				Expect(compiles(used)).To(BeTrue())
			})

			It("is listed with its fidelity on each runtime", func() {
				own, err := docker.New(docker.Options{Builtin: true, Binary: program()})
				Expect(err).NotTo(HaveOccurred())
				builtin := k.Docker
				if k.RealEngines {
					builtin = fault.Fidelity{Level: fault.Unsupported}
				}
				for _, on := range []struct {
					runtime  stating
					fidelity fault.Fidelity
				}{{new(docker.Runtime), k.Docker}, {own, builtin}, {new(local.Runtime), k.Local}} {
					if on.fidelity.Level == fault.Unsupported {
						Expect(stated(on.runtime, k.Name)).To(BeEmpty())
					} else {
						Expect(stated(on.runtime, k.Name)).To(ConsistOf(trace.Fidelity{What: string(k.Name), Level: on.fidelity.Level, How: on.fidelity.How}))
					}
				}
				run := newRoot(io.Discard)
				var out bytes.Buffer
				run.SetOut(&out)
				run.SetArgs([]string{"list", "faults"})
				Expect(run.Execute()).To(Succeed())
				Expect(out.String()).To(MatchRegexp(`(?m)^  ` + string(k.Name) + ` +docker +` + k.Docker.Level))
			})

			It("is documented", func() {
				section := regexp.MustCompile("(?s)\n### " + string(k.Name) + "\n(.*?)(\n##|$)").FindString(pages()["docs/faults.md"])
				for _, part := range []string{"Does", "Proof", "A (peer|user) sees", "Undone"} {
					Expect(section).To(MatchRegexp(`(?m)^- \*\*` + part + `\.\*\* `))
				}
			})
		})
	}
})
