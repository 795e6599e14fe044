package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newMan() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "write the man pages of all commands",
		Long: `Write a man page for each command into a directory, as spof.1, spof-run.1 and so on. Earlier pages there are replaced.
To read one without installing it: man -l DIR/spof-run.1`,
		Example: `  spof man ~/.local/share/man/man1`,
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, c := range documented(cmd.Root()) {
				name := strings.ReplaceAll(c.CommandPath(), " ", "-") + ".1"
				if err := writeIn(args[0], name, manPage(c)); err != nil {
					return outputError(fmt.Errorf("%s: %w", filepath.Join(args[0], name), err))
				}
			}
			return nil
		},
	}
}

// documented gives a command and those below it, except hidden ones.
func documented(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			all = append(all, documented(c)...)
		}
	}
	return all
}

// manPage gives the page of a command, in the macros of man(7).
func manPage(cmd *cobra.Command) []byte {
	var b bytes.Buffer
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
	fmt.Fprintf(&b, ".TH %s 1 \"\" %s \"User Commands\"\n", roffWord(strings.ToUpper(name)), roffWord("spof "+version))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(name), roff(cmd.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n", roff(cmd.UseLine()))
	text := cmd.Long
	if text == "" {
		text = cmd.Short + "."
	}
	b.WriteString(".SH DESCRIPTION\n" + verbatim(text))
	if cmd.HasAvailableLocalFlags() {
		b.WriteString(".SH OPTIONS\n")
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { b.WriteString(manOption(f)) })
	}
	if cmd.Example != "" {
		b.WriteString(".SH EXAMPLES\n" + verbatim(cmd.Example))
	}
	if also := related(cmd); len(also) > 0 {
		b.WriteString(".SH SEE ALSO\n" + strings.Join(also, "\n") + "\n")
	}
	return b.Bytes()
}

// manOption gives the paragraph of a flag.
func manOption(f *pflag.Flag) string {
	if f.Hidden {
		return ""
	}
	value, usage := pflag.UnquoteUsage(f)
	flag := "--" + f.Name
	if f.Shorthand != "" {
		flag = "-" + f.Shorthand + ", " + flag
	}
	if value != "" {
		flag += " " + value
	}
	return ".TP\n.B " + roff(flag) + "\n" + roff(usage) + "\n"
}

// related gives the pages of the command above and of those below.
func related(cmd *cobra.Command) (pages []string) {
	page := func(c *cobra.Command) {
		pages = append(pages, ".BR "+roff(strings.ReplaceAll(c.CommandPath(), " ", "-"))+" (1)")
	}
	if cmd.HasParent() {
		page(cmd.Parent())
	}
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			page(c)
		}
	}
	return pages
}

// verbatim keeps the lines of a text.
func verbatim(text string) string {
	var b strings.Builder
	b.WriteString(".nf\n")
	for line := range strings.Lines(text) {
		b.WriteString(roff(strings.TrimRight(line, "\n")) + "\n")
	}
	return b.String() + ".fi\n"
}

var roffEscaper = strings.NewReplacer(`\`, `\e`, "-", `\-`)

// roff makes a line plain: no escapes, and no request at its beginning.
func roff(line string) string {
	line = roffEscaper.Replace(line)
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		line = `\&` + line
	}
	return line
}

// roffWord quotes an argument of a macro.
func roffWord(s string) string { return `"` + strings.ReplaceAll(roff(s), `"`, `\(dq`) + `"` }
