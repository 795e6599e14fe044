package mef_test

import (
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/seed-ab8b6914/spof/reliability/faulttree"
	"github.com/seed-ab8b6914/spof/reliability/faulttree/faulttreetest"
	"github.com/seed-ab8b6914/spof/reliability/mef"
)

// BenchmarkImportancesBesideSCRAM has spof and SCRAM read a model of 1,000 components and compute its probability and all importances. The
// metric times-faster compares whole runs, own-times-faster the calculations alone, as SCRAM reports them. Target: 2.
func BenchmarkImportancesBesideSCRAM(b *testing.B) { beside(b, 10, 4) }

// BenchmarkCutSetsBesideSCRAM is the same with 300 components and all minimal cut sets, of up to six events.
func BenchmarkCutSetsBesideSCRAM(b *testing.B) { beside(b, 3, 6) }

// beside runs both on a model with some zones and lists the cut sets of up to order events.
func beside(b *testing.B, zones, order int) {
	if _, err := exec.LookPath("scram"); err != nil {
		b.Skip("scram is not installed (Debian: apt-get install scram)")
	}
	data, err := mef.Write(faulttreetest.Zones(zones))
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	model, out := filepath.Join(dir, "model.xml"), filepath.Join(dir, "report.xml")
	if err := os.WriteFile(model, data, 0o600); err != nil {
		b.Fatal(err)
	}
	var whole, own, theirs, theirOwn time.Duration
	for b.Loop() {
		began := time.Now()
		own += ours(b, data, order)
		whole += time.Since(began)
		began = time.Now()
		theirOwn += scrams(b, model, out, order)
		theirs += time.Since(began)
	}
	b.ReportMetric(float64(theirs)/float64(whole), "times-faster")
	b.ReportMetric(float64(theirOwn)/float64(own), "own-times-faster")
}

// ours reads and analyses a model, and gives the time of the analysis.
func ours(b *testing.B, data []byte, order int) time.Duration {
	t, err := mef.Read("model.xml", data)
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	a, err := faulttree.Analyse(t)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := a.Importances(); err != nil {
		b.Fatal(err)
	}
	sets, err := a.CutSets(order, 1e6)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(len(sets)), "sets")
	return time.Since(began)
}

// scrams runs SCRAM, and gives the time of its calculations.
func scrams(b *testing.B, model, out string, order int) time.Duration {
	said, err := exec.Command("scram", "--bdd", "--probability", "1", "--importance", "1", "--limit-order", string(rune('0'+order)), "-o", out, model).CombinedOutput()
	if err != nil {
		b.Fatalf("%v\n%s", err, said)
	}
	text, err := os.ReadFile(out)
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
	return time.Duration((r.Times.Products + r.Times.Probability + r.Times.Importance) * float64(time.Second))
}
