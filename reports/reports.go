// Package reports turns the analysis of a run into what people and CI read: report.json, report.md, junit.xml,
// report.sarif and report.html, and the closing table on the terminal. It draws and formats; it does not measure or judge, and imports only the analysis. Whatever a user's file names is escaped in every form.
package reports

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/wholefile"
)

// The files that Write makes.
const (
	FileJSON     = "report.json"
	FileMarkdown = "report.md"
	FileJUnit    = "junit.xml"
	FileSARIF    = "report.sarif"
	FileHTML     = "report.html"
)

// renderer writes one form of a report.
type renderer func(w io.Writer, rep *analyze.Report, timelines []analyze.Timeline) error

// forms are the files of a report, in the order they are put in place: the page that people open comes last.
var forms = []struct {
	name   string
	render renderer
}{
	{FileJSON, writeJSON},
	{FileMarkdown, writeMarkdown},
	{FileJUnit, writeJUnit},
	{FileSARIF, writeSARIF},
	{FileHTML, writeHTML},
}

// Files gives the names of the files that Write makes.
func Files() (names []string) {
	for _, f := range forms {
		names = append(names, f.name)
	}
	return names
}

// Write renders rep into report.json, report.md, junit.xml, report.sarif and report.html in dir. The timelines are the pictures of the
// trials; a trial without one has no picture. All files are put in place only once all of them are whole, so that an error (a
// full disk, a directory that can't be written) leaves neither half a file nor a mixture of two reports' contents behind it.
func Write(dir *os.Root, rep *analyze.Report, timelines []analyze.Timeline) error {
	var staged []*wholefile.File
	defer func() {
		for _, f := range staged {
			f.Discard()
		}
	}()
	for _, form := range forms {
		var buf bytes.Buffer
		if err := form.render(&buf, rep, timelines); err != nil {
			return fmt.Errorf("report: render %s: %w", form.name, err)
		}
		f, err := wholefile.Create(dir, form.name)
		if err == nil {
			staged = append(staged, f)
			_, err = f.Write(buf.Bytes())
		}
		if err == nil {
			err = f.Sync()
		}
		if err != nil {
			return fmt.Errorf("report: write %s: %w", filepath.Join(dir.Name(), form.name), err)
		}
	}
	for i, form := range forms {
		if err := staged[i].Commit(); err != nil {
			return fmt.Errorf("report: put %s in place: %w", form.name, err)
		}
	}
	return nil
}
