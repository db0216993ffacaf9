package sqlstore

import (
	"context"
	"strings"
)

// insertion writes many rows of one table with few statements. The numbers of
// rows per statement are fixed, so that few statements are ever prepared.
type insertion struct {
	statements [len(chunks)]string
	tail       string
	columns    int
}

var chunks = [...]int{64, 8, 1}

// newInsertion takes "table (a, b)" and what follows the values.
func newInsertion(into, tail string) *insertion {
	n := strings.Count(into, ",") + 1
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", n), ",") + ")"
	out := &insertion{columns: n, tail: tail}
	for i, c := range chunks {
		out.statements[i] = "INSERT INTO " + into + " VALUES " + strings.TrimSuffix(strings.Repeat(row+",", c), ",") + " " + tail
	}
	return out
}

// run writes n rows; row appends the values of one.
func (in *insertion) run(ctx context.Context, tx Tx, n int, row func(i int, args []any) []any) error {
	return in.cut(n, row, func(statement string, args []any) error {
		_, err := tx.Exec(ctx, statement, args...)
		return err
	})
}

// returning writes n rows and scans what the statements return.
func (in *insertion) returning(ctx context.Context, tx Tx, n int, row func(i int, args []any) []any, scan func(Rows) error) error {
	return in.cut(n, row, func(statement string, args []any) error { return each(ctx, tx, scan, statement, args...) })
}

// cut makes statements of n rows.
func (in *insertion) cut(n int, row func(i int, args []any) []any, do func(statement string, args []any) error) error {
	args := make([]any, 0, in.columns*min(n, chunks[0]))
	for done := 0; done < n; {
		c := 0
		for chunks[c] > n-done {
			c++
		}
		args = args[:0]
		for i := range chunks[c] {
			args = row(done+i, args)
		}
		if err := do(in.statements[c], args); err != nil {
			return err
		}
		done += chunks[c]
	}
	return nil
}

// maxIn is how many values one IN list gets.
const maxIn = 512

// inLists calls f for all values in lists of a few fixed lengths; the last value
// is repeated to fill a list.
func inLists[T any](values []T, f func(marks string, args []any) error) error {
	for len(values) > 0 {
		n := min(len(values), maxIn)
		size := 1
		for size < n {
			size *= 8
		}
		size = min(size, maxIn)
		args := make([]any, 0, size+4)
		for i := range size {
			args = append(args, values[min(i, n-1)])
		}
		if err := f(marks(size), args); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}

func marks(n int) string { return "(" + strings.TrimSuffix(strings.Repeat("?,", n), ",") + ")" }
