package main

import (
	"cmp"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/seed-ab8b6914/spof/reliability/faulttree"
	"github.com/seed-ab8b6914/spof/reliability/faulttree/faulttreetest"
	"github.com/seed-ab8b6914/spof/reliability/mef"
	"github.com/seed-ab8b6914/spof/reports"
)

// BenchmarkTreeBesideSCRAM runs spof tree and SCRAM on one file with 1,000 components: probability, all importances, minimal cut sets of up
// to four events, and a report with all of them. Both run one after the other in each round, so that a busy machine slows both down; the
// metrics are medians over the rounds of theirs divided by ours: of the whole run (times-faster), of its CPU time (cpu-times-faster), and of
// the calculation alone, without reading and writing (own-times-faster; SCRAM reports its own). Target: 2.
func BenchmarkTreeBesideSCRAM(b *testing.B) { besideSCRAM(b, 10, 4) }

// BenchmarkTreeCutSetsBesideSCRAM is the same with 300 components and all minimal cut sets, of up to six events.
func BenchmarkTreeCutSetsBesideSCRAM(b *testing.B) { besideSCRAM(b, 3, 6) }

func besideSCRAM(b *testing.B, zones, order int) {
	if _, err := exec.LookPath("scram"); err != nil {
		b.Skip("scram is not installed (Debian: apt-get install scram)")
	}
	ours := cmp.Or(os.Getenv("SPOF_BINARY"), "../../bin/spof")
	tree := faulttreetest.Zones(zones)
	data, err := mef.Write(tree)
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	model, out := filepath.Join(dir, "model.xml"), filepath.Join(dir, "report.xml")
	if err := os.WriteFile(model, data, 0o600); err != nil {
		b.Fatal(err)
	}
	var whole, cpu, own []float64
	for b.Loop() {
		wall, user := timed(b, ours, "tree", model, "--order", strconv.Itoa(order), "--limit", "0", "--format", "json")
		theirWall, theirUser := timed(b, "scram", "--bdd", "--probability", "1", "--importance", "1", "--limit-order", strconv.Itoa(order), "-o", out, model)
		whole, cpu = append(whole, theirWall/wall), append(cpu, theirUser/user)
		own = append(own, calculation(b, out)/calculate(b, tree, order))
	}
	b.ReportMetric(median(whole), "times-faster")
	b.ReportMetric(median(cpu), "cpu-times-faster")
	b.ReportMetric(median(own), "own-times-faster")
}

// timed runs a program, and gives the seconds that passed and those of the processors.
func timed(b *testing.B, name string, args ...string) (wall, cpu float64) {
	cmd := exec.Command(name, args...)
	began := time.Now()
	if out, err := cmd.Output(); err != nil {
		b.Fatalf("%s: %v\n%s", name, err, out)
	}
	wall = time.Since(began).Seconds()
	return wall, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
}

// calculation gives the seconds of the calculations in SCRAM's report.
func calculation(b *testing.B, report string) float64 {
	text, err := os.ReadFile(report)
	if err != nil {
		b.Fatal(err)
	}
	var r struct {
		Times struct {
			Products    float64 `xml:"products"`
			Probability float64 `xml:"probability"`
			Importance  float64 `xml:"importance"`
		} `xml:"information>performance>calculation-time"`
	}
	if err := xml.Unmarshal(text, &r); err != nil {
		b.Fatal(err)
	}
	return r.Times.Products + r.Times.Probability + r.Times.Importance
}

// calculate computes the same in this process, and gives the seconds.
func calculate(b *testing.B, t faulttree.Tree, order int) float64 {
	began := time.Now()
	if _, err := reports.TreeOf(t, order, 0); err != nil {
		b.Fatal(err)
	}
	return time.Since(began).Seconds()
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}
