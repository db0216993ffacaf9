package eval

import (
	"math"

	"github.com/clew-sec/clew/kql/eval/scalar"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// maker begins an aggregate that has at least so many arguments.
type maker struct {
	args int
	new  func(agg plan.Agg) accumulator
}

var accumulators map[string]maker

func init() {
	accumulators = map[string]maker{
		"count":       {0, func(plan.Agg) accumulator { return &countAcc{} }},
		"sum":         {1, func(a plan.Agg) accumulator { return &sumAcc{typ: resultType(a)} }},
		"avg":         {1, func(a plan.Agg) accumulator { return &avgAcc{typ: resultType(a)} }},
		"min":         {1, func(a plan.Agg) accumulator { return &extremeAcc{sign: -1, cols: 1} }},
		"max":         {1, func(a plan.Agg) accumulator { return &extremeAcc{sign: 1, cols: 1} }},
		"arg_min":     {1, func(a plan.Agg) accumulator { return &extremeAcc{sign: -1, cols: len(a.Cols), arg: true} }},
		"arg_max":     {1, func(a plan.Agg) accumulator { return &extremeAcc{sign: 1, cols: len(a.Cols), arg: true} }},
		"take_any":    {1, func(plan.Agg) accumulator { return &anyAcc{} }},
		"passthrough": {1, func(plan.Agg) accumulator { return &anyAcc{} }},
		"variance":    {1, func(plan.Agg) accumulator { return &momentsAcc{finish: sampleVariance} }},
		"variancep":   {1, func(plan.Agg) accumulator { return &momentsAcc{finish: populationVariance} }},
		"stdev": {1, func(plan.Agg) accumulator {
			return &momentsAcc{finish: func(m *momentsAcc) float64 { return math.Sqrt(sampleVariance(m)) }}
		}},
		"stdevp": {1, func(plan.Agg) accumulator {
			return &momentsAcc{finish: func(m *momentsAcc) float64 { return math.Sqrt(populationVariance(m)) }}
		}},
		"covariance":  {2, func(plan.Agg) accumulator { return &covarianceAcc{sample: true} }},
		"covariancep": {2, func(plan.Agg) accumulator { return &covarianceAcc{} }},

		"binary_all_and": {1, func(plan.Agg) accumulator { return &bitsAcc{n: -1, op: func(a, b int64) int64 { return a & b }} }},
		"binary_all_or":  {1, func(plan.Agg) accumulator { return &bitsAcc{op: func(a, b int64) int64 { return a | b }} }},
		"binary_all_xor": {1, func(plan.Agg) accumulator { return &bitsAcc{op: func(a, b int64) int64 { return a ^ b }} }},

		"dcount":         {1, func(plan.Agg) accumulator { return &distinctAcc{} }},
		"count_distinct": {1, func(plan.Agg) accumulator { return &exactAcc{} }},
		"hll":            {1, func(plan.Agg) accumulator { return &distinctAcc{sketch: true} }},
		"hll_merge":      {1, func(plan.Agg) accumulator { return &distinctAcc{sketch: true, merge: true} }},

		"make_list":            {1, func(plan.Agg) accumulator { return &listAcc{} }},
		"make_list_with_nulls": {1, func(plan.Agg) accumulator { return &listAcc{nulls: true} }},
		"make_set":             {1, func(plan.Agg) accumulator { return &listAcc{seen: map[string]bool{}} }},
		"make_bag":             {1, func(plan.Agg) accumulator { return &bagAcc{} }},
		"buildschema":          {1, func(plan.Agg) accumulator { return &schemaAcc{} }},

		"percentile":         {2, func(a plan.Agg) accumulator { return &percentileAcc{head: 1} }},
		"percentiles":        {2, func(a plan.Agg) accumulator { return &percentileAcc{head: 1} }},
		"percentiles_array":  {2, func(a plan.Agg) accumulator { return &percentileAcc{head: 1, array: true} }},
		"percentilesw":       {3, func(a plan.Agg) accumulator { return &percentileAcc{head: 2} }},
		"percentilew":        {3, func(a plan.Agg) accumulator { return &percentileAcc{head: 2} }},
		"percentilesw_array": {3, func(a plan.Agg) accumulator { return &percentileAcc{head: 2, array: true} }},
		"tdigest":            {1, func(plan.Agg) accumulator { return &percentileAcc{head: 1, sketch: true} }},
		"tdigest_merge":      {1, func(plan.Agg) accumulator { return &percentileAcc{head: 1, sketch: true, merge: true} }},
	}
}

// resultType is the type of a sum or mean. The column tells it, but that of a
// make-series is an array.
func resultType(a plan.Agg) value.Type {
	t := a.Cols[0].Type
	if t != value.Dynamic {
		return t
	}
	switch of := a.Args[0].Type(); {
	case of.Integral() && a.Func == "avg":
		return value.Real
	case of.Integral():
		return value.Long
	case of == value.Dynamic || of == value.Bool:
		return value.Real
	default:
		return of
	}
}

type countAcc struct{ n int64 }

func (a *countAcc) add([]value.Value)      { a.n++ }
func (a *countAcc) results() []value.Value { return []value.Value{value.LongOf(a.n)} }

// sumAcc is 0 without values.
type sumAcc struct {
	typ     value.Type
	whole   int64
	float   float64
	decimal value.Value
}

func (a *sumAcc) add(args []value.Value) {
	v := args[0].Scalar()
	switch {
	case v.Null:
	case v.Type == value.Real:
		a.float += v.Float
	case v.Type == value.Decimal:
		if a.decimal.Type == value.Unknown {
			a.decimal = value.ParseDecimal("0")
		}
		a.decimal = value.DecimalArithmetic('+', a.decimal, v)
	default:
		a.whole += v.Num
	}
}

func (a *sumAcc) results() []value.Value {
	switch a.typ {
	case value.Real:
		return []value.Value{value.RealOf(a.float + float64(a.whole))}
	case value.Decimal:
		if a.decimal.Type == value.Unknown {
			return []value.Value{value.ParseDecimal("0")}
		}
		return []value.Value{a.decimal}
	}
	return []value.Value{{Type: a.typ, Num: a.whole + int64(a.float)}}
}

// avgAcc is NaN without values, null for times.
type avgAcc struct {
	typ  value.Type
	sum  sumAcc
	n    int64
	base int64 // of times, which are summed as distances from the first
}

func (a *avgAcc) add(args []value.Value) {
	v := args[0].Scalar()
	switch {
	case v.Null:
		return
	case v.Type == value.DateTime || v.Type == value.TimeSpan:
		if a.n == 0 {
			a.base = v.Num
		}
		a.sum.whole += v.Num - a.base
	default:
		a.sum.add(args)
	}
	a.n++
}

func (a *avgAcc) results() []value.Value {
	n := float64(a.n)
	switch a.typ {
	case value.Decimal:
		a.sum.typ = value.Decimal
		return []value.Value{value.DecimalArithmetic('/', a.sum.results()[0], value.LongOf(a.n))}
	case value.DateTime, value.TimeSpan:
		if a.n == 0 {
			return []value.Value{value.NullOf(a.typ)}
		}
		return []value.Value{{Type: a.typ, Num: a.base + floorDivide(a.sum.whole, a.n)}}
	}
	return []value.Value{value.RealOf((a.sum.float + float64(a.sum.whole)) / n)}
}

func floorDivide(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// extremeAcc is min, max, arg_min and arg_max. Nulls are left out; arg_ forms
// keep a row even if all are null. NaN, once met, stays.
type extremeAcc struct {
	sign  int
	cols  int
	arg   bool
	best  []value.Value
	bytes int
}

func (a *extremeAcc) add(args []value.Value) {
	v := args[0].Normal()
	if v.Null && (!a.arg || a.best != nil) {
		return
	}
	if a.best != nil && !a.better(v) {
		return
	}
	a.best = append(a.best[:0], args[:min(a.cols, len(args))]...)
	for _, v := range a.best {
		a.bytes += len(v.Text)
	}
}

func (a *extremeAcc) better(v value.Value) bool {
	best := a.best[0].Normal()
	if best.Null {
		return true
	}
	if isNaN(v) || isNaN(best) {
		return !isNaN(best)
	}
	order, ok := value.Compare(v, best)
	return ok && order*a.sign > 0
}

func isNaN(v value.Value) bool { return v.Type == value.Real && math.IsNaN(v.Float) }

func (a *extremeAcc) results() []value.Value { return a.best }

// anyAcc keeps the first row, and for each column the first value that is not
// null where that row has none.
type anyAcc struct {
	row []value.Value
}

func (a *anyAcc) add(args []value.Value) {
	if a.row == nil {
		a.row = append(a.row, args...)
		return
	}
	if len(a.row) == 1 && a.row[0].Normal().Null {
		a.row[0] = args[0]
	}
}

func (a *anyAcc) results() []value.Value { return a.row }

// momentsAcc keeps mean and squares after Welford.
type momentsAcc struct {
	n        int64
	mean, m2 float64
	finish   func(*momentsAcc) float64
}

func (a *momentsAcc) add(args []value.Value) {
	v := value.Convert(args[0].Scalar(), value.Real)
	if v.Null {
		return
	}
	a.n++
	d := v.Float - a.mean
	a.mean += d / float64(a.n)
	a.m2 += d * (v.Float - a.mean)
}

func (a *momentsAcc) results() []value.Value { return []value.Value{value.RealOf(a.finish(a))} }

func sampleVariance(m *momentsAcc) float64 {
	if m.n < 2 {
		return 0
	}
	return m.m2 / float64(m.n-1)
}

func populationVariance(m *momentsAcc) float64 {
	if m.n == 0 {
		return 0
	}
	return m.m2 / float64(m.n)
}

type covarianceAcc struct {
	sample        bool
	n             int64
	mx, my, total float64
}

func (a *covarianceAcc) add(args []value.Value) {
	x, y := value.Convert(args[0].Scalar(), value.Real), value.Convert(args[1].Scalar(), value.Real)
	if x.Null || y.Null {
		return
	}
	a.n++
	dx := x.Float - a.mx
	a.mx += dx / float64(a.n)
	a.my += (y.Float - a.my) / float64(a.n)
	a.total += dx * (y.Float - a.my)
}

func (a *covarianceAcc) results() []value.Value {
	n := a.n
	if a.sample {
		n--
	}
	if n <= 0 {
		return []value.Value{value.RealOf(0)}
	}
	return []value.Value{value.RealOf(a.total / float64(n))}
}

type bitsAcc struct {
	n   int64
	any bool
	op  func(a, b int64) int64
}

func (a *bitsAcc) add(args []value.Value) {
	if v := value.Convert(args[0], value.Long); !v.Null {
		a.n, a.any = a.op(a.n, v.Num), true
	}
}

func (a *bitsAcc) results() []value.Value {
	if !a.any {
		return []value.Value{value.NullOf(value.Long)}
	}
	return []value.Value{value.LongOf(a.n)}
}

// distinctAcc is dcount and the sketches of it.
type distinctAcc struct {
	sketch, merge bool
	set           scalar.Distinct
	buf           []byte
}

func (a *distinctAcc) add(args []value.Value) {
	v := args[0].Normal()
	switch {
	case a.merge:
		a.set.Merge(v)
	case !v.Null:
		a.buf = v.AppendKey(a.buf[:0])
		a.set.Add(a.buf)
	}
}

func (a *distinctAcc) results() []value.Value {
	if a.sketch {
		return []value.Value{a.set.Sketch()}
	}
	return []value.Value{value.LongOf(a.set.Count())}
}

// exactAcc is count_distinct.
type exactAcc struct {
	seen  map[string]struct{}
	buf   []byte
	bytes int
}

func (a *exactAcc) add(args []value.Value) {
	v := args[0].Normal()
	if v.Null {
		return
	}
	if a.seen == nil {
		a.seen = map[string]struct{}{}
	}
	a.buf = v.AppendKey(a.buf[:0])
	if _, ok := a.seen[string(a.buf)]; !ok {
		a.seen[string(a.buf)] = struct{}{}
		a.bytes += len(a.buf) + valueSize
	}
}

func (a *exactAcc) results() []value.Value {
	return []value.Value{value.LongOf(int64(len(a.seen)))}
}

func (a *exactAcc) taken() int {
	n := a.bytes
	a.bytes = 0
	return n
}
