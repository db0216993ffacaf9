package value

// Ticks per unit of time. The language counts time in ticks of 100 ns.
const (
	Tick        int64 = 1
	Microsecond       = 10 * Tick
	Millisecond       = 1000 * Microsecond
	Second            = 1000 * Millisecond
	Minute            = 60 * Second
	Hour              = 60 * Minute
	Day               = 24 * Hour

	// UnixEpoch is 1970-01-01T00:00:00Z as a datetime.
	UnixEpoch int64 = 621_355_968_000_000_000
	// MaxDateTime is 9999-12-31T23:59:59.9999999Z.
	MaxDateTime int64 = 3_155_378_975_999_999_999
)

// Value is one scalar. Which field holds it depends on the type:
//
//	Bool               Num is 0 or 1
//	Int, Long          Num
//	DateTime, TimeSpan Num, in ticks
//	Real               Float
//	String, Guid       Text (a Guid in lower case with hyphens)
//	Decimal            Text, plain decimal digits with an optional exponent
//	Dynamic            Text, JSON
//
// A Null value has its type and no other field. A String is never null. The
// zero Value is a null of unknown type.
type Value struct {
	Type  Type
	Null  bool
	Num   int64
	Float float64
	Text  string
}

// NullOf is the null of a type; for a string the empty string, since strings
// have no null.
func NullOf(t Type) Value { return Value{Type: t, Null: t != String} }

// BoolOf returns a bool.
func BoolOf(b bool) Value {
	if b {
		return Value{Type: Bool, Num: 1}
	}
	return Value{Type: Bool}
}

// LongOf returns a long.
func LongOf(n int64) Value { return Value{Type: Long, Num: n} }

// IntOf returns an int.
func IntOf(n int32) Value { return Value{Type: Int, Num: int64(n)} }

// RealOf returns a real.
func RealOf(f float64) Value { return Value{Type: Real, Float: f} }

// StringOf returns a string.
func StringOf(s string) Value { return Value{Type: String, Text: s} }

// DateTimeOf returns a datetime of ticks since 0001-01-01.
func DateTimeOf(ticks int64) Value { return Value{Type: DateTime, Num: ticks} }

// TimeSpanOf returns a timespan of ticks.
func TimeSpanOf(ticks int64) Value { return Value{Type: TimeSpan, Num: ticks} }

// JSONOf returns a dynamic value of JSON text, which the caller has checked.
func JSONOf(json string) Value { return Value{Type: Dynamic, Text: json} }
