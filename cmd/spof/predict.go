package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/deployment/promise"
	"github.com/seed-ab8b6914/spof/reports/analyze"
)

func newPredict() *cobra.Command {
	var flags hintFlags
	var rate float64
	var format string
	cmd := &cobra.Command{
		Use:   "predict PATH [FAULT...] | predict OLD NEW",
		Short: "say in a second, without a lab, what your configuration files promise under each fault",
		Long: `Read the configuration files at PATH as they are (see spof import), and say for each fault and each way in which users come in: after
what time the mechanism has decided, after what time new connections succeed again without waiting, or that they never do. The
formula of each answer names the line that each timer comes from, the setting with the largest part of it, and what would shorten
it. Lines that are not modelled and may change the answer are named.

FAULT is KIND or KIND:TARGET,TARGET, such as crash:lb1/haproxy. Kinds: ` + strings.Join(promise.Kinds, ", ") + `. Without one: the
power loss of each node, the crash and the hang of each service, and link-down where a node has several interfaces.

With OLD and NEW, two sets of files: a line for each answer that is not the same. Exit code 1 if one became longer or never.`,
		Example: `  spof predict ./proxies
  spof predict ./proxies crash:lb1/haproxy power-loss:squid-a,squid-b
  spof predict ./old ./new`,
		Args: usageArgs(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			hints, err := flags.hints()
			if err != nil {
				return err
			}
			if !(rate > 0 && rate <= 1e6) {
				return refusef("flag-value", "--rate %g: want more than 0, at most 1000000", rate)
			}
			if err := checkFormat(format); err != nil {
				return err
			}
			p := predicting{hints, promise.Assumptions{Rate: rate}, format}
			if len(args) == 2 && isPath(args[1]) {
				return p.changes(cmd.OutOrStdout(), args[0], args[1])
			}
			return p.answers(cmd.OutOrStdout(), args[0], args[1:])
		},
	}
	flags.register(cmd.Flags())
	cmd.Flags().Float64Var(&rate, "rate", 20, "new connections or requests of all users, per second: passive checks count them")
	cmd.Flags().StringVar(&format, "format", "text", "standard output: text or json")
	return cmd
}

func isPath(arg string) bool {
	_, err := os.Stat(arg)
	return err == nil
}

// predicting is how predictions are made and printed.
type predicting struct {
	hints  deployment.Hints
	assume promise.Assumptions
	format string
}

// open reads the files at a path.
func (p predicting) open(path string) (*deployment.System, *deployment.Found, error) {
	found, err := deployment.Open([]string{path}, p.hints)
	if err != nil {
		return nil, nil, invalid(err)
	}
	sys, err := deployment.Load(&found.Deployment)
	return sys, found, invalid(err)
}

// predictions is the output with --format json.
type predictions struct {
	Schema     string           `json:"schema"`
	Deployment string           `json:"deployment"`
	Rate       float64          `json:"rate"`
	Answers    []promise.Answer `json:"answers"`
	Gaps       []deployment.Gap `json:"gaps"`
}

func (p predicting) answers(out io.Writer, path string, args []string) error {
	sys, found, err := p.open(path)
	if err != nil {
		return err
	}
	faults, err := promise.ParseFaults(sys, args)
	if err != nil {
		return invalid(err)
	}
	all := promise.Predict(sys, faults, p.assume)
	if p.format == "json" {
		return indented(out).Encode(predictions{"spof/predict/v1", sys.Name, p.assume.Rate, all, found.Gaps})
	}
	fmt.Fprintf(out, "deployment %s: %s; %g new connections/s (--rate)\n", sys.Name, counted(len(sys.Nodes), "node", "nodes"), p.assume.Rate)
	for _, g := range promise.Alike(all) {
		printAnswer(out, g)
	}
	if len(all) == 0 {
		fmt.Fprintln(out, "\nno users notice any of these faults, as far as the files say where users come in")
	}
	if len(found.Gaps) > 0 {
		fmt.Fprintf(out, "\n%s filled with a default: spof import %s lists them\n", counted(len(found.Gaps), "gap is", "gaps are"), path)
	}
	return nil
}

// printAnswer prints answers that say the same for several targets.
func printAnswer(out io.Writer, g promise.Group) {
	a := g.Answer
	fmt.Fprintf(out, "\n%s, users of %s\n", g.Name(), strings.TrimSuffix(a.Entry+" ("+a.Via+")", " ()"))
	served := "served again after " + a.Failover.String()
	if a.Failover.Never {
		served = "never served again while it lasts"
	}
	detected := "detected after " + a.Detect.String()
	if a.Detect.Never {
		detected = "never detected"
	}
	fmt.Fprintf(out, "  %s; %s", served, detected)
	if a.Back.Known {
		fmt.Fprintf(out, "; after the repair %s", a.Back)
	}
	fmt.Fprintln(out)
	if g.Example {
		fmt.Fprintf(out, "  for example %s:\n", g.Targets[0])
	}
	for _, line := range []string{a.Users, a.Why} {
		if line != "" {
			fmt.Fprintln(out, "  "+line)
		}
	}
	for _, t := range a.Terms {
		at := ""
		if t.At.Line > 0 {
			at = "  " + t.At.String()
		}
		fmt.Fprintf(out, "    %s  %s%s\n", promise.Span{Bounds: t.Bounds, Known: true}, t.Text, at)
	}
	for _, l := range a.Levers {
		fmt.Fprintln(out, "  shorter: "+l.String())
	}
	for _, u := range a.Doubts {
		fmt.Fprintf(out, "  not modelled, may change this: %s: %s (%s)\n", u.At, u.Text, u.Why)
	}
	for _, one := range a.Assumed {
		fmt.Fprintln(out, "  assumed: "+one)
	}
}

// changes prints a line for each answer that is not the same.
func (p predicting) changes(out io.Writer, old, now string) error {
	before, _, err := p.open(old)
	if err != nil {
		return err
	}
	after, _, err := p.open(now)
	if err != nil {
		return err
	}
	list := promise.Compare(before, after, p.assume)
	if p.format == "json" {
		err = indented(out).Encode(struct {
			Schema  string           `json:"schema"`
			Changes []promise.Change `json:"changes"`
		}{"spof/predict-changes/v1", list})
	} else {
		for _, c := range list {
			fmt.Fprintln(out, c)
		}
		if len(list) == 0 {
			fmt.Fprintln(out, "no answer changes")
		}
	}
	if err == nil && slices.ContainsFunc(list, func(c promise.Change) bool { return c.Worse }) {
		return verdictError{analyze.Fail}
	}
	return err
}
