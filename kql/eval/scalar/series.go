package scalar

import (
	"math"

	"github.com/clew-sec/clew/kql/value"
)

// series reads an array of numbers; what is no number is NaN.
func series(v value.Value) ([]float64, bool) {
	items, ok := array(v)
	if !ok {
		return nil, false
	}
	out := make([]float64, len(items))
	for i, j := range items {
		out[i] = itemNumber(j)
	}
	return out, true
}

func itemNumber(j value.JSON) float64 {
	switch j.Kind {
	case value.KindLong, value.KindBool:
		return float64(j.Num)
	case value.KindReal:
		return j.Float
	case value.KindString:
		if f := value.ParseReal(j.Text); !f.Null {
			return f.Float
		}
	}
	return math.NaN()
}

// numbers makes an array; NaN becomes null.
func numbers(x []float64) value.JSON {
	items := make([]value.JSON, len(x))
	for i, f := range x {
		if !math.IsNaN(f) {
			items[i] = value.RealJSON(f)
		}
	}
	return value.ArrayOf(items...)
}

var seriesMath = map[string]*Function{
	"series_abs": eachItem(func(j value.JSON) value.JSON {
		if j.Kind == value.KindLong {
			return value.LongJSON(max(j.Num, -j.Num))
		}
		return realItem(math.Abs(itemNumber(j)))
	}),
	"series_sign": eachItem(func(j value.JSON) value.JSON {
		if f := itemNumber(j); !math.IsNaN(f) {
			return value.LongJSON(int64(sign(f)))
		}
		return value.JSON{}
	}),
	"series_exp":     eachNumber(math.Exp),
	"series_log":     eachNumber(math.Log),
	"series_sin":     eachNumber(math.Sin),
	"series_cos":     eachNumber(math.Cos),
	"series_tan":     eachNumber(math.Tan),
	"series_asin":    eachNumber(math.Asin),
	"series_acos":    eachNumber(math.Acos),
	"series_atan":    eachNumber(math.Atan),
	"series_floor":   eachNumber(math.Floor),
	"series_ceiling": eachNumber(math.Ceil),

	"series_add":      pairwise(func(a, b value.Value) value.Value { return Arithmetic('+', a, b) }),
	"series_subtract": pairwise(func(a, b value.Value) value.Value { return Arithmetic('-', a, b) }),
	"series_multiply": pairwise(func(a, b value.Value) value.Value { return Arithmetic('*', a, b) }),
	"series_divide": pairwise(func(a, b value.Value) value.Value {
		return Arithmetic('/', value.Convert(a, value.Real), value.Convert(b, value.Real))
	}),
	"series_pow": pairwise(func(a, b value.Value) value.Value {
		x, _ := number(a)
		y, _ := number(b)
		return value.RealOf(math.Pow(x, y))
	}),
	"series_equals":         pairTest(func(c int) bool { return c == 0 }),
	"series_not_equals":     pairTest(func(c int) bool { return c != 0 }),
	"series_less":           pairTest(func(c int) bool { return c < 0 }),
	"series_less_equals":    pairTest(func(c int) bool { return c <= 0 }),
	"series_greater":        pairTest(func(c int) bool { return c > 0 }),
	"series_greater_equals": pairTest(func(c int) bool { return c >= 0 }),
}

func realItem(f float64) value.JSON {
	if math.IsNaN(f) {
		return value.JSON{}
	}
	return value.RealJSON(f)
}

func eachItem(f func(value.JSON) value.JSON) *Function {
	return arrayMap(func(x []value.JSON, _ []value.Value) []value.JSON {
		for i := range x {
			x[i] = f(x[i])
		}
		return x
	}, 1, 1)
}

func eachNumber(f func(float64) float64) *Function {
	return eachItem(func(j value.JSON) value.JSON { return realItem(f(itemNumber(j))) })
}

// pairwise makes a function of two arrays, or an array and a number, place by
// place; places without two numbers are null.
func pairwise(f func(a, b value.Value) value.Value) *Function {
	return lenient(2, 2, value.Dynamic, func(a []value.Value) value.Value {
		_, okx := array(a[0])
		_, oky := array(a[1])
		if !okx && !oky {
			return nothing
		}
		x, y := picker(a[0]), picker(a[1])
		out := make([]value.JSON, pairLength(a))
		for i := range out {
			p, q := x(i).Value().Scalar(), y(i).Value().Scalar()
			if p.Type.Numeric() && q.Type.Numeric() {
				out[i] = f(p, q).JSON()
			}
		}
		return list(out)
	})
}

// pairLength is the greater of the lengths of two arguments.
func pairLength(a []value.Value) int64 {
	n, _ := a[0].Len()
	m, _ := a[1].Len()
	return max(n, m)
}

func pairTest(is func(int) bool) *Function {
	return pairwise(func(a, b value.Value) value.Value {
		order, ok := value.Compare(a, b)
		return value.BoolOf(ok && is(order))
	})
}

