package plainfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/seed-ab8b6914/spof/reason"
)

// Wrong is the error of a text that is not the expected JSON.
type Wrong struct {
	File      string // empty: the text is a line of a file
	Line, Col int    // of the value, from 1, in bytes; 0: not known
	What      string // the key, what it is, and what is right
	Ends      bool   // the text ends in the middle
}

func (w *Wrong) Error() string {
	switch {
	case w.File == "" && w.Col > 0:
		return fmt.Sprintf("column %d: %s", w.Col, w.What)
	case w.File == "":
		return w.What
	case w.Line == 0:
		return w.File + ": " + w.What
	}
	return fmt.Sprintf("%s:%d:%d: %s", w.File, w.Line, w.Col, w.What)
}

// JSON reads the JSON text of a file, or of a line of one, whose name is then empty. The error is a *Wrong, or has a code of its own.
func JSON(file string, data []byte, into any) error {
	err := json.Unmarshal(data, into)
	if err == nil || reason.Codes(err) != nil {
		return err
	}
	w := explain(data, err)
	w.File = file
	return w
}

// explain says what is wrong in the words of a user.
func explain(data []byte, err error) *Wrong {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var moment *time.ParseError
	switch {
	case errors.As(err, &syntax):
		return noJSON(data, int(syntax.Offset)-1)
	case errors.As(err, &kind):
		return otherKind(data, kind)
	case errors.As(err, &moment):
		return &Wrong{What: fmt.Sprintf("%.40q is no time; want one such as \"2026-11-30T12:00:00Z\"", moment.Value)}
	}
	return &Wrong{What: "a value has another form than spof writes"}
}

// noJSON is the error of a text with a byte that no JSON has there.
func noJSON(data []byte, at int) *Wrong {
	w := &Wrong{}
	w.Line, w.Col = position(data, max(at, 0))
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(new(json.RawMessage)); errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF {
		w.What, w.Ends = "the text ends in the middle", true
		return w
	}
	found, _ := utf8.DecodeRune(data[at:])
	w.What = fmt.Sprintf("%q is no JSON here", found)
	return w
}

// otherKind is the error of a value of another kind. A type with a reader of its own gives an offset in its own text: then the key
// there is another one, and the place is not known.
func otherKind(data []byte, err *json.UnmarshalTypeError) *Wrong {
	start, key := valueAt(data, int(err.Offset))
	w, found := &Wrong{}, err.Value
	if passes(key, err.Field) {
		w.Line, w.Col = position(data, start)
		found = excerpt(data[start:])
	} else {
		key = err.Field
	}
	if key == "" {
		key = "the text"
	}
	w.What = fmt.Sprintf("%s is %s; want %s", key, found, kindOf(err.Type))
	return w
}

// kindOf says which JSON a Go type is read from.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return kindOf(t.Elem())
	case reflect.String:
		return "a text in quotes"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list [...]"
	case reflect.Struct, reflect.Map:
		return "an object {...}"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return fmt.Sprintf("a whole number from 0 to %d", ^uint64(0)>>(64-t.Bits()))
	}
	return fmt.Sprintf("a whole number of %d bits", t.Bits())
}

// passes reports whether the keys of a path have those of another one, which lacks indices and the keys of maps, in their order.
func passes(path, field string) bool {
	keys := strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune(".[]0123456789", r) })
	for _, want := range strings.FieldsFunc(field, func(r rune) bool { return strings.ContainsRune(".0123456789", r) }) {
		for len(keys) > 0 && !strings.EqualFold(keys[0], want) {
			keys = keys[1:]
		}
		if len(keys) == 0 {
			return false
		}
		keys = keys[1:]
	}
	return true
}

// level is an object or a list that a walk is in.
type level struct {
	key  string // the latest one of an object
	list bool
	next int // values so far; a key and its value are two
}

// At is the error of a value at a path, such as cells[0].trials[2], that is JSON of the expected form and wrong all the same. The place
// of a path that the text does not have is not known.
func At(file string, data []byte, path, what string) *Wrong {
	w := &Wrong{File: file, What: path + " " + what}
	if start, ok := walk(data, func(_ int, in []level) bool { return pathOf(in) == path }); ok {
		w.Line, w.Col = position(data, start)
	}
	return w
}

// valueAt gives the start and the path of the value that the byte before an offset belongs to.
func valueAt(data []byte, offset int) (start int, path string) {
	start, _ = walk(data, func(end int, in []level) bool {
		if end >= offset {
			path = pathOf(in)
			return true
		}
		return false
	})
	return start, path
}

// walk gives the start of the first value that is found, by where its first token ends and what it is in. ok is false if none is; start
// is then where the walk ended.
func walk(data []byte, found func(end int, in []level) bool) (start int, ok bool) {
	d := json.NewDecoder(bytes.NewReader(data))
	var in []level
	for {
		begin := int(d.InputOffset())
		token, err := d.Token()
		if err != nil {
			return begin, false
		}
		delim, bracket := token.(json.Delim)
		if bracket && (delim == ']' || delim == '}') {
			in = in[:len(in)-1]
			continue
		}
		name := false
		if len(in) > 0 {
			top := &in[len(in)-1]
			if name = !top.list && top.next%2 == 0; name {
				top.key, _ = token.(string)
			}
			top.next++
		}
		if !name && found(int(d.InputOffset()), in) {
			return len(data) - len(bytes.TrimLeft(data[begin:], " \t\r\n:,")), true
		}
		if bracket {
			in = append(in, level{list: delim == '['})
		}
	}
}

// pathOf writes where a walk is: cells[0].trials[2].lost.
func pathOf(in []level) string {
	path := ""
	for _, l := range in {
		switch {
		case l.list:
			path += fmt.Sprintf("[%d]", l.next-1)
		case path == "":
			path = l.key
		default:
			path += "." + l.key
		}
	}
	return path
}

// excerpt is the beginning of a value, in one line.
func excerpt(data []byte) string {
	const most = 20
	text := string(data[:min(len(data), most)])
	switch text[0] {
	case '{':
		return "an object {...}"
	case '[':
		return "a list [...]"
	case '"':
		whole, _, _ := strings.Cut(text[1:], `"`)
		return `"` + whole + `"`
	}
	return text[:strings.IndexAny(text+",", ",]} \t\r\n")]
}

// position gives the line and the column of a byte.
func position(data []byte, at int) (line, col int) {
	before := data[:at]
	return 1 + bytes.Count(before, []byte{'\n'}), at - bytes.LastIndexByte(before, '\n')
}
