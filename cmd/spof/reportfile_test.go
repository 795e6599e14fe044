package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/history"
)

// FuzzReadReport gives spof diff reports of strangers. A report is read, or refused with a code.
func FuzzReadReport(f *testing.F) {
	f.Add([]byte(`{"schema": "spof/report/v1", "cells": [{"topology": "a", "scenario": "b", "verdict": "pass", "trials": [{"trial": 0, "failover_ms": 1}]}]}`))
	f.Add([]byte(`{"schema": "spof/report/v1", "cells": [{"verdict": "fail", "trials": [{"ranges": {"failover": {"lo": 1, "hi": null}}}]}]}`))
	f.Add([]byte(`{"schema": "spof/report/v1", "cells": [{"verdict": "fail", "trials": [{"trial": 1, "failover_ms": -1}, {"trial": 1}]}]}`))
	f.Add([]byte(`{"schema": "spof/report/v2"}`))
	path := filepath.Join(f.TempDir(), "report.json")
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzcost.Bound(t)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		rep, err := readReport(path)
		if err != nil && len(reason.Codes(err)) == 0 {
			t.Fatalf("no code: %v", err)
		}
		if err != nil {
			return
		}
		if len(rep.Cells) == 0 {
			t.Fatal("a report without cells was read")
		}
		if run, err := history.Read("fuzzed", rep); err == nil {
			history.Of([]history.Run{run}, history.Options{Alpha: .05, Last: 1})
		} else if len(reason.Codes(err)) == 0 {
			t.Fatalf("no code: %v", err)
		}
	})
}
