package api

import (
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry/hunt"
)

// Cells are the rows of a result as JSON. They are written at once, since there
// may be millions of them.
type Cells []byte

// MarshalJSON implements json.Marshaler.
func (c Cells) MarshalJSON() ([]byte, error) { return c, nil }

// Schema implements huma.SchemaProvider.
func (Cells) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeArray, Description: "One array of cells a row.", Items: &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{}}}
}

// cells writes rows: [[cell, …], …].
func cells(rows [][]value.Value) Cells {
	b := make([]byte, 0, 64*len(rows)+2)
	b = append(b, '[')
	for i, row := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		for j, v := range row {
			if j > 0 {
				b = append(b, ',')
			}
			b = appendCell(b, v)
		}
		b = append(b, ']')
	}
	return append(b, ']')
}

// maxExact is the largest whole number that every JSON reader keeps.
const maxExact = 1 << 53

// appendCell writes a cell as hunt.AppendJSON does, but what a reader of JSON
// would lose or refuse becomes text: whole numbers beyond maxExact, decimals, and
// dynamic values of an event that names a member twice.
func appendCell(b []byte, v value.Value) []byte {
	switch {
	case v.Null:
	case v.Type.Integral() && (v.Num > maxExact || v.Num < -maxExact):
		return append(strconv.AppendInt(append(b, '"'), v.Num, 10), '"')
	case v.Type == value.Decimal, v.Type == value.Dynamic && !jsontext.Value(v.Text).IsValid():
		return value.AppendQuoted(b, v.Text)
	}
	return hunt.AppendJSON(b, v)
}
