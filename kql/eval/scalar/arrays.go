package scalar

import (
	"cmp"
	"slices"
	"strings"

	"github.com/clew-sec/clew/kql/value"
)

var arrayFunctions = map[string]*Function{
	"pack_array": lenient(0, -1, value.Dynamic, func(a []value.Value) value.Value {
		out := make([]value.JSON, len(a))
		for i, v := range a {
			out[i] = v.JSON()
		}
		return list(out)
	}),
	"array_length": lenient(1, 1, value.Long, func(a []value.Value) value.Value {
		n, ok := a[0].Len()
		if !ok {
			return noLong
		}
		return value.LongOf(n)
	}),
	"array_concat":       lenient(1, -1, value.Dynamic, arrayConcat),
	"array_reverse":      arrayMap(func(x []value.JSON, _ []value.Value) []value.JSON { slices.Reverse(x); return x }, 1, 1),
	"array_slice":        arrayMap(arraySlice, 3, 3),
	"array_rotate_left":  arrayMap(func(x []value.JSON, a []value.Value) []value.JSON { return rotated(x, whole(a, 1, 0)) }, 2, 2),
	"array_rotate_right": arrayMap(func(x []value.JSON, a []value.Value) []value.JSON { return rotated(x, -whole(a, 1, 0)) }, 2, 2),
	"array_shift_left":   arrayMap(func(x []value.JSON, a []value.Value) []value.JSON { return shifted(x, whole(a, 1, 0), a[2:]) }, 2, 3),
	"array_shift_right":  arrayMap(func(x []value.JSON, a []value.Value) []value.JSON { return shifted(x, -whole(a, 1, 0), a[2:]) }, 2, 3),
	"array_split":        lenient(2, 2, value.Dynamic, arraySplit),
	"array_sort_asc":     lenient(1, -1, value.Dynamic, func(a []value.Value) value.Value { return arraySort(a, 1) }),
	"array_sort_desc":    lenient(1, -1, value.Dynamic, func(a []value.Value) value.Value { return arraySort(a, -1) }),
	"array_index_of":     lenient(2, 5, value.Long, arrayIndexOf),
	"array_sum":          lenient(1, 1, value.Real, arraySum),
	"array_iff":          lenient(3, 3, value.Dynamic, arrayIff),
	"range":              ranged(2, 3, value.Dynamic, rangeOf),
	"repeat":             lenient(2, 2, value.Dynamic, repeated),
}

// arrayMap makes a function of an array to an array; null of all else.
func arrayMap(f func(x []value.JSON, a []value.Value) []value.JSON, least, most int) *Function {
	return lenient(least, most, value.Dynamic, func(a []value.Value) value.Value {
		x, ok := array(a[0])
		if !ok {
			return nothing
		}
		return list(f(x, a))
	})
}

func arrayConcat(a []value.Value) value.Value {
	var out []value.JSON
	any := false
	for _, v := range a {
		if x, ok := array(v); ok && len(out)+len(x) <= maxItems {
			out = append(out, x...)
			any = true
		}
	}
	if !any {
		return nothing
	}
	return list(out)
}

// arraySlice has both ends included, negative ones counted from the end.
func arraySlice(x []value.JSON, a []value.Value) []value.JSON {
	n := int64(len(x))
	from, to := whole(a, 1, 0), whole(a, 2, -1)
	if from < 0 {
		from = max(0, from+n)
	}
	if to < 0 {
		to += n
	}
	to = min(to+1, n)
	if from >= to {
		return nil
	}
	return x[from:to]
}

func rotated(x []value.JSON, n int64) []value.JSON {
	if len(x) == 0 {
		return x
	}
	k := remainder(n, int64(len(x)))
	return slices.Concat(x[k:], x[:k])
}

