package promise

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/reason"
)

// Group is an answer that holds for several targets.
type Group struct {
	Answer  Answer // of the first
	Targets []string
	Example bool // the reason, and what shortens the outage, are those of the first target
}

// mostNames is the number of targets that a group names.
const mostNames = 20

// Name words the faults of the group: power-loss of squid-a, squid-b or squid-c. Of more than mostNames targets it names the first and
// counts the others.
func (g Group) Name() string {
	if len(g.Targets) == 1 {
		return g.Answer.Fault.String()
	}
	last := len(g.Targets) - 1
	if last >= mostNames {
		return fmt.Sprintf("%s of any of %d: %s and %d more", g.Answer.Fault.Kind, len(g.Targets), strings.Join(g.Targets[:mostNames], ", "), len(g.Targets)-mostNames)
	}
	return g.Answer.Fault.Kind + " of " + strings.Join(g.Targets[:last], ", ") + " or " + g.Targets[last]
}

// mostGroups is the number of groups above which answers are joined whose reasons differ in names and places only.
const mostGroups = 200

// Alike joins answers that say the same about targets of one kind. If there are too many to read, their reasons may differ in names and
// places: each then holds for an example.
func Alike(all []Answer) []Group {
	groups := joinedBy(all, Answer.likeness)
	if len(groups) <= mostGroups {
		return groups
	}
	groups = joinedBy(all, Answer.family)
	for i, g := range groups {
		groups[i].Example = len(g.Targets) > 1 && g.Answer.Why != ""
	}
	return groups
}

func joinedBy(all []Answer, key func(Answer) string) (groups []Group) {
	at := map[string]int{}
	for _, a := range all {
		target, key := strings.TrimPrefix(a.Fault.String(), a.Fault.Kind+" of "), key(a)
		if i, known := at[key]; known {
			groups[i].Targets = append(groups[i].Targets, target)
			continue
		}
		at[key] = len(groups)
		groups = append(groups, Group{Answer: a, Targets: []string{target}})
	}
	return groups
}

// particular matches what reasons and words about users say of one target: its name, or a place in a file.
var particular = regexp.MustCompile(`\b(server|check of|with) \S+|\(\S+:[0-9]+:[0-9]+\)`)

// family is the likeness without the names and places of targets.
func (a Answer) family() string {
	a.Why, a.Users = particular.ReplaceAllString(a.Why, ""), particular.ReplaceAllString(a.Users, "")
	return a.likeness()
}

// likeness is what is the same in answers that differ in their targets only.
func (a Answer) likeness() string {
	return fmt.Sprint(a.Fault.Kind, "|", a.Entry, "|", a.Via, "|", a.Failover, "|", a.Detect, "|", a.Back, "|", a.Users, "|", text(a.Terms), "|", len(a.Terms) > 0 || a.Why == "", "|", a.cause())
}

// cause is the reason of an outage without an end, which differs by target.
func (a Answer) cause() string {
	if a.Failover.Never {
		return a.Why
	}
	return ""
}

// ParseFaults reads faults, each as KIND or KIND:TARGET,TARGET. Without one it gives all that the deployment can have.
func ParseFaults(s *deployment.System, args []string) (all []Fault, err error) {
	if len(args) == 0 {
		return Faults(s), nil
	}
	for _, arg := range args {
		kind, list, targeted := strings.Cut(arg, ":")
		if !slices.Contains(Kinds, kind) {
			return nil, reason.Errorf("unknown-fault", "%q: no path, and %q is no kind of fault; valid are %s", arg, kind, strings.Join(Kinds, ", "))
		}
		if !targeted {
			all = append(all, slices.DeleteFunc(Faults(s), func(f Fault) bool { return f.Kind != kind })...)
			continue
		}
		f := Fault{Kind: kind}
		for _, one := range strings.Split(list, ",") {
			t, err := parseTarget(s, arg, one)
			if err != nil {
				return nil, err
			}
			f.Targets = append(f.Targets, t)
		}
		all = append(all, f)
	}
	return all, nil
}

func parseTarget(s *deployment.System, arg, text string) (t Target, err error) {
	t.Node, t.Of, _ = strings.Cut(text, "/")
	h, ok := s.Find(t.Node)
	if !ok {
		return t, reason.Errorf("unknown-target", "%q: no node %q; valid are %s", arg, t.Node, strings.Join(names(s), ", "))
	}
	t.Node = h.Name
	_, runs := h.Run(t.Of)
	on := slices.ContainsFunc(h.Interfaces, func(i deployment.Interface) bool { return i.Name == t.Of })
	if t.Of != "" && !runs && !on {
		return t, reason.Errorf("unknown-target", "%q: %s has no service and no interface %q", arg, h.Name, t.Of)
	}
	return t, nil
}

func names(s *deployment.System) (all []string) {
	for _, h := range s.Hosts {
		all = append(all, h.Name)
	}
	return all
}

