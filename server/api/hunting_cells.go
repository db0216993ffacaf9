package api

import (
	"math"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clew-sec/clew/kql/value"
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

func appendCell(b []byte, v value.Value) []byte {
	if v.Null {
		return append(b, "null"...)
	}
	switch v.Type {
	case value.Bool:
		return strconv.AppendBool(b, v.Num != 0)
	case value.Int, value.Long:
		if v.Num > maxExact || v.Num < -maxExact {
			return append(strconv.AppendInt(append(b, '"'), v.Num, 10), '"')
		}
		return strconv.AppendInt(b, v.Num, 10)
	case value.Real:
		return appendReal(b, v.Float)
	case value.Dynamic:
		if v.Text == "" {
			return append(b, "null"...)
		}
		return append(b, v.Text...)
	}
	return value.AppendQuoted(b, v.String())
}

func appendReal(b []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, `"NaN"`...)
	case math.IsInf(f, 0):
		return append(strconv.AppendFloat(append(b, '"'), f, 'f', -1, 64), '"')
	}
	return strconv.AppendFloat(b, f, 'g', -1, 64)
}