var seriesFunctions = map[string]*Function{
	"series_sum":       overSeries(func(x []float64) float64 { return total(x) }),
	"series_product":   overSeries(product),
	"series_magnitude": overSeries(func(x []float64) float64 { return math.Sqrt(dot(x, x)) }),
	"series_dot_product": lenient(2, 2, value.Real, func(a []value.Value) value.Value {
		return overPair(a, dot)
	}),
	"series_pearson_correlation": lenient(2, 2, value.Real, func(a []value.Value) value.Value {
		return overPair(a, pearson)
	}),
	"series_cosine_similarity": lenient(2, 4, value.Real, func(a []value.Value) value.Value {
		return overPair(a, func(x, y []float64) float64 { return dot(x, y) / math.Sqrt(dot(x, x)*dot(y, y)) })
	}),
	"series_stats":         lenient(1, 2, value.Dynamic, seriesStats),
	"series_stats_dynamic": lenient(1, 2, value.Dynamic, seriesStats),
	"series_fill_forward":  lenient(1, 2, value.Dynamic, func(a []value.Value) value.Value { return fill(a, fillForward) }),
	"series_fill_backward": lenient(1, 2, value.Dynamic, func(a []value.Value) value.Value { return fill(a, fillBackward) }),
	"series_fill_const":    lenient(1, 3, value.Dynamic, fillConst),
	"series_fill_linear":   lenient(1, 4, value.Dynamic, fillLinear),
	"series_fir":           lenient(2, 4, value.Dynamic, seriesFIR),
	"series_iir":           lenient(3, 3, value.Dynamic, seriesIIR),
	"series_fft":           lenient(1, 2, value.Dynamic, func(a []value.Value) value.Value { return fourier(a, false) }),
	"series_ifft":          lenient(1, 2, value.Dynamic, func(a []value.Value) value.Value { return fourier(a, true) }),
	"series_outliers":      lenient(1, 6, value.Dynamic, seriesOutliers),
}

func total(x []float64) float64 {
	s := 0.0
	for _, f := range x {
		s += f
	}
	return s
}

func product(x []float64) float64 {
	p := 1.0
	for _, f := range x {
		p *= f
	}
	return p
}

func dot(x, y []float64) float64 {
	s := 0.0
	for i := range min(len(x), len(y)) {
		s += x[i] * y[i]
	}
	return s
}

func overSeries(f func([]float64) float64) *Function {
	return lenient(1, 1, value.Real, func(a []value.Value) value.Value {
		x, ok := series(a[0])
		r := 0.0
		if ok {
			r = f(x)
		}
		if !ok || math.IsNaN(r) {
			return value.NullOf(value.Real)
		}
		return value.RealOf(r)
	})
}

func overPair(a []value.Value, f func(x, y []float64) float64) value.Value {
	n := pairLength(a)
	x, okx := constantSeries(a[0], n)
	y, oky := constantSeries(a[1], n)
	if !okx || !oky || len(x) != len(y) || len(x) == 0 {
		return value.NullOf(value.Real)
	}
	r := f(x, y)
	if math.IsNaN(r) {
		return value.NullOf(value.Real)
	}
	return value.RealOf(r)
}

// constantSeries is an array, or a number n times.
func constantSeries(v value.Value, n int64) ([]float64, bool) {
	if x, ok := series(v); ok {
		return x, true
	}
	f, ok := number(v)
	if !ok {
		return nil, false
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = f
	}
	return out, true
}

func mean(x []float64) float64 { return total(x) / float64(len(x)) }

// variance is that of a sample.
func variance(x []float64) float64 {
	if len(x) < 2 {
		return 0
	}
	m, s := mean(x), 0.0
	for _, f := range x {
		s += (f - m) * (f - m)
	}
	return s / float64(len(x)-1)
}

func pearson(x, y []float64) float64 {
	mx, my := mean(x), mean(y)
	var xy, xx, yy float64
	for i := range x {
		dx, dy := x[i]-mx, y[i]-my
		xy += dx * dy
		xx += dx * dx
		yy += dy * dy
	}
	return xy / math.Sqrt(xx*yy)
}

// seriesStats is a bag of min, min_idx, max, max_idx, avg, stdev, variance, sum
// and len; null where a value is no finite number, unless those are ignored.
func seriesStats(a []value.Value) value.Value {
	x, ok := series(a[0])
	ignore := truth(a, 1, false)
	var finite []float64
	low, high := -1, -1
	for i, f := range x {
		if math.IsNaN(f) || math.IsInf(f, 0) {
			ok = ok && ignore
			continue
		}
		finite = append(finite, f)
		if low < 0 || f < x[low] {
			low = i
		}
		if high < 0 || f > x[high] {
			high = i
		}
	}
	if !ok || len(finite) == 0 {
		return nothing
	}
	v := variance(finite)
	j := value.JSON{Kind: value.KindBag}
	j.Set("min", value.RealJSON(x[low]))
	j.Set("min_idx", value.LongJSON(int64(low)))
	j.Set("max", value.RealJSON(x[high]))
	j.Set("max_idx", value.LongJSON(int64(high)))
	j.Set("avg", value.RealJSON(mean(finite)))
	j.Set("stdev", value.RealJSON(math.Sqrt(v)))
	j.Set("variance", value.RealJSON(v))
	j.Set("sum", value.RealJSON(total(finite)))
	j.Set("len", value.LongJSON(int64(len(x))))
	return j.Value()
}

