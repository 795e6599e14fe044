package main

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/reason"
)

// hintFlags are the flags that say what no file says.
type hintFlags struct {
	nodes, runs, users []string
	browser            string
}

func (h *hintFlags) register(fl *pflag.FlagSet) {
	fl.StringArrayVar(&h.nodes, "node", nil, "address of a node: `NAME=ADDRESS`, or NAME=INTERFACE:ADDRESS,INTERFACE:ADDRESS; a new name makes a node")
	fl.StringArrayVar(&h.runs, "run", nil, "file that a node runs: `NODE=FILE`")
	fl.StringArrayVar(&h.users, "users", nil, "where users come in: `ADDRESS:PORT` or a PAC file (default: virtual addresses, PAC files, or nodes that no other one uses)")
	fl.StringVar(&h.browser, "browser", "", "browser of the users who follow a PAC file: chrome or firefox (default chrome)")
}

// hints reads the flags.
func (h *hintFlags) hints() (deployment.Hints, error) {
	hints, err := deployment.ParseHints(h.nodes, h.runs, h.users, h.browser)
	return hints, invalid(err)
}

func newImport() *cobra.Command {
	var flags hintFlags
	var output, format string
	cmd := &cobra.Command{
		Use:   "import PATH...",
		Short: "infer what you have from your configuration files: nodes, addresses, who runs which file",
		Long: `Read configuration files as they are: haproxy.cfg, keepalived.conf, squid.conf, nginx.conf, PAC files, a compose file, or directories
of them. The content of a file says what it is. Printed are the nodes with their files, the users' entries, and the line that each
inference is from. What no file says is marked with ?, with the default that is taken and the flag that says it. Files that are
named and not there, programs that scripts need, and lines that are not modelled and may change a prediction are listed.

With -o the deployment is written as a file that refers to the configuration files and repeats nothing of them.`,
		Example: `  spof import ./proxies
  spof import docker-compose.yml -o deployment.yaml
  spof import haproxy.cfg keepalived.conf squid.conf --node lb1=10.20.5.21 --node lb2=10.20.5.22`,
		Args: usageArgs(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			hints, err := flags.hints()
			if err != nil {
				return err
			}
			return importFiles(cmd.OutOrStdout(), args, hints, output, format)
		},
	}
	flags.register(cmd.Flags())
	cmd.Flags().StringVarP(&output, "output", "o", "", "write the deployment to this file")
	cmd.Flags().StringVar(&format, "format", "text", "standard output: text or json")
	return cmd
}

func importFiles(out io.Writer, paths []string, hints deployment.Hints, output, format string) error {
	if err := checkFormat(format); err != nil {
		return err
	}
	found, err := deployment.Find(paths, hints)
	if err != nil {
		return invalid(err)
	}
	sys, err := deployment.Load(&found.Deployment)
	if err != nil {
		return invalid(err)
	}
	inventory := sys.Inventory(found)
	if format == "json" {
		err = indented(out).Encode(inventory)
	} else {
		err = printInventory(out, inventory)
	}
	if err != nil || output == "" {
		return err
	}
	if err := writeIn(filepath.Dir(output), filepath.Base(output), found.YAML(filepath.Dir(output))); err != nil {
		return reason.Errorf("output-not-writable", "%s: %w", output, err)
	}
	return nil
}

// printInventory prints a deployment for people.
func printInventory(out io.Writer, v deployment.Inventory) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintf(w, "deployment %s: %s, %s\n\n", v.Name, counted(len(v.Nodes), "node", "nodes"), counted(len(v.Users), "entry", "entries"))
	fmt.Fprintln(w, "NODE\tADDRESS\tENGINE\tFILE\tFROM")
	for _, n := range v.Nodes {
		for i := range max(1, len(n.Interfaces), len(n.Runs)) {
			fmt.Fprintln(w, strings.Join(inventoryRow(n, i), "\t"))
		}
	}
	section(w, "users come in at", v.Users, func(e deployment.Entry) string {
		return fmt.Sprintf("%s\t%s", e, e.From)
	})
	section(w, "virtual addresses", v.Virtual, func(a deployment.VirtualAddress) string {
		return fmt.Sprintf("%s\t%s\t%s", a.Address, strings.Join(a.Members, ", "), a.From)
	})
	section(w, "used, with no file here", v.Outside, func(o deployment.Outside) string {
		return fmt.Sprintf("%s\t%s\t%s", o.Node, o.Address, o.From)
	})
	section(w, "not known (?), with the default that is taken and the flag that says it", v.Gaps, func(g deployment.Gap) string {
		return fmt.Sprintf("%s\t%s\t%s\t%s", g.What, g.Default, g.Flag, g.At.At)
	})
	section(w, "named, and not there", v.Missing, func(m deployment.Missing) string {
		return fmt.Sprintf("%s\t%s\t%s", m.Path, m.For, m.At)
	})
	section(w, "programs that scripts need; keepalived leaves out a script whose program is missing, without a word", v.Programs, func(p deployment.Program) string {
		return fmt.Sprintf("%s\tDebian package %s\t%s\t%s", p.Name, p.Package, strings.Join(p.Nodes, ", "), p.At)
	})
	section(w, "lines that are not modelled and may change a prediction", v.Unmodelled, func(u deployment.Unmodelled) string {
		return fmt.Sprintf("%s\t%s\t%s", u.At, u.Text, u.Why)
	})
	return w.Flush()
}

// section prints a list with a title; nothing if it is empty.
func section[T any](w io.Writer, title string, all []T, line func(T) string) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", title)
	for _, one := range all {
		fmt.Fprintln(w, "  "+line(one))
	}
}

// inventoryRow is line i of a node: an interface beside a run.
func inventoryRow(n deployment.Node, i int) []string {
	row := make([]string, 5)
	if i == 0 {
		row[0] = n.Name
	}
	var from []string
	if i < len(n.Interfaces) {
		one := n.Interfaces[i]
		row[1] = marked(strings.TrimSpace(one.Written()+" "+one.Name), one.From)
		from = append(from, one.From.String())
	}
	if i < len(n.Runs) {
		r := n.Runs[i]
		row[2], row[3] = r.Engine, marked(r.File, r.From)
		from = append(from, r.From.String())
	} else if i == 0 {
		row[2], row[3] = "-", "-"
	}
	row[4] = cmp.Or(strings.Join(from, "; "), n.From.String())
	return row
}

// marked marks what no file says.
func marked(text string, from deployment.Source) string {
	if from.Assumed {
		return text + " ?"
	}
	return text
}

// counted words a number of things.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
