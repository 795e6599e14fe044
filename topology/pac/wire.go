package pac

import "time"

// request asks the process to load a script, or for the hops of a URL. It is one line of JSON.
type request struct {
	Load *loading `json:"load,omitempty"`
	URL  string   `json:"url,omitempty"`
	Host string   `json:"host,omitempty"`
}

type loading struct {
	File   string      `json:"file"`
	Source string      `json:"source"`
	Env    Environment `json:"env"`
}

// answer follows each request. It is one line of JSON, of at most maxAnswer bytes.
type answer struct {
	Hops  []Hop         `json:"hops,omitempty"`
	Fault *fault        `json:"fault,omitempty"`
	Used  time.Duration `json:"used"` // processor time of the process so far
}

const maxAnswer = 64 << 10

// fault is an Error in an answer.
type fault struct {
	Line   int    `json:"line"`
	Col    int    `json:"col"`
	Reason string `json:"reason"`
	Kind   string `json:"kind"` // a key of kinds
}

// kinds lists the errors that an Error may wrap.
var kinds = map[string]error{"deadline": ErrDeadline, "died": ErrDied, "result": ErrResult}

func faultOf(e *Error) *fault {
	f := &fault{Line: e.Line, Col: e.Col, Reason: e.Reason}
	for name, err := range kinds {
		if e.Err == err {
			f.Kind = name
		}
	}
	return f
}

func (f *fault) error(file string) *Error {
	return &Error{File: file, Line: f.Line, Col: f.Col, Reason: f.Reason, Err: kinds[f.Kind]}
}
