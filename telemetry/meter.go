package telemetry

import "github.com/clew-sec/clew/kql/value"

// Meter counts what a result has given and says when a limit is passed. Stores
// use it so that the limits mean the same in each.
type Meter struct {
	Limits Limits
	rows   int
	bytes  int64
}

// cellBytes is what a cell counts besides its text.
const cellBytes = 8

// Take counts a row that is about to be given, and returns the error that takes
// its place when it is one too many.
func (m *Meter) Take(row []value.Value) error {
	if m.rows++; m.Limits.Rows > 0 && m.rows > m.Limits.Rows {
		return &LimitError{Limit: LimitRows, Value: int64(m.Limits.Rows)}
	}
	for i := range row {
		m.bytes += cellBytes + int64(len(row[i].Text))
	}
	if m.Limits.Bytes > 0 && m.bytes > m.Limits.Bytes {
		return &LimitError{Limit: LimitBytes, Value: m.Limits.Bytes}
	}
	return nil
}