// shifted moves to the left by n, or to the right, and fills with the optional
// value.
func shifted(x []value.JSON, n int64, fill []value.Value) []value.JSON {
	var f value.JSON
	if len(fill) > 0 {
		f = fill[0].JSON()
	}
	out := make([]value.JSON, len(x))
	for i := range out {
		out[i] = f
		if k := int64(i) + n; k >= 0 && k < int64(len(x)) && n > -maxItems && n < maxItems {
			out[i] = x[k]
		}
	}
	return out
}

// arraySplit cuts before each of the indices.
func arraySplit(a []value.Value) value.Value {
	x, ok := array(a[0])
	if !ok {
		return nothing
	}
	var out []value.JSON
	n, from := int64(len(x)), int64(0)
	for _, c := range items(a[1]) {
		at := value.Convert(c.Value(), value.Long)
		if at.Null {
			return nothing
		}
		if at.Num < 0 {
			at.Num += n
		}
		to := max(from, min(at.Num, n))
		out = append(out, value.ArrayOf(x[from:to]...))
		from = to
	}
	return list(append(out, value.ArrayOf(x[from:]...)))
}

// rank orders the kinds of JSON; null is apart.
func rank(k value.Kind) int {
	switch k {
	case value.KindBool:
		return 0
	case value.KindLong, value.KindReal:
		return 1
	case value.KindString:
		return 2
	}
	return 3
}

// compareItems orders items of arrays.
func compareItems(a, b value.JSON) int {
	if c := cmp.Compare(rank(a.Kind), rank(b.Kind)); c != 0 {
		return c
	}
	switch {
	case a.Kind == value.KindString:
		return strings.Compare(a.Text, b.Text)
	case a.Kind == value.KindReal || b.Kind == value.KindReal:
		return cmp.Compare(itemReal(a), itemReal(b))
	case a.Kind == value.KindArray || a.Kind == value.KindBag:
		return strings.Compare(a.String(), b.String())
	}
	return cmp.Compare(a.Num, b.Num)
}

func itemReal(j value.JSON) float64 {
	if j.Kind == value.KindReal {
		return j.Float
	}
	return float64(j.Num)
}

// arraySort sorts the first array, and further ones of the same length the same
// way: then the result is an array of them. A last bool false puts nulls first.
func arraySort(a []value.Value, sign int) value.Value {
	nullsLast := 1
	if last := a[len(a)-1]; len(a) > 1 && last.Type == value.Bool {
		if last.Num == 0 {
			nullsLast = -1
		}
		a = a[:len(a)-1]
	}
	x, ok := array(a[0])
	if !ok {
		return nothing
	}
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, k int) int {
		in, kn := x[i].Kind == value.KindNull, x[k].Kind == value.KindNull
		if in || kn {
			return nullsLast * (boolNumber(in) - boolNumber(kn))
		}
		return sign * compareItems(x[i], x[k])
	})
	first := permuted(x, order)
	if len(a) == 1 {
		return list(first)
	}
	out := []value.JSON{value.ArrayOf(first...)}
	for _, v := range a[1:] {
		y, ok := array(v)
		if !ok || len(y) != len(x) {
			out = append(out, value.JSON{})
			continue
		}
		out = append(out, value.ArrayOf(permuted(y, order)...))
	}
	return list(out)
}

func boolNumber(b bool) int {
	if b {
		return 1
	}
	return 0
}

func permuted(x []value.JSON, order []int) []value.JSON {
	out := make([]value.JSON, len(x))
	for to, from := range order {
		out[to] = x[from]
	}
	return out
}

func sameItem(a, b value.JSON) bool {
	return rank(a.Kind) == rank(b.Kind) && (a.Kind == value.KindNull) == (b.Kind == value.KindNull) && compareItems(a, b) == 0
}

