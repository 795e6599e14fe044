package main

import (
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/planner"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports"
)

// planFlags are the flags of spof plan.
type planFlags struct {
	out, format, target string
	design              []string
	budget              float64
	search              time.Duration
}

func newPlan() *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:   "plan PLAN.yaml|NAME",
		Short: "tell what to make redundant, for how much, and what each design still carries",
		Long: `Compare designs by cost, availability and what is left of them without a component, and choose a design and its alternatives: the
best for a budget, or the cheapest for a target. PLAN is a file, or a bundled plan: designs, office. The failovers come from reports that
the plan names (measured: out/report.json), else from the timers. The same plan gives the same answer, unless the search for the best
combination ends before it is proven best (--search); the answer then says how much better another one may be.

With -o the answer is also written as a page, Markdown, CSV and JSON: plan.html, plan.md, plan.csv, plan.json.

Exit codes: 0 also if a target is out of reach for some designs; 4 bad input, a budget that buys nothing, a target that no
combination reaches.`,
		Example: `  spof plan office
  spof plan plan.yaml -o out --budget 20000
  spof plan plan.yaml --target 99.95%`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(f.format); err != nil {
				return err
			}
			if len(f.design) > 0 {
				return f.print(cmd.OutOrStdout(), args[0])
			}
			r, err := f.solve(cmd, args[0])
			if err != nil {
				return err
			}
			return f.write(cmd.OutOrStdout(), r)
		},
	}
	fl := cmd.Flags()
	fl.StringVarP(&f.out, "out", "o", "", "write the page, Markdown, CSV and JSON to this `DIR`")
	fl.StringVar(&f.format, "format", "text", "standard output: text or json")
	fl.Float64Var(&f.budget, "budget", 0, "money for a design and its alternatives, in place of the plan's")
	fl.DurationVar(&f.search, "search", 10*time.Second, "how long to look for the best combination")
	fl.StringVar(&f.target, "target", "", "availability or outage a year to reach, such as 99.95% or 4h, in place of the plan's")
	fl.StringSliceVar(&f.design, "design", nil, "only print the first design with these `ALTERNATIVES` and what they require, for spof run and spof capacity")
	return cmd
}

// print prints a design of a plan, so that it can be measured.
func (f planFlags) print(w io.Writer, arg string) error {
	p, err := planner.Open(arg, measurements{})
	if err != nil {
		return invalid(err)
	}
	t, err := p.Design(f.design)
	if err != nil {
		return invalid(err)
	}
	_, err = w.Write(t.YAML())
	return err
}

// solve reads and answers a plan.
func (f planFlags) solve(cmd *cobra.Command, arg string) (*planner.Result, error) {
	p, err := planner.Open(arg, measurements{})
	if err != nil {
		return nil, invalid(err)
	}
	if cmd.Flags().Changed("budget") {
		if err := p.SetBudget(f.budget); err != nil {
			return nil, invalid(err)
		}
	}
	if f.target != "" {
		if err := p.SetTarget(f.target); err != nil {
			return nil, invalid(err)
		}
	}
	if p.SearchTime = f.search; f.search <= 0 {
		return nil, invalid(reason.Errorf("flag-value", "--search %s: want a time above 0", f.search))
	}
	r, err := planner.Solve(cmd.Context(), p)
	if err != nil {
		return nil, invalid(err)
	}
	r.Version = versionText()
	return r, nil
}

// write prints an answer, and writes its files with -o.
func (f planFlags) write(w io.Writer, r *planner.Result) error {
	if f.out != "" {
		if err := writePlan(f.out, r); err != nil {
			return outputError(err)
		}
	}
	print := map[string]func(io.Writer, *planner.Result) error{"text": reports.PlanText, "json": reports.PlanJSON}[f.format]
	return print(w, r)
}

func writePlan(dir string, r *planner.Result) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return reports.WritePlan(root, r)
}