// missing tells whether an item is a gap: null, or the placeholder.
func missing(j value.JSON, placeholder value.Value) bool {
	if placeholder.Normal().Null {
		return j.Kind == value.KindNull || j.Kind == value.KindReal && math.IsNaN(j.Float) || j.Kind == value.KindString && j.Text == "NaN"
	}
	return sameItem(j, placeholder.JSON())
}

func argument(a []value.Value, i int) value.Value {
	if i < len(a) {
		return a[i]
	}
	return value.NullOf(value.Real)
}

func fill(a []value.Value, how func(x []value.JSON, gap []bool)) value.Value {
	x, ok := array(a[0])
	if !ok {
		return nothing
	}
	how(x, gaps(x, argument(a, 1)))
	return list(x)
}

func gaps(x []value.JSON, placeholder value.Value) []bool {
	gap := make([]bool, len(x))
	for i, j := range x {
		gap[i] = missing(j, placeholder)
	}
	return gap
}

func fillForward(x []value.JSON, gap []bool) {
	for i := 1; i < len(x); i++ {
		if gap[i] {
			x[i] = x[i-1]
		}
	}
}

func fillBackward(x []value.JSON, gap []bool) {
	for i := len(x) - 2; i >= 0; i-- {
		if gap[i] {
			x[i] = x[i+1]
		}
	}
}

func fillConst(a []value.Value) value.Value {
	x, ok := array(a[0])
	if !ok {
		return nothing
	}
	with := value.LongJSON(0)
	if len(a) > 1 {
		with = a[1].JSON()
	}
	for i, gap := range gaps(x, argument(a, 2)) {
		if gap {
			x[i] = with
		}
	}
	return list(x)
}

// fillLinear is series_fill_linear(x, placeholder, fill edges, constant).
func fillLinear(a []value.Value) value.Value {
	x, ok := array(a[0])
	if !ok {
		return nothing
	}
	gap := gaps(x, argument(a, 1))
	edges := truth(a, 2, true)
	with := value.LongJSON(0)
	if len(a) > 3 {
		with = a[3].JSON()
	}
	last := -1
	for i := range x {
		if gap[i] {
			continue
		}
		if last >= 0 {
			interpolate(x, last, i)
		}
		last = i
	}
	fillEdges(x, gap, last, edges, with)
	return list(x)
}

func interpolate(x []value.JSON, from, to int) {
	a, b := itemNumber(x[from]), itemNumber(x[to])
	for i := from + 1; i < to; i++ {
		x[i] = value.RealJSON(a + (b-a)*float64(i-from)/float64(to-from))
	}
}

// fillEdges fills before the first and after the last value with these, and a
// series without any value with the constant.
func fillEdges(x []value.JSON, gap []bool, last int, edges bool, with value.JSON) {
	if last < 0 {
		for i := range x {
			x[i] = with
		}
		return
	}
	if !edges {
		return
	}
	first := 0
	for gap[first] {
		first++
	}
	for i := range x {
		if i < first {
			x[i] = x[first]
		} else if i > last {
			x[i] = x[last]
		}
	}
}

// maxFilter bounds the length of a filter, so that filtering stays near linear.
const maxFilter = 512

// seriesFIR is series_fir(x, filter, normalise, centre).
func seriesFIR(a []value.Value) value.Value {
	x, okx := series(a[0])
	f, okf := series(a[1])
	if !okx || !okf || len(f) == 0 || len(f) > maxFilter {
		return nothing
	}
	positive := true
	for _, c := range f {
		positive = positive && c >= 0
	}
	scale := 1.0
	if s := total(f); truth(a, 2, positive) && s != 0 {
		scale = s
	}
	shift := 0
	if truth(a, 3, false) {
		shift = len(f) / 2
	}
	out := make([]float64, len(x))
	for i := range out {
		for k, c := range f {
			if at := i + shift - k; at >= 0 && at < len(x) {
				out[i] += c * x[at]
			}
		}
		out[i] /= scale
	}
	return numbers(out).Value()
}

// seriesIIR is series_iir(x, numerators, denominators).
func seriesIIR(a []value.Value) value.Value {
	x, okx := series(a[0])
	num, okn := series(a[1])
	den, okd := series(a[2])
	if !okx || !okn || !okd || len(num) == 0 || len(den) == 0 || den[0] == 0 || len(num)+len(den) > maxFilter {
		return nothing
	}
	out := make([]float64, len(x))
	for i := range out {
		for k, c := range num[:min(len(num), i+1)] {
			out[i] += c * x[i-k]
		}
		for k := 1; k < len(den) && k <= i; k++ {
			out[i] -= den[k] * out[i-k]
		}
		out[i] /= den[0]
	}
	return numbers(out).Value()
}
