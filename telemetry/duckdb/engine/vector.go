package engine

import (
	"math/big"
	"strconv"
	"unsafe"

	duck "github.com/duckdb/duckdb-go-bindings"

	"github.com/clew-sec/clew/kql/value"
)

// physical is how a column is stored.
type physical struct {
	id    duck.Type
	scale uint8     // of a decimal
	inner duck.Type // of a decimal
}

func physicalOf(t duck.LogicalType) physical {
	p := physical{id: duck.GetTypeId(t)}
	if p.id == duck.TypeDecimal {
		p.scale, p.inner = duck.DecimalScale(t), duck.DecimalInternalType(t)
	}
	return p
}

// names are for messages; what is not here is written as its number.
var names = map[duck.Type]string{
	duck.TypeBoolean: "BOOLEAN", duck.TypeTinyInt: "TINYINT", duck.TypeSmallInt: "SMALLINT", duck.TypeInteger: "INTEGER", duck.TypeBigInt: "BIGINT",
	duck.TypeUTinyInt: "UTINYINT", duck.TypeUSmallInt: "USMALLINT", duck.TypeUInteger: "UINTEGER", duck.TypeUBigInt: "UBIGINT",
	duck.TypeHugeInt: "HUGEINT", duck.TypeFloat: "FLOAT", duck.TypeDouble: "DOUBLE", duck.TypeDecimal: "DECIMAL", duck.TypeVarchar: "VARCHAR",
	duck.TypeBlob: "BLOB", duck.TypeTimestamp: "TIMESTAMP", duck.TypeDate: "DATE", duck.TypeList: "LIST", duck.TypeStruct: "STRUCT",
	duck.TypeMap: "MAP", duck.TypeInterval: "INTERVAL", duck.TypeUUID: "UUID", duck.TypeTimestampTZ: "TIMESTAMPTZ",
}

func (p physical) name() string {
	if n, ok := names[p.id]; ok {
		return n
	}
	return "type " + strconv.Itoa(int(p.id))
}

// natural is the type of the language that fits best.
func (p physical) natural() value.Type {
	switch p.id {
	case duck.TypeBoolean:
		return value.Bool
	case duck.TypeTinyInt, duck.TypeSmallInt, duck.TypeInteger, duck.TypeUTinyInt, duck.TypeUSmallInt:
		return value.Int
	case duck.TypeUInteger, duck.TypeBigInt, duck.TypeUBigInt, duck.TypeHugeInt, duck.TypeSQLNull:
		return value.Long
	case duck.TypeFloat, duck.TypeDouble:
		return value.Real
	case duck.TypeDecimal:
		return value.Decimal
	case duck.TypeVarchar:
		return value.String
	}
	return value.Unknown
}

// reader is how cells of this storage become values of the type, nil when they
// can't.
func (p physical) reader(t value.Type) func(*vector, int) value.Value {
	switch {
	case p.id == duck.TypeSQLNull:
		return func(v *vector, _ int) value.Value { return value.NullOf(v.as) }
	case p.id == duck.TypeVarchar:
		return textReader(t)
	case p.id == duck.TypeDecimal || p.id == duck.TypeHugeInt:
		return p.wideReader(t)
	case p.id == duck.TypeDouble || p.id == duck.TypeFloat:
		return floatReader(t)
	case p.id == duck.TypeBoolean || p.integer():
		return wholeReader(t)
	}
	return nil
}

func (p physical) integer() bool {
	switch p.id {
	case duck.TypeTinyInt, duck.TypeSmallInt, duck.TypeInteger, duck.TypeBigInt, duck.TypeUTinyInt, duck.TypeUSmallInt, duck.TypeUInteger, duck.TypeUBigInt:
		return true
	}
	return false
}

func textReader(t value.Type) func(*vector, int) value.Value {
	switch t {
	case value.String, value.Guid, value.Dynamic, value.Decimal:
		return func(v *vector, i int) value.Value { return value.Value{Type: v.as, Text: v.text(i)} }
	}
	return nil
}

func wholeReader(t value.Type) func(*vector, int) value.Value {
	switch t {
	case value.Bool:
		return func(v *vector, i int) value.Value { return value.BoolOf(v.whole(i) != 0) }
	case value.Int, value.Long, value.DateTime, value.TimeSpan:
		return func(v *vector, i int) value.Value { return value.Value{Type: v.as, Num: v.whole(i)} }
	case value.Real:
		return func(v *vector, i int) value.Value { return value.RealOf(float64(v.whole(i))) }
	case value.Decimal:
		return func(v *vector, i int) value.Value {
			return value.Value{Type: value.Decimal, Text: strconv.FormatInt(v.whole(i), 10)}
		}
	}
	return nil
}

func floatReader(t value.Type) func(*vector, int) value.Value {
	switch t {
	case value.Real:
		return func(v *vector, i int) value.Value { return value.RealOf(v.float(i)) }
	case value.Decimal:
		return func(v *vector, i int) value.Value {
			return value.Value{Type: value.Decimal, Text: strconv.FormatFloat(v.float(i), 'g', -1, 64)}
		}
	case value.Int, value.Long, value.DateTime, value.TimeSpan:
		return func(v *vector, i int) value.Value { return value.Value{Type: v.as, Num: int64(v.float(i))} }
	}
	return nil
}

