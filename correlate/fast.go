package correlate

import "math"

// Exponentials and logarithms are most of the work of describing a candidate.
// These read them from tables, closely enough: the model is trained with the same
// ones.

const (
	hour      = 3600
	fallHours = 64 * 24 // beyond that decay is below 1e-9
)

// fallByHour and fallBySecond hold the decay of whole hours and of the rest.
var fallByHour, fallBySecond = func() (h [fallHours]float64, s [hour]float64) {
	for i := range h {
		h[i] = math.Exp(-float64(i) * hour / memory)
	}
	for i := range s {
		s[i] = math.Exp(-float64(i) / memory)
	}
	return h, s
}()

// fall is what remains of 1 after dt seconds, with the time constant memory.
func fall(dt int64) float64 {
	if dt <= 0 {
		return 1
	}
	h := dt / hour
	if h >= fallHours {
		return 0
	}
	return fallByHour[h] * fallBySecond[dt-h*hour]
}

// The tables of surprise and of the logarithm hold one value for each range of
// floating point numbers that share their exponent and their first bits.
const (
	surpriseBits  = 6
	surpriseShift = 52 - surpriseBits
	surpriseLow   = (1023 - 18) << surpriseBits // 2^-18: surprise 12.5
	surpriseHigh  = (1023 + 3) << surpriseBits  // 8: surprise 0.0003
	logBits       = 8
	logShift      = 52 - logBits
)

var surpriseTable = func() (t [surpriseHigh - surpriseLow + 1]float64) {
	for i := range t {
		x := math.Float64frombits(uint64(surpriseLow+i) << surpriseShift)
		t[i] = -math.Log(-math.Expm1(-x))
	}
	return t
}()

var logTable = func() (t [1<<logBits + 1]float64) {
	for i := range t {
		t[i] = math.Log(1 + float64(i)/(1<<logBits))
	}
	return t
}()

// greatest is the surprise that nothing exceeds.
const greatest = 12

// surpriseOf is −ln(1 − e^−x), between 0 and greatest.
func surpriseOf(x float64) float64 {
	bits := math.Float64bits(x)
	at := int(bits >> surpriseShift)
	switch {
	case at < surpriseLow || x <= 0:
		return greatest
	case at >= surpriseHigh:
		return 0
	}
	part := float64(bits&(1<<surpriseShift-1)) / (1 << surpriseShift)
	a, b := surpriseTable[at-surpriseLow], surpriseTable[at-surpriseLow+1]
	return min(greatest, a+part*(b-a))
}

// log1 is ln(1 + x) for x not below 0, at most 30.
func log1(x float64) float32 {
	bits := math.Float64bits(1 + x)
	exponent := int(bits>>52) - 1023
	at := (bits >> logShift) & (1<<logBits - 1)
	part := float64(bits&(1<<logShift-1)) / (1 << logShift)
	return float32(min(30, float64(exponent)*math.Ln2+logTable[at]+part*(logTable[at+1]-logTable[at])))
}
