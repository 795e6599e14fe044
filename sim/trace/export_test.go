package trace

import "encoding/json"

// ReadRows reads a line of samples in the form that Writer gives it.
func ReadRows(b []byte) ([]Sample, bool) { return readRows(nil, b) }

// DecodeRows reads a line of samples by encoding/json.
func DecodeRows(b []byte) (all []Sample, err error) {
	var l line
	err = json.Unmarshal(b, &l)
	for _, one := range l.Samples {
		all = append(all, Sample(one))
	}
	return all, err
}