// arrayIndexOf is array_index_of(array, value, start, length, occurrence).
func arrayIndexOf(a []value.Value) value.Value {
	x, ok := array(a[0])
	if !ok {
		return noLong
	}
	want := a[1].JSON()
	from, to := searchRange(int64(len(x)), whole(a, 2, 0), whole(a, 3, -1))
	n := whole(a, 4, 1)
	if n < 0 {
		for i := to - 1; i >= from; i-- {
			if sameItem(x[i], want) {
				if n++; n == 0 {
					return value.LongOf(i)
				}
			}
		}
		return value.LongOf(-1)
	}
	for i := from; i < to; i++ {
		if sameItem(x[i], want) {
			if n--; n <= 0 {
				return value.LongOf(i)
			}
		}
	}
	return value.LongOf(-1)
}

// arraySum leaves nulls out; it is null of an empty array and of one with
// anything but numbers.
func arraySum(a []value.Value) value.Value {
	x, ok := array(a[0])
	if !ok || len(x) == 0 {
		return value.NullOf(value.Real)
	}
	sum := 0.0
	for _, j := range x {
		switch j.Kind {
		case value.KindNull:
		case value.KindLong, value.KindReal, value.KindBool:
			sum += itemReal(j)
		default:
			return value.NullOf(value.Real)
		}
	}
	return value.RealOf(sum)
}

// arrayIff picks from two arrays, or values for all places, by an array of bools.
func arrayIff(a []value.Value) value.Value {
	conditions, ok := array(a[0])
	if !ok {
		return nothing
	}
	yes, no := picker(a[1]), picker(a[2])
	out := make([]value.JSON, len(conditions))
	for i, c := range conditions {
		switch c.Kind {
		case value.KindBool, value.KindLong, value.KindReal:
			if itemReal(c) != 0 {
				out[i] = yes(i)
			} else {
				out[i] = no(i)
			}
		}
	}
	return list(out)
}

func picker(v value.Value) func(i int) value.JSON {
	x, ok := array(v)
	if !ok {
		j := v.JSON()
		return func(int) value.JSON { return j }
	}
	return func(i int) value.JSON {
		if i < len(x) {
			return x[i]
		}
		return value.JSON{}
	}
}

// rangeOf is an array from start to stop, which is included, by steps.
func rangeOf(a []value.Value) value.Value {
	start, stop := a[0].Scalar(), a[1].Scalar()
	step := value.LongOf(1)
	if isTime(start.Type) {
		step = value.TimeSpanOf(value.Hour)
	}
	if len(a) > 2 {
		step = a[2].Scalar()
	}
	limit := maxItems
	if start.Type == value.Decimal || step.Type == value.Decimal {
		limit = maxItems / 16 // their arithmetic is slow
	}
	var out []value.JSON
	Series(start, stop, step, limit, func(v value.Value) { out = append(out, v.JSON()) })
	return list(out)
}

// Series calls do for start, start+step, … up to stop, which is included, and at
// most limit times. It tells whether that was enough.
func Series(start, stop, step value.Value, limit int, do func(value.Value)) bool {
	if start.Null || stop.Null || step.Null {
		return true
	}
	forward, _ := value.Compare(step, zeroOf(step.Type))
	if forward == 0 {
		return true
	}
	for n := 0; ; n++ {
		order, ok := value.Compare(start, stop)
		if !ok || order*forward > 0 {
			return true
		}
		if n == limit {
			return false
		}
		do(start)
		next := Arithmetic('+', start, step)
		if order, ok = value.Compare(next, start); next.Null || !ok || order*forward <= 0 {
			return true
		}
		start = next
	}
}

func zeroOf(t value.Type) value.Value {
	if t == value.Decimal {
		return value.LongOf(0)
	}
	return value.Value{Type: t}
}

func repeated(a []value.Value) value.Value {
	n := whole(a, 1, -1)
	if n < 0 || n > maxItems || n*int64(len(a[0].Text)+8) > MaxText {
		return nothing
	}
	out := make([]value.JSON, n)
	j := a[0].JSON()
	for i := range out {
		out[i] = j
	}
	return list(out)
}
