package main

import (
	"io"

	"github.com/seed-ab8b6914/spof/reason"
)

// stdoutCode is the code of an error of standard output.
const stdoutCode = "stdout-not-writable"

// stdout is standard output. It adds the code to its errors and keeps the latest one, as cobra prints its help without looking at errors.
type stdout struct {
	io.Writer
	err error
}

func (s *stdout) Write(p []byte) (int, error) {
	n, err := s.Writer.Write(p)
	if err != nil {
		err = reason.Errorf(stdoutCode, "standard output: %w", err)
		s.err = err
	}
	return n, err
}
