package demo

import (
	"fmt"
	"io"
)

// WriteNDJSON writes every delivery as one Graph JSON alert per line, in order
// of arrival.
func (s *Scenario) WriteNDJSON(w io.Writer) error {
	var line []byte
	var err error
	n := 0
	for d := range s.Alerts() {
		n++
		if line, err = d.Alert.AppendJSON(line[:0]); err != nil {
			return fmt.Errorf("write delivery %d: %w", n, err)
		}
		if _, err = w.Write(append(line, '\n')); err != nil {
			return fmt.Errorf("write delivery %d: %w", n, err)
		}
	}
	return nil
}
