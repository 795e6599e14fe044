package configtext

// Finding is what a rule says of a configuration that its engine accepts.
type Finding struct {
	Code string // stable: lower-case words with hyphens
	At   Pos    // the word that a change would cure; of two files that differ, the later one
	What string // what stands there, and what follows from it
	Why  string // how the engine works, so that it follows
	Cure string // what to write instead; empty: it depends
}

// Unknown is a directive that the model of an engine does not understand, or understands in part.
type Unknown struct {
	Text      string // the directive and its arguments, without its block
	At        Pos
	MayChange bool   // it may change what a prediction says; false: it does not
	Why       string // what the model does not have, or why the directive is harmless
	Unlisted  bool   // the table of the engine does not have the directive: the engine is newer, or the word is wrong
}

// Line gives a statement without its block, with single blanks between its words.
func (s Statement) Line() string {
	line := s.Name()
	for _, w := range s.Args() {
		line += " " + w.Text
	}
	return line
}
