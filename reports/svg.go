package reports

import (
	"html"
	"html/template"
	"strconv"
	"strings"
)

// svg builds a drawing element by element. It escapes attribute values and texts.
//
// Charts have no viewBox. A chart is as wide as the page, positions along x are shares of the width, and text keeps its size. Curves are
// in panels: nested drawings that stretch along x, with strokes that do not scale. So one drawing is readable on a desktop, on paper and on
// a phone.
type svg struct{ b strings.Builder }

// open begins an element; attributes come in pairs of name and value.
func (s *svg) open(name string, attrs ...string) {
	s.start(name, attrs)
	s.b.WriteByte('>')
}

func (s *svg) close(name string) { s.b.WriteString("</" + name + ">") }

// el writes an element without content.
func (s *svg) el(name string, attrs ...string) {
	s.start(name, attrs)
	s.b.WriteString("/>")
}

func (s *svg) start(name string, attrs []string) {
	s.b.WriteString("<" + name)
	for i := 0; i+1 < len(attrs); i += 2 {
		s.b.WriteString(" " + attrs[i] + `="` + html.EscapeString(attrs[i+1]) + `"`)
	}
}

// text writes a text at x (a share of the width, or px) and y (px). anchor is start, middle or end. A narrow drawing leaves out more.
func (s *svg) text(x string, y float64, anchor, class, text string, more ...string) {
	s.open("text", "x", x, "y", num(y), "text-anchor", anchor, "class", class)
	s.escape(text)
	for _, m := range more {
		s.open("tspan", "class", "wide")
		s.escape(m)
		s.close("tspan")
	}
	s.close("text")
}

// escape writes a text as an element's content.
func (s *svg) escape(text string) { s.b.WriteString(html.EscapeString(oneLine(text))) }

// shifted is text moved by dx px.
func (s *svg) shifted(x string, dx, y float64, anchor, class, text string) {
	s.open("g", "transform", "translate("+num(dx)+")")
	s.text(x, y, anchor, class, text)
	s.close("g")
}

// vline draws a vertical line at a share of the width.
func (s *svg) vline(x string, y1, y2 float64, class string) {
	s.el("line", "x1", x, "x2", x, "y1", num(y1), "y2", num(y2), "class", class)
}

// hline draws a horizontal line over the whole width.
func (s *svg) hline(y float64, class string) {
	s.el("line", "x1", "0", "x2", "100%", "y1", num(y), "y2", num(y), "class", class)
}

// bar draws a rectangle between two shares of the width.
func (s *svg) bar(x0, x1, y, height float64, class string) {
	s.el("rect", "x", pct(x0), "width", pct(max(x1-x0, 0)), "y", num(y), "height", num(height), "class", class)
}

// begin starts a chart of the given height in px; label is the text for screen readers.
func (s *svg) begin(height float64, class, label string) {
	label = oneLine(label)
	s.open("svg", "class", "chart "+class, "width", "100%", "height", num(height), "role", "img", "aria-label", label)
	s.open("title")
	s.escape(label)
	s.close("title")
}

// panelWidth is the width of a panel in its own units. It is fine enough for any screen, and keeps paths short.
const panelWidth = 2000

// panel draws paths in a strip over the whole width. Paths use x in 0..panelWidth and y in px from the top of the strip.
func (s *svg) panel(y, height float64, paths ...path) {
	s.open("svg", "x", "0", "y", num(y), "width", "100%", "height", num(height),
		"viewBox", "0 0 "+strconv.Itoa(panelWidth)+" "+num(height), "preserveAspectRatio", "none")
	for _, p := range paths {
		if len(p.d) > 0 {
			s.el("path", "class", p.class, "d", string(p.d))
		}
	}
	s.close("svg")
}

func (s *svg) done() template.HTML {
	s.close("svg")
	return template.HTML(s.b.String()) // start and escape have escaped every part
}

// path is one curve, or one cloud of points, in a panel.
type path struct {
	class string
	d     []byte
}

func (p *path) move(x, y int) { p.op('M', x, y) }
func (p *path) line(x, y int) { p.op('L', x, y) }
func (p *path) shut()         { p.d = append(p.d, 'Z') }

// dot is a line of length 0: its round or square caps are visible as a point.
func (p *path) dot(x, y int) {
	p.op('M', x, y)
	p.d = append(p.d, "h0"...)
}

func (p *path) op(c byte, x, y int) {
	p.d = append(p.d, c)
	p.d = strconv.AppendInt(p.d, int64(x), 10)
	p.d = append(p.d, ' ')
	p.d = strconv.AppendInt(p.d, int64(y), 10)
}

// num writes a length in px with at most two decimals.
func num(v float64) string {
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(v, 'f', 2, 64), "0"), ".")
}

// pct writes a share of the width (0 to 1) as a percentage.
func pct(share float64) string { return num(100*share) + "%" }
