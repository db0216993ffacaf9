package scalar

import (
	"math"
	"strings"

	"github.com/clew-sec/clew/kql/value"
)

// units are the convert_ functions: value, unit, target unit.
var units = map[string]*Function{
	"convert_length":      convertUnit(lengths),
	"convert_mass":        convertUnit(masses),
	"convert_force":       convertUnit(forces),
	"convert_energy":      convertUnit(energies),
	"convert_angle":       convertUnit(angles),
	"convert_volume":      convertUnit(volumes),
	"convert_speed":       fixed(3, value.Real, convertSpeed),
	"convert_temperature": fixed(3, value.Real, convertTemperature),
}

// scale tells how many base units a unit is, by its name in lower case.
type scale map[string]float64

var prefixes = scale{"": 1, "nano": 1e-9, "micro": 1e-6, "milli": 1e-3, "centi": 1e-2, "deci": 0.1, "deca": 10, "hecto": 100, "kilo": 1e3, "mega": 1e6, "giga": 1e9, "tera": 1e12}

// metric is a unit with all prefixes, and others beside it.
func metric(unit string, others scale) scale {
	out := scale{}
	for p, f := range prefixes {
		out[p+unit] = f
	}
	for u, f := range others {
		out[u] = f
	}
	return out
}

var (
	lengths = metric("meter", scale{"angstrom": 1e-10, "astronomicalunit": 149597870700, "fathom": 1.8288, "foot": 0.3048, "hand": 0.1016, "inch": 0.0254,
		"lightyear": 9460730472580800, "microinch": 2.54e-8, "mil": 2.54e-5, "mile": 1609.344, "nauticalmile": 1852, "parsec": 3.0856775814913673e16,
		"kiloparsec": 3.0856775814913673e19, "megaparsec": 3.0856775814913673e22, "kilolightyear": 9460730472580800e3, "shackle": 27.432,
		"solarradius": 6.957e8, "twip": 1.7638888888888888e-5, "usssurveyfoot": 1200.0 / 3937, "ussurveyfoot": 1200.0 / 3937, "yard": 0.9144, "kilofoot": 304.8,
		"kiloyard": 914.4, "chain": 20.1168, "dtppica": 0.004233333333333333, "dtppoint": 0.0003527777777777778, "printerpica": 0.004217517741666667, "printerpoint": 0.00035145980351459806})
	masses = metric("gram", scale{"pound": 453.59237, "ounce": 28.349523125, "stone": 6350.29318, "tonne": 1e6, "kilotonne": 1e9, "megatonne": 1e12,
		"shortton": 907184.74, "longton": 1016046.9088, "grain": 0.06479891, "slug": 14593.903, "kilopound": 453592.37, "megapound": 453592370, "solarmass": 1.98892e33,
		"earthmass": 5.9722e27, "shorthundredweight": 45359.237, "longhundredweight": 50802.34544})
	forces = metric("newton", scale{"dyn": 1e-5, "kilogramforce": 9.80665, "kilopond": 9.80665, "ounceforce": 0.2780138509537812, "poundal": 0.138254954376,
		"poundforce": 4.4482216152605, "kilopoundforce": 4448.2216152605, "tonneforce": 9806.65, "shorttonforce": 8896.443230521})
	energies = metric("joule", scale{"britishthermalunit": 1055.05585262, "calorie": 4.184, "kilocalorie": 4184, "kilobritishthermalunit": 1055055.85262,
		"megabritishthermalunit": 1055055852.62, "electronvolt": 1.602176634e-19, "kiloelectronvolt": 1.602176634e-16, "megaelectronvolt": 1.602176634e-13,
		"erg": 1e-7, "footpound": 1.3558179483314004, "watthour": 3600, "kilowatthour": 3.6e6, "megawatthour": 3.6e9, "gigawatthour": 3.6e12,
		"therm": 1.05506e8, "thermec": 1.05505585262e8, "thermus": 1.054804e8, "horsepowerhour": 2684519.5376961729})
	angles  = scale{"arcminute": math.Pi / 10800, "arcsecond": math.Pi / 648000, "centiradian": 0.01, "deciradian": 0.1, "degree": math.Pi / 180, "gradian": math.Pi / 200, "microdegree": math.Pi / 180e6, "microradian": 1e-6, "millidegree": math.Pi / 180e3, "milliradian": 1e-3, "nanodegree": math.Pi / 180e9, "nanoradian": 1e-9, "natomil": math.Pi / 3200, "radian": 1, "revolution": 2 * math.Pi, "tilt": math.Pi / 2}
	volumes = metric("liter", scale{"cubicmeter": 1e3, "cubiccentimeter": 1e-3, "cubicdecimeter": 1, "cubicmillimeter": 1e-6, "cubickilometer": 1e12,
		"cubicfoot": 28.316846592, "cubicinch": 0.016387064, "cubicyard": 764.554857984, "cubicmile": 4.168181825440579584e12, "usgallon": 3.785411784,
		"imperialgallon": 4.54609, "usounce": 0.0295735295625, "imperialounce": 0.0284130625, "uspint": 0.473176473, "usquart": 0.946352946, "oilbarrel": 158.987294928,
		"imperialpint": 0.56826125, "ustablespoon": 0.01478676478125, "usteaspoon": 0.00492892159375})
	hours = scale{"second": 1, "minute": 60, "hour": 3600}
)

func convertUnit(units scale) *Function {
	return fixed(3, value.Real, func(a []value.Value) value.Value {
		n, ok := number(a[0])
		from, okf := units[strings.ToLower(a[1].String())]
		to, okt := units[strings.ToLower(a[2].String())]
		if !ok || !okf || !okt {
			return value.NullOf(value.Real)
		}
		return value.RealOf(n * from / to)
	})
}

// speedOf reads names such as KilometerPerHour, and knots.
func speedOf(name string) (float64, bool) {
	name = strings.ToLower(name)
	if name == "knot" {
		return 1852.0 / 3600, true
	}
	if name == "mach" {
		return 340.29, true
	}
	distance, time, ok := strings.Cut(name, "per")
	length, okl := lengths[distance]
	duration, okd := hours[time]
	if !ok || !okl || !okd {
		return 0, false
	}
	return length / duration, true
}

func convertSpeed(a []value.Value) value.Value {
	n, ok := number(a[0])
	from, okf := speedOf(a[1].String())
	to, okt := speedOf(a[2].String())
	if !ok || !okf || !okt {
		return value.NullOf(value.Real)
	}
	return value.RealOf(n * from / to)
}

// temperatures turn a unit into kelvin: (value + shift) × factor.
var temperatures = map[string]struct{ shift, factor float64 }{
	"kelvin": {0, 1}, "degreecelsius": {273.15, 1}, "degreefahrenheit": {459.67, 5.0 / 9}, "degreerankine": {0, 5.0 / 9},
	"degreereaumur": {218.52, 1.25}, "degreeroemer": {135.90375, 40.0 / 21}, "degreedelisle": {-559.725, -2.0 / 3}, "degreenewton": {90.1395, 100.0 / 33},
	"millidegreecelsius": {273150, 1e-3},
}

func convertTemperature(a []value.Value) value.Value {
	n, ok := number(a[0])
	from, okf := temperatures[strings.ToLower(a[1].String())]
	to, okt := temperatures[strings.ToLower(a[2].String())]
	if !ok || !okf || !okt {
		return value.NullOf(value.Real)
	}
	return value.RealOf((n+from.shift)*from.factor/to.factor - to.shift)
}