// wideReader reads decimals and 128-bit integers. Whole numbers of the language
// wrap at 64 bits.
func (p physical) wideReader(t value.Type) func(*vector, int) value.Value {
	switch t {
	case value.Decimal:
		return func(v *vector, i int) value.Value { return value.Value{Type: value.Decimal, Text: v.decimal(i)} }
	case value.Real:
		return func(v *vector, i int) value.Value {
			f, _ := strconv.ParseFloat(v.decimal(i), 64)
			return value.RealOf(f)
		}
	case value.Int, value.Long, value.DateTime, value.TimeSpan:
		if p.id == duck.TypeHugeInt {
			return func(v *vector, i int) value.Value { return value.Value{Type: v.as, Num: int64(v.wide(i)[0])} }
		}
	}
	return nil
}

// vector is one column of a chunk, open for reading.
type vector struct {
	data unsafe.Pointer
	mask unsafe.Pointer // one bit a row, nil when all are valid
	p    physical
	as   value.Type
	read func(*vector, int) value.Value
}

func openVector(v duck.Vector, p physical, as value.Type) vector {
	return vector{data: duck.VectorGetData(v), mask: duck.VectorGetValidity(v), p: p, as: as, read: p.reader(as)}
}

func (v *vector) value(i int) value.Value {
	if v.read == nil || v.null(i) {
		return value.NullOf(v.as)
	}
	return v.read(v, i)
}

func (v *vector) null(i int) bool {
	if v.mask == nil {
		return false
	}
	return *(*uint64)(unsafe.Add(v.mask, i/64*8))&(1<<(i%64)) == 0
}

func at[T any](v *vector, i int) T {
	var zero T
	return *(*T)(unsafe.Add(v.data, i*int(unsafe.Sizeof(zero))))
}

func (v *vector) whole(i int) int64 {
	switch v.p.id {
	case duck.TypeBigInt:
		return at[int64](v, i)
	case duck.TypeInteger:
		return int64(at[int32](v, i))
	case duck.TypeBoolean, duck.TypeUTinyInt:
		return int64(at[uint8](v, i))
	case duck.TypeTinyInt:
		return int64(at[int8](v, i))
	case duck.TypeSmallInt:
		return int64(at[int16](v, i))
	case duck.TypeUSmallInt:
		return int64(at[uint16](v, i))
	case duck.TypeUInteger:
		return int64(at[uint32](v, i))
	}
	return int64(at[uint64](v, i))
}

func (v *vector) float(i int) float64 {
	if v.p.id == duck.TypeFloat {
		return float64(at[float32](v, i))
	}
	return at[float64](v, i)
}

// cell is how the engine lays out a string: up to inlineBytes of it in place,
// else a pointer behind the first four bytes.
const (
	cellBytes   = 16
	inlineBytes = 12
)

// borrow is the bytes of a string, valid as long as the chunk is.
func (v *vector) borrow(i int) []byte {
	cell := unsafe.Add(v.data, i*cellBytes)
	n := int(*(*uint32)(cell))
	if n <= inlineBytes {
		return unsafe.Slice((*byte)(unsafe.Add(cell, 4)), n)
	}
	return unsafe.Slice(*(**byte)(unsafe.Add(cell, 8)), n)
}

func (v *vector) text(i int) string { return string(v.borrow(i)) }

// wide is a 128-bit integer, lower half first.
func (v *vector) wide(i int) [2]uint64 { return at[[2]uint64](v, i) }

func (v *vector) decimal(i int) string {
	n := new(big.Int)
	switch v.inner() {
	case duck.TypeSmallInt:
		n.SetInt64(int64(at[int16](v, i)))
	case duck.TypeInteger:
		n.SetInt64(int64(at[int32](v, i)))
	case duck.TypeBigInt:
		n.SetInt64(at[int64](v, i))
	default:
		w := v.wide(i)
		n.SetInt64(int64(w[1]))
		n.Lsh(n, 64).Add(n, new(big.Int).SetUint64(w[0]))
	}
	return pointed(n.String(), int(v.p.scale))
}

func (v *vector) inner() duck.Type {
	if v.p.id == duck.TypeHugeInt {
		return duck.TypeHugeInt
	}
	return v.p.inner
}

// pointed puts the decimal point into the digits and drops the zeros behind it.
func pointed(digits string, scale int) string {
	if scale == 0 {
		return digits
	}
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	for len(digits) <= scale {
		digits = "0" + digits
	}
	whole, part := digits[:len(digits)-scale], digits[len(digits)-scale:]
	for len(part) > 0 && part[len(part)-1] == '0' {
		part = part[:len(part)-1]
	}
	if part == "" {
		return sign + whole
	}
	return sign + whole + "." + part
}
