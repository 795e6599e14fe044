// Command gatefigures measures how often spof diff is wrong, by the trials of long runs. With one report it compares random halves of
// each cell's trials, so that every finding is a false alarm. With two reports it compares random trials of the first with random
// trials of the second, so that every comparison without a finding is a miss.
//
//	go run ./scripts/gatefigures -n 100 out/long
//	go run ./scripts/gatefigures -n 20 -trials 10 -measures failover,event out/long out/slower
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reports"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/compare"
)

func main() {
	n := flag.Int("n", 100, "comparisons")
	trials := flag.Int("trials", 0, "trials of each side; 0: half of the smallest cell's")
	seed := flag.Uint64("seed", 1, "seed of the random choice")
	alpha := flag.Float64("alpha", 0.05, "probability of a false alarm")
	measures := flag.String("measures", "", "measures to test; empty: those that spof diff tests")
	flag.Parse()
	f := figures{rng: rand.New(rand.NewPCG(*seed, 0)), trials: *trials, options: compare.Options{
		Alpha: *alpha, Power: 0.9, Effects: compare.DefaultEffects(), Accept: []string{"other-machine", "other-version"}}}
	if *measures != "" {
		f.options.Measures = strings.Split(*measures, ",")
	}
	if err := f.tell(flag.Args(), *n); err != nil {
		fmt.Fprintln(os.Stderr, "gatefigures:", err)
		os.Exit(1)
	}
}

type figures struct {
	rng     *rand.Rand
	trials  int
	options compare.Options
}

// tell compares n times and prints how often each outcome came, and each finding.
func (f figures) tell(dirs []string, n int) error {
	if len(dirs) != 1 && len(dirs) != 2 {
		return fmt.Errorf("want the directory of one run, or of two")
	}
	var long []*analyze.Report
	for _, dir := range dirs {
		r, err := read(dir)
		if err != nil {
			return err
		}
		long = append(long, r)
	}
	came := map[compare.Change]int{}
	for i := range n {
		base, new := f.draw(long)
		c, err := compare.Reports(compare.Named{Name: "base", Report: base}, compare.Named{Name: "new", Report: new}, f.options)
		if err != nil {
			return err
		}
		came[c.Change]++
		fmt.Printf("%3d %-7s %s\n", i+1, c.Change, strings.Join(findings(c), "; "))
	}
	fmt.Printf("%d comparisons: %d worse, %d better, %d same, %d unknown\n", n, came[compare.Worse], came[compare.Better], came[compare.Same], came[compare.Unknown])
	return nil
}

// read reads the report of a run.
func read(dir string) (*analyze.Report, error) {
	data, err := os.ReadFile(filepath.Join(dir, reports.FileJSON))
	if err != nil {
		return nil, err
	}
	r := new(analyze.Report)
	return r, json.Unmarshal(data, r)
}

// draw gives two reports with random trials: of one long run, which share no trial, or of two.
func (f figures) draw(long []*analyze.Report) (base, new *analyze.Report) {
	first, last := *long[0], *long[len(long)-1]
	first.Cells, last.Cells = slices.Clone(first.Cells), slices.Clone(last.Cells)
	for i := range first.Cells {
		c := &first.Cells[i]
		all := f.shuffled(c.Trials)
		k := f.trials
		if k == 0 {
			k = len(all) / 2
		}
		c.Trials = all[:k]
		if len(long) == 1 {
			last.Cells[i].Trials = all[k : 2*k]
		}
	}
	if len(long) == 2 {
		for i := range last.Cells {
			c := &last.Cells[i]
			c.Trials = f.shuffled(c.Trials)[:len(first.Cells[0].Trials)]
		}
	}
	return &first, &last
}

func (f figures) shuffled(trials []analyze.Trial) []analyze.Trial {
	trials = slices.Clone(trials)
	f.rng.Shuffle(len(trials), func(i, j int) { trials[i], trials[j] = trials[j], trials[i] })
	return trials
}

// findings are the measures that changed, or that could not be told.
func findings(c *compare.Comparison) (all []string) {
	for _, cell := range c.Cells {
		for _, m := range cell.Measured {
			if m.Change == compare.Same {
				continue
			}
			text := fmt.Sprintf("%s/%s %s %s", cell.Topology, cell.Scenario, m.Measure, m.Change)
			if m.Shift != nil {
				text += fmt.Sprintf(" by %.4g %s", *m.Shift, m.Unit)
			}
			all = append(all, text)
		}
	}
	return all
}
