package value

import (
	"cmp"
	"encoding/binary"
	"math"
	"strings"
)

// Compare orders two values that are not null and of one type; numbers of
// different types are compared as numbers. ok is false where there is no order:
// with NaN, and between types. Text goes by code point.
func Compare(a, b Value) (order int, ok bool) {
	switch {
	case a.Type == Real && b.Type == Real:
		return compareReal(a.Float, b.Float)
	case a.Type == Dynamic || b.Type == Dynamic:
		return compareDynamic(a, b)
	case a.Type.Numeric() && b.Type.Numeric() && (a.Type > Long || b.Type > Long):
		return compareNumbers(a, b)
	case a.isText() && b.isText():
		return strings.Compare(a.Text, b.Text), true
	case a.Type != b.Type && !(a.Type.Numeric() && b.Type.Numeric()):
		return 0, false
	}
	return cmp.Compare(a.Num, b.Num), true
}

func (v Value) isText() bool { return v.Type == String || v.Type == Guid }

func compareReal(a, b float64) (int, bool) {
	switch {
	case a < b:
		return -1, true
	case a > b:
		return 1, true
	}
	return 0, a == b
}

func compareNumbers(a, b Value) (int, bool) {
	if a.Type == Decimal || b.Type == Decimal {
		x, okx := a.decimal()
		y, oky := b.decimal()
		if okx && oky {
			return x.cmp(y), true
		}
	}
	return compareReal(toReal(a).Float, toReal(b).Float)
}

// compareDynamic compares scalars of one kind, and everything else by whether
// the JSON is the same.
func compareDynamic(a, b Value) (int, bool) {
	x, y := a.Scalar(), b.Scalar()
	if x.Null || y.Null {
		return 0, x.Null && y.Null
	}
	if x.Type != Dynamic && y.Type != Dynamic {
		if x.Type.Numeric() != y.Type.Numeric() || x.isText() != y.isText() || (x.Type == Bool) != (y.Type == Bool) {
			return 0, false
		}
		return Compare(x, y)
	}
	if x.Type != y.Type {
		return 0, false
	}
	return strings.Compare(x.JSON().Sorted().String(), y.JSON().Sorted().String()), true
}

// Equal tells whether two values are the same: null equals null, NaN nothing.
func Equal(a, b Value) bool {
	if a.Null || b.Null {
		return a.Null && b.Null
	}
	order, ok := Compare(a, b)
	return ok && order == 0
}

// AppendKey appends bytes that two values of one type share if and only if they
// are the same group: null is a group, NaN too, -0 is 0, whole numbers of any
// width agree.
func (v Value) AppendKey(b []byte) []byte {
	if v.Null {
		return append(b, 0)
	}
	switch v.Type {
	case Real:
		f := v.Float
		if f == 0 {
			f = 0
		}
		if math.IsNaN(f) {
			f = math.NaN()
		}
		return binary.BigEndian.AppendUint64(append(b, 2), math.Float64bits(f))
	case String, Guid:
		return appendKeyText(append(b, 3), v.Text)
	case Decimal:
		return appendKeyText(append(b, 4), decimalText(v.Text))
	case Dynamic:
		return appendKeyText(append(b, 5), v.JSON().Sorted().String())
	}
	return binary.BigEndian.AppendUint64(append(b, 1), uint64(v.Num))
}

func appendKeyText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
