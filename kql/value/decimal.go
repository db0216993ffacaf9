package value

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// precision is the number of digits that a decimal keeps.
const precision = 34

// maxScale bounds exponents, so that no text makes a number of a million digits.
const maxScale = 400

// decimal is coef × 10^-scale. The coefficient has at most 34 digits.
type decimal struct {
	coef  *big.Int
	scale int
}

var (
	bigTen  = big.NewInt(10)
	bigZero = big.NewInt(0)
)

func pow10(n int) *big.Int { return new(big.Int).Exp(bigTen, big.NewInt(int64(n)), nil) }

// round cuts to 34 digits, half away from zero.
func (d decimal) round() decimal {
	digits := len(new(big.Int).Abs(d.coef).String())
	if digits <= precision {
		return d
	}
	return decimal{quoRound(d.coef, pow10(digits-precision)), d.scale - (digits - precision)}
}

// quoRound divides by q > 0 and rounds half away from zero.
func quoRound(n, q *big.Int) *big.Int {
	half := new(big.Int).Rsh(q, 1)
	if n.Sign() < 0 {
		half.Neg(half)
	}
	return new(big.Int).Quo(half.Add(half, n), q)
}

// readDecimal reads digits with an optional point and exponent.
func readDecimal(s string) (decimal, bool) {
	s = strings.TrimSpace(s)
	mantissa, exp := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		n, err := strconv.Atoi(s[i+1:])
		if err != nil || n > maxScale || n < -maxScale {
			return decimal{}, false
		}
		mantissa, exp = s[:i], n
	}
	whole, frac, _ := strings.Cut(mantissa, ".")
	digits := whole + frac
	if strings.Trim(digits, "+-") == "" || strings.Contains(digits, "_") || len(digits) > maxScale || strings.ContainsAny(frac, "+-") {
		return decimal{}, false
	}
	coef, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return decimal{}, false
	}
	return decimal{coef, len(frac) - exp}.round(), true
}

func (v Value) decimal() (decimal, bool) {
	switch v.Type {
	case Decimal:
		return readDecimal(v.Text)
	case Int, Long, Bool:
		return decimal{big.NewInt(v.Num), 0}, true
	case Real:
		if math.IsNaN(v.Float) || math.IsInf(v.Float, 0) {
			return decimal{}, false
		}
		return readDecimal(strconv.FormatFloat(v.Float, 'g', -1, 64))
	}
	return decimal{}, false
}

// String is plain digits without zeros at the end of the fraction.
func (d decimal) String() string {
	if d.coef.Sign() == 0 {
		return "0"
	}
	text := new(big.Int).Abs(d.coef).String()
	switch {
	case d.scale <= 0 && d.scale > -maxScale:
		text += strings.Repeat("0", -d.scale)
	case d.scale > maxScale || d.scale < 0:
		text += "E" + strconv.Itoa(-d.scale)
	default:
		if pad := d.scale + 1 - len(text); pad > 0 {
			text = strings.Repeat("0", pad) + text
		}
		point := len(text) - d.scale
		text = strings.TrimRight(strings.TrimRight(text[:point]+"."+text[point:], "0"), ".")
	}
	if d.coef.Sign() < 0 {
		return "-" + text
	}
	return text
}

func (d decimal) value() Value {
	if d.scale > maxScale {
		return Value{Type: Decimal, Text: "0"}
	}
	if d.scale < -maxScale {
		return NullOf(Decimal)
	}
	return Value{Type: Decimal, Text: d.String()}
}

func decimalText(s string) string {
	if d, ok := readDecimal(s); ok {
		return d.String()
	}
	return s
}

// ParseDecimal reads a decimal number.
func ParseDecimal(s string) Value {
	d, ok := readDecimal(s)
	if !ok {
		return NullOf(Decimal)
	}
	return d.value()
}

// align brings two decimals to one scale.
func align(a, b decimal) (x, y *big.Int, scale int) {
	x, y, scale = a.coef, b.coef, max(a.scale, b.scale)
	if a.scale < scale {
		x = new(big.Int).Mul(x, pow10(scale-a.scale))
	}
	if b.scale < scale {
		y = new(big.Int).Mul(y, pow10(scale-b.scale))
	}
	return x, y, scale
}

func (d decimal) cmp(e decimal) int {
	x, y, _ := align(d, e)
	return x.Cmp(y)
}

// DecimalArithmetic computes + - * / or % of two numbers as decimals. Division
// by zero is null.
func DecimalArithmetic(op byte, a, b Value) Value {
	x, okx := a.decimal()
	y, oky := b.decimal()
	if a.Null || b.Null || !okx || !oky {
		return NullOf(Decimal)
	}
	switch op {
	case '+', '-':
		m, n, scale := align(x, y)
		if op == '-' {
			n = new(big.Int).Neg(n)
		}
		return decimal{new(big.Int).Add(m, n), scale}.round().value()
	case '*':
		return decimal{new(big.Int).Mul(x.coef, y.coef), x.scale + y.scale}.round().value()
	}
	if y.coef.Cmp(bigZero) == 0 {
		return NullOf(Decimal)
	}
	if op == '%' {
		m, n, scale := align(x, y)
		return decimal{new(big.Int).Mod(m, n), scale}.round().value()
	}
	return divide(x, y).round().value()
}

func divide(x, y decimal) decimal {
	shift := precision + 4 + len(y.coef.String())
	n := new(big.Int).Mul(x.coef, pow10(shift))
	q := new(big.Int).Abs(y.coef)
	if y.coef.Sign() < 0 {
		n.Neg(n)
	}
	return decimal{quoRound(n, q), x.scale - y.scale + shift}
}

// float is the nearest real.
func (d decimal) float() float64 {
	f, _ := strconv.ParseFloat(d.String(), 64)
	return f
}

// truncate cuts the fraction off; ok is false beyond 64 bits.
func (d decimal) truncate() (int64, bool) {
	n := d.coef
	if d.scale > 0 {
		n = new(big.Int).Quo(n, pow10(d.scale))
	} else if d.scale < 0 {
		n = new(big.Int).Mul(n, pow10(-d.scale))
	}
	return n.Int64(), n.IsInt64()
}
