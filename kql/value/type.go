// Package value holds the scalar types of the Kusto Query Language and their
// values, as every part of the language shares them: the checker folds
// constants of them, the SQL printers write them, the evaluator computes with
// them, and results are made of them.
//
// Source of the types: "Scalar data types" of the KQL reference.
package value

import "strings"

// Type is a scalar type of the language. The zero Type is Unknown: the type of
// an expression that could not be bound.
type Type uint8

// The scalar types.
const (
	Unknown  Type = iota
	Bool          // true, false, null
	Int           // 32 bits, signed
	Long          // 64 bits, signed; arithmetic wraps
	Real          // IEEE 754 binary64
	Decimal       // 128-bit decimal, 34 digits
	DateTime      // ticks of 100 ns since 0001-01-01T00:00:00Z, to 9999-12-31
	TimeSpan      // ticks of 100 ns, signed
	Guid          // 128 bits, written in lower case with hyphens
	String        // UTF-8; never null, at worst empty
	Dynamic       // any JSON value, and null
)

var typeNames = [...]string{"unknown", "bool", "int", "long", "real", "decimal", "datetime", "timespan", "guid", "string", "dynamic"}

// typeAliases are the other names that declarations may use.
var typeAliases = map[string]Type{
	"bool": Bool, "boolean": Bool, "int": Int, "int32": Int, "uint": Int, "uint32": Int, "long": Long, "int64": Long, "ulong": Long,
	"uint64": Long, "real": Real, "double": Real, "float": Real, "decimal": Decimal, "datetime": DateTime, "date": DateTime,
	"timespan": TimeSpan, "time": TimeSpan, "guid": Guid, "uuid": Guid, "uniqueid": Guid, "string": String, "dynamic": Dynamic,
}

// String returns the standard name, as result schemas print it.
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return typeNames[Unknown]
}

// ParseType finds the type of a name or alias, without regard to case.
func ParseType(name string) (Type, bool) {
	t, ok := typeAliases[strings.ToLower(name)]
	return t, ok
}

// Numeric tells whether arithmetic mixes t with other numbers.
func (t Type) Numeric() bool { return t >= Int && t <= Decimal }

// Integral tells whether t is a whole number.
func (t Type) Integral() bool { return t == Int || t == Long }

// Nullable tells whether t has a null: all types do but string.
func (t Type) Nullable() bool { return t != String }
