package scalar

import (
	"math"
	"math/cmplx"
	"slices"

	"github.com/clew-sec/clew/kql/value"
)

var seriesModels = map[string]*Function{
	"series_fit_line":            overFinite(func(x []float64) value.Value { return fitLine(x).bag().Value() }),
	"series_fit_line_dynamic":    overFinite(func(x []float64) value.Value { return fitLine(x).bag().Value() }),
	"series_fit_2lines":          overFinite(fitTwoLines),
	"series_fit_2lines_dynamic":  overFinite(fitTwoLines),
	"series_fit_poly":            lenient(1, 3, value.Dynamic, fitPolynomial),
	"series_periods_detect":      lenient(4, 4, value.Dynamic, periodsDetect),
	"series_periods_validate":    lenient(2, -1, value.Dynamic, periodsValidate),
	"series_seasonal":            lenient(1, 3, value.Dynamic, seriesSeasonal),
	"series_decompose":           lenient(1, 5, value.Dynamic, seriesDecompose),
	"series_decompose_forecast":  lenient(2, 5, value.Dynamic, seriesForecast),
	"series_decompose_anomalies": lenient(1, 7, value.Dynamic, seriesAnomalies),
}

// overFinite makes a function of a series without gaps.
func overFinite(f func(x []float64) value.Value) *Function {
	return lenient(1, 1, value.Dynamic, func(a []value.Value) value.Value {
		x, ok := finiteSeries(a[0])
		if !ok {
			return nothing
		}
		return f(x)
	})
}

func finiteSeries(v value.Value) ([]float64, bool) {
	x, ok := series(v)
	if !ok || len(x) == 0 {
		return nil, false
	}
	for _, f := range x {
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, false
		}
	}
	return x, true
}

// line is a straight line through a series, and how well it fits.
type line struct {
	rsquare, slope, variance, rvariance, interception float64
	fit                                               []float64
}

// fitLine minimises the squares; x is the position from 0.
func fitLine(y []float64) line {
	n := float64(len(y))
	mx, my := (n-1)/2, mean(y)
	var xy, xx float64
	for i, f := range y {
		dx := float64(i) - mx
		xy += dx * (f - my)
		xx += dx * dx
	}
	l := line{variance: variance(y)}
	if xx > 0 {
		l.slope = xy / xx
	}
	l.interception = my - l.slope*mx
	residual := make([]float64, len(y))
	for i, f := range y {
		v := l.interception + l.slope*float64(i)
		l.fit = append(l.fit, v)
		residual[i] = f - v
	}
	l.rvariance = variance(residual)
	l.rsquare = 1
	if l.variance > 0 {
		l.rsquare = 1 - l.rvariance/l.variance
	}
	return l
}

func (l line) bag() value.JSON {
	j := value.JSON{Kind: value.KindBag}
	l.put(&j, "")
	j.Set("line_fit", numbers(l.fit))
	return j
}

func (l line) put(j *value.JSON, prefix string) {
	j.Set(prefix+"rsquare", value.RealJSON(l.rsquare))
	j.Set(prefix+"slope", value.RealJSON(l.slope))
	j.Set(prefix+"variance", value.RealJSON(l.variance))
	j.Set(prefix+"rvariance", value.RealJSON(l.rvariance))
	j.Set(prefix+"interception", value.RealJSON(l.interception))
}

// maxSplit bounds the series that are tried at every split.
const maxSplit = 20_000

// fitTwoLines finds the split at which two lines fit best.
func fitTwoLines(y []float64) value.Value {
	if len(y) < 2 || len(y) > maxSplit {
		return nothing
	}
	split := bestSplit(y)
	left, right := fitLine(y[:split]), fitLine(y[split:])
	fit := slices.Concat(left.fit, right.fit)
	residual := make([]float64, len(y))
	for i := range y {
		residual[i] = y[i] - fit[i]
	}
	v, r := variance(y), variance(residual)
	rsquare := 1.0
	if v > 0 {
		rsquare = 1 - r/v
	}
	j := value.JSON{Kind: value.KindBag}
	j.Set("rsquare", value.RealJSON(rsquare))
	j.Set("split_idx", value.LongJSON(int64(split)))
	j.Set("variance", value.RealJSON(v))
	j.Set("rvariance", value.RealJSON(r))
	j.Set("line_fit", numbers(fit))
	right.put(&j, "right_")
	left.put(&j, "left_")
	return j.Value()
}

// bestSplit keeps running sums, so that all splits take linear time.
func bestSplit(y []float64) int {
	n := len(y)
	left, right := residuals(y), residuals(reversedSeries(y))
	best, least := 1, math.Inf(1)
	for i := 1; i < n; i++ {
		if sum := left[i] + right[n-i]; sum < least-1e-12*math.Abs(least) {
			best, least = i, sum
		}
	}
	return best
}

func reversedSeries(y []float64) []float64 {
	r := slices.Clone(y)
	slices.Reverse(r)
	return r
}

