package hunt

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/clew-sec/clew/kql/value"
)

// AppendJSON writes a cell of a result: numbers as numbers, but those that JSON
// has no word for as text, datetime and timespan as the language writes them,
// dynamic as what it holds.
func AppendJSON(b []byte, v value.Value) []byte {
	if v.Null {
		return append(b, "null"...)
	}
	switch v.Type {
	case value.Bool:
		return strconv.AppendBool(b, v.Num != 0)
	case value.Int, value.Long:
		return strconv.AppendInt(b, v.Num, 10)
	case value.Real:
		return appendReal(b, v)
	case value.Decimal:
		if json.Valid([]byte(v.Text)) {
			return append(b, v.Text...)
		}
	case value.Dynamic:
		if json.Valid([]byte(v.Text)) {
			return append(b, v.Text...)
		}
	}
	return value.AppendQuoted(b, v.String())
}

func appendReal(b []byte, v value.Value) []byte {
	if math.IsNaN(v.Float) || math.IsInf(v.Float, 0) {
		return value.AppendQuoted(b, v.String())
	}
	return strconv.AppendFloat(b, v.Float, 'g', -1, 64)
}

// AppendRowJSON writes a row as an array.
func AppendRowJSON(b []byte, row []value.Value) []byte {
	b = append(b, '[')
	for i, v := range row {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendJSON(b, v)
	}
	return append(b, ']')
}