// Change is an answer that is not the same in two deployments.
type Change struct {
	Fault  Fault  `json:"fault"`
	Entry  string `json:"entry"`
	Via    string `json:"via,omitempty"`
	Before Span   `json:"before_s"`
	After  Span   `json:"after_s"`
	Worse  bool   `json:"worse"` // longer, or never
	// Causes are the lines of the files that differ and that the answers come from.
	Causes []string `json:"causes"`
	Note   string   `json:"note,omitempty"` // only one of the deployments has the fault or the entry
}

// String words the change: crash of lb1/haproxy: 4.65-7.7 s -> never (keepalived/lb1.conf:6 weight -20 -> -10).
func (c Change) String() string {
	who := c.Fault.String()
	if c.Via != "" {
		who += " (" + c.Via + ")"
	}
	line := fmt.Sprintf("%s, users of %s: %s -> %s", who, c.Entry, c.Before, c.After)
	if c.Note != "" {
		line = fmt.Sprintf("%s, users of %s: %s", who, c.Entry, c.Note)
	}
	if len(c.Causes) > 0 {
		line += " (" + strings.Join(c.Causes, "; ") + ")"
	}
	return line
}

// Compare gives the answers that are not the same in two deployments.
func Compare(before, after *deployment.System, assume Assumptions) (changes []Change) {
	old, now := quick(before, assume), quick(after, assume)
	lines, same := differences(before, after), len(before.Users) == len(after.Users)
	for _, a := range now {
		at := slices.IndexFunc(old, func(o Answer) bool { return o.of(a, same) })
		c := Change{Fault: a.Fault, Entry: a.Entry, Via: a.Via, After: a.Failover}
		switch {
		case at < 0:
			c.Note = "new: " + a.Failover.String()
		case old[at].Failover == a.Failover:
			continue
		default:
			c.Before = old[at].Failover
			c.Worse = longer(c.Before, c.After) == c.After
			c.Causes = causes(lines, old[at], a)
		}
		changes = append(changes, c)
	}
	for _, o := range old {
		if !slices.ContainsFunc(now, func(a Answer) bool { return o.of(a, same) }) {
			changes = append(changes, Change{Fault: o.Fault, Entry: o.Entry, Via: o.Via, Before: o.Failover, Note: "is gone: was " + o.Failover.String()})
		}
	}
	return changes
}

// of tells whether two answers are about the same: where both deployments have as many entries, these are compared in their order.
func (a Answer) of(b Answer, inOrder bool) bool {
	if inOrder {
		return a.entry == b.entry && a.Fault.String() == b.Fault.String() && a.Via == b.Via
	}
	return a.Key() == b.Key()
}

// quick gives all answers without levers.
func quick(s *deployment.System, assume Assumptions) (all []Answer) {
	p := newPredictor(s, assume)
	for _, f := range Faults(s) {
		all = append(all, p.answers(f)...)
	}
	return all
}

// difference is a line that is not the same.
type difference struct {
	before, after string // places, FILE:LINE
	text          string
}

// differences are the lines that differ between files of the same node and engine.
func differences(before, after *deployment.System) (all []difference) {
	for _, h := range after.Hosts {
		old, ok := before.Find(h.Name)
		if !ok {
			continue
		}
		for _, r := range h.Runs {
			if was, ok := old.Run(r.Engine); ok {
				all = append(all, changed(was.File, r.File, before.Text(was.File), after.Text(r.File))...)
			}
		}
	}
	return all
}

// causes are the differences in lines that one of two answers is from.
func causes(all []difference, old, now Answer) (words []string) {
	for _, d := range all {
		if (old.from(d.before) || now.from(d.after)) && !slices.Contains(words, d.text) {
			words = append(words, d.text)
		}
	}
	return words
}

// from tells whether an answer names a line.
func (a Answer) from(place string) bool {
	for _, t := range a.Terms {
		if fmt.Sprintf("%s:%d", t.At.File, t.At.Line) == place {
			return true
		}
	}
	return strings.Contains(a.Why, place+":")
}

// changed gives the lines that differ, where both files have as many.
func changed(old, now string, before, after []byte) (all []difference) {
	a, b := bytes.Split(before, []byte("\n")), bytes.Split(after, []byte("\n"))
	if len(a) != len(b) {
		return nil
	}
	for i := range b {
		was, is := strings.TrimSpace(string(a[i])), strings.TrimSpace(string(b[i]))
		if was != is && !strings.HasPrefix(is, "#") {
			place := fmt.Sprintf("%s:%d", now, i+1)
			all = append(all, difference{fmt.Sprintf("%s:%d", old, i+1), place, place + " " + wordsOf(was, is)})
		}
	}
	return all
}

// wordsOf words the difference of two lines: weight -20 -> -10.
func wordsOf(was, is string) string {
	a, b := strings.Fields(was), strings.Fields(is)
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	tail := 0
	for tail < min(len(a), len(b))-same && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	head := strings.Join(b[max(0, same-1):same], " ")
	return strings.TrimSpace(fmt.Sprintf("%s %s -> %s", head, cmp.Or(strings.Join(a[same:len(a)-tail], " "), "none"), cmp.Or(strings.Join(b[same:len(b)-tail], " "), "none")))
}