// residuals[k] is the sum of squares that a line leaves in the first k values.
func residuals(y []float64) []float64 {
	out := make([]float64, len(y)+1)
	var sy, syy, sxy, sx, sxx float64
	for i, f := range y {
		x := float64(i)
		sx, sxx, sy, syy, sxy = sx+x, sxx+x*x, sy+f, syy+f*f, sxy+x*f
		n := x + 1
		xx, xy, yy := sxx-sx*sx/n, sxy-sx*sy/n, syy-sy*sy/n
		if xx > 0 {
			yy -= xy * xy / xx
		}
		out[i+1] = max(0, yy)
	}
	return out
}

// fitPolynomial is series_fit_poly(y [, x] [, degree]).
func fitPolynomial(a []value.Value) value.Value {
	y, ok := finiteSeries(a[0])
	degree := 1
	var x []float64
	for _, v := range a[1:] {
		if xs, isSeries := finiteSeries(v); isSeries {
			x = xs
		} else {
			degree = int(max(1, min(5, whole([]value.Value{v}, 0, 1))))
		}
	}
	if x == nil {
		for i := range y {
			x = append(x, float64(i))
		}
	}
	if !ok || len(x) != len(y) || len(y) <= degree {
		return nothing
	}
	coefficients, ok := polynomial(x, y, degree)
	if !ok {
		return nothing
	}
	fit, residual := make([]float64, len(y)), make([]float64, len(y))
	for i := range y {
		for _, c := range coefficients {
			fit[i] = fit[i]*x[i] + c
		}
		residual[i] = y[i] - fit[i]
	}
	v, r := variance(y), variance(residual)
	j := value.JSON{Kind: value.KindBag}
	j.Set("rsquare", value.RealJSON(1-r/v))
	j.Set("coefficients", numbers(coefficients))
	j.Set("variance", value.RealJSON(v))
	j.Set("rvariance", value.RealJSON(r))
	j.Set("poly_fit", numbers(fit))
	return j.Value()
}

// polynomial solves the normal equations; the highest power comes first.
func polynomial(x, y []float64, degree int) ([]float64, bool) {
	n := degree + 1
	m := make([][]float64, n)
	for r := range m {
		m[r] = make([]float64, n+1)
		for i := range x {
			for c := range n {
				m[r][c] += math.Pow(x[i], float64(r+c))
			}
			m[r][n] += math.Pow(x[i], float64(r)) * y[i]
		}
	}
	for p := range n {
		pivot := p
		for r := p + 1; r < n; r++ {
			if math.Abs(m[r][p]) > math.Abs(m[pivot][p]) {
				pivot = r
			}
		}
		if m[p], m[pivot] = m[pivot], m[p]; m[p][p] == 0 {
			return nil, false
		}
		for r := range n {
			if f := m[r][p] / m[p][p]; r != p {
				for c := p; c <= n; c++ {
					m[r][c] -= f * m[p][c]
				}
			}
		}
	}
	out := make([]float64, n)
	for i := range out {
		out[n-1-i] = m[i][n] / m[i][i]
	}
	return out, true
}

// fourier takes the transform of a series of any length, at most maxSplit.
func fourier(a []value.Value, inverse bool) value.Value {
	x, ok := finiteSeries(a[0])
	if !ok || len(x) > maxSplit || oddPart(len(x)) > 2048 {
		return nothing
	}
	z := make([]complex128, len(x))
	var im []float64
	if len(a) > 1 {
		im, _ = series(a[1])
	}
	for i := range z {
		z[i] = complex(x[i], 0)
		if i < len(im) {
			z[i] = complex(x[i], im[i])
		}
	}
	out := transform(z, inverse)
	re, ims := make([]float64, len(out)), make([]float64, len(out))
	for i, c := range out {
		if inverse {
			c /= complex(float64(len(out)), 0)
		}
		re[i], ims[i] = real(c), imag(c)
	}
	j := value.JSON{Kind: value.KindBag}
	j.Set("real", numbers(re))
	j.Set("imag", numbers(ims))
	return j.Value()
}

// oddPart is what remains of a length after halving: its transform takes the
// square of that.
func oddPart(n int) int {
	for n > 0 && n%2 == 0 {
		n /= 2
	}
	return n
}

// transform splits even lengths and computes odd ones directly.
func transform(z []complex128, inverse bool) []complex128 {
	n := len(z)
	out := make([]complex128, n)
	sign := -2 * math.Pi / float64(n)
	if inverse {
		sign = -sign
	}
	if n%2 == 1 {
		for k := range out {
			for i, c := range z {
				out[k] += c * cmplx.Rect(1, sign*float64(k*i%n))
			}
		}
		return out
	}
	even, odd := make([]complex128, n/2), make([]complex128, n/2)
	for i := range even {
		even[i], odd[i] = z[2*i], z[2*i+1]
	}
	even, odd = transform(even, inverse), transform(odd, inverse)
	for k := range even {
		t := cmplx.Rect(1, sign*float64(k)) * odd[k]
		out[k], out[k+n/2] = even[k]+t, even[k]-t
	}
	return out
}
