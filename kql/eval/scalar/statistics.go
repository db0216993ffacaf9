package scalar

import (
	"math"

	"github.com/clew-sec/clew/kql/value"
)

// betaCDF is the regularised incomplete beta function I_x(a, b), by its
// continued fraction.
func betaCDF(x, a, b float64) float64 {
	switch {
	case !(x >= 0 && x <= 1) || a <= 0 || b <= 0:
		return math.NaN()
	case x == 0 || x == 1:
		return x
	}
	front := math.Exp(logGamma(a+b) - logGamma(a) - logGamma(b) + a*math.Log(x) + b*math.Log1p(-x))
	if x < (a+1)/(a+b+2) {
		return front * betaFraction(x, a, b) / a
	}
	return 1 - front*betaFraction(1-x, b, a)/b
}

// betaFraction evaluates the continued fraction after Lentz.
func betaFraction(x, a, b float64) float64 {
	const tiny = 1e-300
	guard := func(f float64) float64 {
		if math.Abs(f) < tiny {
			return tiny
		}
		return f
	}
	c, d := 1.0, 1/guard(1-(a+b)*x/(a+1))
	h := d
	for m := 1.0; m <= 300; m++ {
		even := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d = 1 / guard(1+even*d)
		c = guard(1 + even/c)
		h *= d * c
		odd := -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d = 1 / guard(1+odd*d)
		c = guard(1 + odd/c)
		step := d * c
		h *= step
		if math.Abs(step-1) < 1e-15 {
			break
		}
	}
	return h
}

// betaInverse finds x with I_x(a, b) = p by bisection.
func betaInverse(p, a, b float64) float64 {
	if !(p >= 0 && p <= 1) || a <= 0 || b <= 0 {
		return math.NaN()
	}
	low, high := 0.0, 1.0
	for range 200 {
		mid := (low + high) / 2
		if betaCDF(mid, a, b) < p {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}

func betaDensity(x, a, b float64) float64 {
	if x < 0 || x > 1 || a <= 0 || b <= 0 {
		return math.NaN()
	}
	return math.Exp(logGamma(a+b) - logGamma(a) - logGamma(b) + (a-1)*math.Log(x) + (b-1)*math.Log1p(-x))
}

// welch is the p value of Welch's t test: mean, variance, count of both samples.
func welch(a []value.Value) value.Value {
	var x [6]float64
	for i := range x {
		var ok bool
		if x[i], ok = number(a[i]); !ok {
			return value.NullOf(value.Real)
		}
	}
	return value.RealOf(welchTest(sample{x[0], x[1], x[2]}, sample{x[3], x[4], x[5]}))
}

type sample struct{ mean, variance, count float64 }

// welchTest is two-sided: Student's t by the incomplete beta function.
func welchTest(a, b sample) float64 {
	u, v := a.variance/a.count, b.variance/b.count
	t := (a.mean - b.mean) / math.Sqrt(u+v)
	df := (u + v) * (u + v) / (u*u/(a.count-1) + v*v/(b.count-1))
	if math.IsNaN(t) || math.IsNaN(df) {
		return math.NaN()
	}
	return betaCDF(df/(df+t*t), df/2, 0.5)
}

// betaInverseOf is null of what is no probability.
func betaInverseOf(a []value.Value) value.Value {
	if p, ok := number(a[0]); !ok || p < 0 || p > 1 {
		return value.NullOf(value.Real)
	}
	return real3(a, betaInverse)
}
