package scalar

import (
	"math"
	"slices"

	"github.com/clew-sec/clew/kql/value"
)

// seasonThreshold is the least score of a period that is taken for a season.
const seasonThreshold = 0.6

// autocorrelation of a series without its mean, at a lag. Shorter overlaps count
// less. A period has to be seen more than twice.
func autocorrelation(x []float64, lag int) float64 {
	n := len(x) - lag
	if lag < 1 || n <= lag {
		return 0
	}
	m := mean(x)
	var both, all float64
	for i, f := range x {
		all += (f - m) * (f - m)
		if i < n {
			both += (f - m) * (x[i+lag] - m)
		}
	}
	if all == 0 {
		return 0
	}
	return both / all * math.Sqrt(float64(len(x))/float64(n))
}

// leastScore is the score below which a period is none.
const leastScore = 0.1

// periodScore is the autocorrelation at a period, 0 where a period nearby has a
// greater one.
func periodScore(period int, at func(lag int) float64) float64 {
	r := at(period)
	if r < leastScore {
		return 0
	}
	for d := 1; d <= max(1, min(period/4, 8)); d++ {
		if at(period-d) > r || at(period+d) > r {
			return 0
		}
	}
	return r
}

// maxLagWork bounds the length of a series times the lags that are tried.
const maxLagWork = 1 << 28

// scorer is periodScore of a series; each lag is computed once.
func scorer(x []float64) func(period int) float64 {
	known := map[int]float64{}
	at := func(lag int) float64 {
		r, ok := known[lag]
		if !ok {
			r = autocorrelation(x, lag)
			known[lag] = r
		}
		return r
	}
	return func(period int) float64 { return periodScore(period, at) }
}

// detectPeriods scores all periods between two bounds and keeps the best ones.
func detectPeriods(x []float64, least, most float64, count int) (periods, scores []float64) {
	type period struct{ length, score float64 }
	var found []period
	bound := min(int(max(0, min(most, float64(len(x)))))+1, len(x)/2+1, 2000, maxLagWork/max(1, len(x)))
	score := scorer(x)
	for p := int(max(2, min(least, float64(len(x))))); p < bound; p++ {
		if s := score(p); s > 0 {
			found = append(found, period{float64(p), s})
		}
	}
	slices.SortStableFunc(found, func(a, b period) int { return -compareFloat(a.score, b.score) })
	kept := found[:0]
	for _, f := range found {
		multiple := slices.ContainsFunc(kept, func(k period) bool { return math.Mod(f.length, k.length) == 0 || math.Mod(k.length, f.length) == 0 })
		if !multiple && len(kept) < count {
			kept = append(kept, f)
		}
	}
	periods, scores = make([]float64, count), make([]float64, count)
	for i, f := range kept {
		periods[i], scores[i] = f.length, f.score
	}
	return periods, scores
}

func compareFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func periodsBag(periods, scores []float64) value.Value {
	j := value.JSON{Kind: value.KindBag}
	j.Set("periods", numbers(periods))
	j.Set("scores", numbers(scores))
	return j.Value()
}

func periodsDetect(a []value.Value) value.Value {
	x, ok := finiteSeries(a[0])
	least, _ := number(a[1])
	most, _ := number(a[2])
	if !ok {
		return nothing
	}
	return periodsBag(detectPeriods(x, least, most, int(max(0, min(16, whole(a, 3, 1))))))
}

func periodsValidate(a []value.Value) value.Value {
	x, ok := finiteSeries(a[0])
	if !ok {
		return nothing
	}
	var periods, scores []float64
	score := scorer(x)
	for _, v := range a[1:min(len(a), 17)] {
		p, _ := number(v)
		periods = append(periods, p)
		scores = append(scores, score(int(max(0, min(p, float64(len(x)))))))
	}
	return periodsBag(periods, scores)
}

// model is a series taken apart.
type model struct {
	trend, seasonal, baseline, residual []float64
}

// decomposition says how to take a series apart.
type decomposition struct {
	period    int64 // -1: found in the series; 0: none
	trend     string
	test      int64 // points at the end that are left out of the fit
	threshold float64
}

func decompositionOf(a []value.Value, period, trend, test, threshold int, defaultTrend string) decomposition {
	d := decomposition{period: -1, trend: defaultTrend, threshold: seasonThreshold}
	d.period = whole(a, period, -1)
	if trend < len(a) {
		d.trend = a[trend].String()
	}
	d.test = max(0, whole(a, test, 0))
	if threshold < len(a) {
		if f, ok := number(a[threshold]); ok {
			d.threshold = f
		}
	}
	return d
}

func (d decomposition) apply(x []float64) model {
	fitted := x[:max(1, len(x)-int(min(d.test, int64(len(x)-1))))]
	m := model{trend: trendOf(fitted, len(x), d.trend)}
	detrended := make([]float64, len(x))
	for i := range x {
		detrended[i] = x[i] - m.trend[i]
	}
	m.seasonal = seasonOf(detrended[:len(fitted)], len(x), d.period, d.threshold)
	m.baseline, m.residual = make([]float64, len(x)), make([]float64, len(x))
	for i := range x {
		m.baseline[i] = m.trend[i] + m.seasonal[i]
		m.residual[i] = x[i] - m.baseline[i]
	}
	return m
}

// trendOf continues the trend of the fitted part to n points.
func trendOf(fitted []float64, n int, kind string) []float64 {
	out := make([]float64, n)
	if kind == "none" {
		return out
	}
	var l line
	if kind == "linfit" {
		l = fitLine(fitted)
	} else {
		l.interception = mean(fitted)
	}
	for i := range out {
		out[i] = l.interception + l.slope*float64(i)
	}
	return out
}

