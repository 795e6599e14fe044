// Package reports writes the analysis of a run for people and CI: report.json, report.md, junit.xml, report.sarif, report.html, and the
// table at the end of a run on the terminal. It draws and formats. It does not measure or judge, and imports only the analysis. All names
// from users' files are escaped.
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

// forms are the files of a report, in the order in which they are put in place. The page that people open is the last.
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

// Files returns the names of the files that Write makes.
func Files() (names []string) {
	for _, f := range forms {
		names = append(names, f.name)
	}
	return names
}

// Write writes report.json, report.md, junit.xml, report.sarif and report.html into dir. Each timeline gives the picture of one trial; a trial without a
// timeline has no picture. Write puts the files in place only after all of them are complete. So an error, such as a full disk, leaves no
// incomplete file and no mixture of two reports.
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
