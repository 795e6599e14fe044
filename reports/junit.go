package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// The format that CI servers read: one suite per topology, one case per cell. A failed cell is a failure. An inconclusive cell is an error,
// because it must not look like a pass.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"`
		Timestamp  string          `xml:"timestamp,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
		seconds    float64
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Class   string     `xml:"classname,attr"`
		Name    string     `xml:"name,attr"`
		Time    string     `xml:"time,attr"`
		Failure *junitFlaw `xml:"failure"`
		Error   *junitFlaw `xml:"error"`
		Skipped *junitSkip `xml:"skipped"`
		Out     string     `xml:"system-out,omitempty"`
	}
	junitSkip struct {
		Message string `xml:"message,attr"`
	}
	junitFlaw struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// writeJUnit writes junit.xml. The time of a case is the time of the load of all its trials, s.
func writeJUnit(w io.Writer, rep *analyze.Report, timelines []analyze.Timeline) error {
	all := junitSuites{Name: "spof"}
	var seconds float64
	byName := map[string]int{}
	suite := func(topology string) *junitSuite {
		i, ok := byName[topology]
		if !ok {
			i = len(all.Suites)
			byName[topology] = i
			all.Suites = append(all.Suites, newSuite(rep, topology))
		}
		return &all.Suites[i]
	}
	for _, c := range rep.Cells {
		s := loadSeconds(c, timelines)
		suite(c.Topology).add(c, s)
		seconds += s
	}
	for _, s := range rep.Skipped {
		suite(s.Topology).skip(s)
	}
	for _, s := range all.Suites {
		all.Tests, all.Failures, all.Errors = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors
	}
	all.Time = seconds3(seconds)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func newSuite(rep *analyze.Report, name string) junitSuite {
	return junitSuite{
		Name:      name,
		Timestamp: rep.Started.UTC().Format(time.RFC3339),
		Properties: []junitProperty{
			{"seed", fmt.Sprint(rep.Seed)}, {"version", rep.Version}, {"command", rep.Command},
		},
	}
}

func (s *junitSuite) add(c analyze.Cell, seconds float64) {
	jc := junitCase{Class: c.Topology, Name: c.Scenario, Time: seconds3(seconds), Out: strings.Join(append([]string{c.Sentence}, attempts(c)...), "\n")}
	for _, line := range details(c) {
		jc.Out += "\n" + line
	}
	flaw := &junitFlaw{Message: c.Sentence, Type: string(c.Verdict), Text: strings.Join(c.Reasons, "\n")}
	if len(c.Reasons) > 0 {
		flaw.Message = c.Reasons[0]
	}
	switch c.Verdict {
	case analyze.Pass:
	case analyze.Fail:
		jc.Failure = flaw
		s.Failures++
	default:
		jc.Error = flaw
		s.Errors++
	}
	s.Tests++
	s.seconds += seconds
	s.Time = seconds3(s.seconds)
	s.Cases = append(s.Cases, jc)
}

// skip adds a cell that is left out.
func (s *junitSuite) skip(c analyze.Skipped) {
	s.Tests++
	s.Skipped++
	s.Time = seconds3(s.seconds)
	s.Cases = append(s.Cases, junitCase{Class: c.Topology, Name: c.Scenario, Time: seconds3(0), Skipped: &junitSkip{c.Reason}})
}

func loadSeconds(c analyze.Cell, timelines []analyze.Timeline) (s float64) {
	for _, tl := range timelines {
		if tl.Topology == c.Topology && tl.Scenario == c.Scenario {
			s += tl.EndMS / 1000
		}
	}
	return s
}

func seconds3(s float64) string { return fmt.Sprintf("%.3f", s) }