// seasonOf is the median of each phase of the period, zeros without one.
func seasonOf(x []float64, n int, period int64, threshold float64) []float64 {
	out := make([]float64, n)
	if period < 0 {
		periods, scores := detectPeriods(x, 2, float64(len(x))/2, 1)
		if scores[0] < threshold {
			return out
		}
		period = int64(periods[0])
	}
	if period <= 1 || period > int64(len(x)) {
		return out
	}
	for phase := range int(period) {
		var values []float64
		for i := phase; i < len(x); i += int(period) {
			values = append(values, x[i])
		}
		m := percentileOf(values, 50)
		for i := phase; i < n; i += int(period) {
			out[i] = m
		}
	}
	return out
}

// percentileOf interpolates between neighbours.
func percentileOf(x []float64, p float64) float64 {
	s := slices.Clone(x)
	slices.Sort(s)
	if len(s) == 0 {
		return math.NaN()
	}
	at := max(0, min(100, p)) / 100 * float64(len(s)-1)
	low := int(at)
	if low+1 >= len(s) {
		return s[len(s)-1]
	}
	return s[low] + (at-float64(low))*(s[low+1]-s[low])
}

func seriesSeasonal(a []value.Value) value.Value {
	x, ok := finiteSeries(a[0])
	if !ok {
		return nothing
	}
	test := max(0, min(whole(a, 2, 0), int64(len(x)-1)))
	return numbers(seasonOf(x[:int64(len(x))-test], len(x), whole(a, 1, -1), seasonThreshold)).Value()
}

// gapless fills gaps along lines, as decompositions need it.
func gapless(v value.Value) ([]float64, bool) {
	return finiteSeries(fillLinear([]value.Value{v}))
}

func (m model) bag() value.Value {
	j := value.JSON{Kind: value.KindBag}
	j.Set("baseline", numbers(m.baseline))
	j.Set("seasonal", numbers(m.seasonal))
	j.Set("trend", numbers(m.trend))
	j.Set("residual", numbers(m.residual))
	return j.Value()
}

func seriesDecompose(a []value.Value) value.Value {
	x, ok := gapless(a[0])
	if !ok {
		return nothing
	}
	return decompositionOf(a, 1, 2, 3, 4, "avg").apply(x).bag()
}

// seriesForecast is series_decompose_forecast(x, points, period, trend, threshold).
func seriesForecast(a []value.Value) value.Value {
	x, ok := gapless(a[0])
	if !ok {
		return nothing
	}
	d := decompositionOf(a, 2, 3, 1, 4, "linfit")
	m := d.apply(x)
	j := value.JSON{Kind: value.KindBag}
	j.Set("forecast", numbers(m.baseline))
	j.Set("baseline", numbers(m.baseline))
	j.Set("seasonal", numbers(m.seasonal))
	j.Set("trend", numbers(m.trend))
	j.Set("residual", numbers(m.residual))
	return j.Value()
}

// seriesAnomalies is series_decompose_anomalies(x, threshold, period, trend,
// test points, method, season threshold).
func seriesAnomalies(a []value.Value) value.Value {
	x, ok := gapless(a[0])
	if !ok {
		return nothing
	}
	threshold := 1.5
	if len(a) > 1 {
		if f, ok := number(a[1]); ok {
			threshold = f
		}
	}
	m := decompositionOf(a, 2, 3, 4, 6, "avg").apply(x)
	low, high := 10.0, 90.0
	if len(a) > 5 && a[5].String() == "tukey" {
		low, high = 25, 75
	}
	test := int(max(0, min(whole(a, 4, 0), int64(len(x)-1))))
	scores := outlierScores(m.residual, low, high, test)
	flags := make([]value.JSON, len(scores))
	for i, s := range scores {
		flags[i] = value.LongJSON(0)
		if math.Abs(s) > threshold {
			flags[i] = value.LongJSON(int64(sign(s)))
		}
	}
	j := value.JSON{Kind: value.KindBag}
	j.Set("ad_flag", value.ArrayOf(flags...))
	j.Set("ad_score", numbers(scores))
	j.Set("baseline", numbers(m.baseline))
	return j.Value()
}

// outlierScores are the distances outside of two percentiles, in units of the
// distance between these.
func outlierScores(x []float64, low, high float64, test int) []float64 {
	fitted := x[:len(x)-test]
	p, q := percentileOf(fitted, low), percentileOf(fitted, high)
	width := q - p
	out := make([]float64, len(x))
	for i, f := range x {
		switch {
		case width <= 0:
		case f > q:
			out[i] = (f - q) / width
		case f < p:
			out[i] = (f - p) / width
		}
	}
	return out
}

// seriesOutliers is series_outliers(x, kind, ignored value, low, high, test).
func seriesOutliers(a []value.Value) value.Value {
	x, ok := finiteSeries(a[0])
	if !ok {
		return nothing
	}
	low, high := 10.0, 90.0
	if len(a) > 1 && a[1].String() == "tukey" {
		low, high = 25, 75
	}
	if len(a) > 3 {
		if f, ok := number(a[3]); ok {
			low = f
		}
	}
	if len(a) > 4 {
		if f, ok := number(a[4]); ok {
			high = f
		}
	}
	test := int(max(0, min(whole(a, 5, 0), int64(len(x)-1))))
	return numbers(outlierScores(x, low, high, test)).Value()
}
