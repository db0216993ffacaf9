// Package rowtest holds rows to what the engines rely on, and writes them for
// golden files.
package rowtest

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
)

// Fits tells whether a value is one of its column's type.
func Fits(t value.Type, v value.Value) error {
	if v.Type != t || v.Null {
		return fmt.Errorf("%s value (null %v) in a %s column", v.Type, v.Null, t)
	}
	if !utf8.ValidString(v.Text) {
		return fmt.Errorf("%q is no UTF-8", v.Text)
	}
	switch t {
	case value.Int:
		if v.Num < math.MinInt32 || v.Num > math.MaxInt32 {
			return fmt.Errorf("%d is no int", v.Num)
		}
	case value.DateTime:
		if v.Num < 0 || v.Num > value.MaxDateTime {
			return fmt.Errorf("%d is no datetime", v.Num)
		}
	case value.Dynamic:
		if !json.Valid([]byte(v.Text)) {
			return fmt.Errorf("%q is no JSON", v.Text)
		}
	}
	return nil
}

// Check reports what is wrong with a row: a column that is filled twice, a value
// of another type, a row without its time.
func Check(t testing.TB, row telemetry.Row) {
	t.Helper()
	seen := map[int]bool{}
	for _, c := range row.Cells {
		column := row.Table.Columns[c.Column]
		if seen[c.Column] {
			t.Errorf("%s: %s is filled twice", row.Table.Name, column.Name)
		}
		seen[c.Column] = true
		if err := Fits(column.Type, c.Value); err != nil {
			t.Errorf("%s.%s: %v", row.Table.Name, column.Name, err)
		}
	}
	if at := row.Table.TimeColumn(); at >= 0 && !seen[at] {
		t.Errorf("%s: a row without its time", row.Table.Name)
	}
}

// Print writes a row, one line a column. What is the same in every row of a
// table is left out.
func Print(out io.Writer, title string, row telemetry.Row) {
	fmt.Fprintf(out, "%s -> %s\n", title, row.Table.Name)
	cells := slices.Clone(row.Cells)
	slices.SortFunc(cells, func(a, b telemetry.Cell) int { return a.Column - b.Column })
	for _, c := range cells {
		name := row.Table.Columns[c.Column].Name
		if slices.Contains([]string{"_BilledSize", "Type", "TenantId"}, name) {
			continue
		}
		fmt.Fprintf(out, "  %s: %s\n", name, text(c.Value))
	}
	fmt.Fprintln(out)
}

func text(v value.Value) string {
	switch v.Type {
	case value.DateTime:
		at := time.Unix((v.Num-value.UnixEpoch)/value.Second, 0).UTC().Add(time.Duration((v.Num-value.UnixEpoch)%value.Second) * 100)
		return at.Format("2006-01-02T15:04:05.0000000Z")
	case value.Int, value.Long:
		return fmt.Sprint(v.Num)
	case value.Real:
		return fmt.Sprint(v.Float)
	case value.Bool:
		return fmt.Sprint(v.Num == 1)
	case value.String:
		return fmt.Sprintf("%q", v.Text)
	}
	return v.Text
}
