// Package shared has a lab that all of its tests share.
package shared

import (
	"net/http"
	"os"
	"testing"

	"github.com/seed-ab8b6914/spof/spoftest"
)

var lab *spoftest.Lab

func TestMain(m *testing.M) {
	os.Exit(spoftest.Main(m, func(t spoftest.T) { lab = spoftest.Start(t, "single") }))
}

func TestThePageComes(t *testing.T) {
	lab := lab.With(t)
	r, err := lab.Client().Get(lab.Page("https", 100, "a"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		t.Fatal(r.Status)
	}
}

func TestACrashIsSeenAtOnce(t *testing.T) {
	lab := lab.With(t)
	fault := lab.Break(spoftest.Crash("serving"))
	_, err := lab.Client().Get(lab.OriginURL())
	fault.Repair()
	lab.Steady()
	if err == nil {
		t.Fatal("answered without a proxy")
	}
}
