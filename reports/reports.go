// Package reports turns the analysis of a run into what people and CI read: report.json, report.md, junit.xml and
// report.html, and the closing table on the terminal. It draws and words; it measures and judges nothing, starts
// nothing, and imports only the analysis. Whatever a user's file names is escaped in every form.
package reports

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// The files that Write makes.
const (
	FileJSON     = "report.json"
	FileMarkdown = "report.md"
	FileJUnit    = "junit.xml"
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
	{FileHTML, writeHTML},
}

// Write renders rep into report.json, report.md, junit.xml and report.html in dir, which it creates if it is missing.
// The timelines are the pictures of the trials; a trial without one has no picture. All files are written beside their
// final names and renamed only once all of them are whole, so that an error (a full disk, a directory that can't be
// written) leaves neither half a file nor a mixture of two reports' contents behind it.
func Write(dir string, rep *analyze.Report, timelines []analyze.Timeline) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("report: create the directory: %w", err)
	}
	var staged []string
	defer func() {
		for _, tmp := range staged {
			os.Remove(tmp) // gone already if it was renamed
		}
	}()
	for _, f := range forms {
		var buf bytes.Buffer
		if err := f.render(&buf, rep, timelines); err != nil {
			return fmt.Errorf("report: render %s: %w", f.name, err)
		}
		tmp := filepath.Join(dir, fmt.Sprintf(".%s.%d.tmp", f.name, os.Getpid()))
		staged = append(staged, tmp)
		if err := writeWhole(tmp, buf.Bytes()); err != nil {
			return fmt.Errorf("report: write %s: %w", filepath.Join(dir, f.name), err)
		}
	}
	for i, f := range forms {
		if err := os.Rename(staged[i], filepath.Join(dir, f.name)); err != nil {
			return fmt.Errorf("report: put %s in place: %w", f.name, err)
		}
	}
	return nil
}

// writeWhole writes a file and makes sure that it reached the disk: some file systems report a full disk only then.
func writeWhole(path string, data []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
