package clickhouse

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/clew-sec/clew/kql/value"
)

// What a block may announce; a server that goes further is none.
const (
	maxBlockColumns = 10_000
	maxBlockRows    = 100_000_000
	maxTextBytes    = 1 << 30
)

// blocks reads a result in ClickHouse's native format.
type blocks struct {
	ctx     context.Context
	body    io.Closer
	r       *bufio.Reader
	columns []column
	rows    int
}

// column is one column of the current block.
type column struct {
	name   string
	kind   kind
	nulls  []byte
	fixed  []byte // cells of fixed size
	texts  []string
	as     value.Type
	reader func(c *column, row int) value.Value
}

// kind is the type of a column, as far as it is read.
type kind struct {
	name     string // without Nullable
	full     string
	nullable bool
	size     int // bytes of a cell, 0 for text
	scale    int // of a decimal
}

func (b *blocks) close() error { return b.body.Close() }

// next reads a block with rows. It reports false at the end.
func (b *blocks) next() (bool, error) {
	for {
		if _, err := b.r.Peek(1); errors.Is(err, io.EOF) {
			return false, nil
		}
		if err := b.read(); err != nil {
			if cause := context.Cause(b.ctx); cause != nil {
				return false, cause
			}
			return false, fmt.Errorf("reading ClickHouse's answer: %w", err)
		}
		if b.rows > 0 {
			return true, nil
		}
	}
}

func (b *blocks) read() error {
	columns, err := b.count(maxBlockColumns)
	if err != nil {
		return err
	}
	if b.rows, err = b.count(maxBlockRows); err != nil {
		return err
	}
	if len(b.columns) != columns {
		b.columns = make([]column, columns)
	}
	for i := range b.columns {
		if err := b.column(&b.columns[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *blocks) count(limit uint64) (int, error) {
	n, err := binary.ReadUvarint(b.r)
	if err == nil && n > limit {
		err = fmt.Errorf("a count of %d", n)
	}
	return int(n), whole(err)
}

// whole says that an end within a block is no end.
func whole(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (b *blocks) text() (string, error) {
	n, err := b.count(maxTextBytes)
	if err != nil || n == 0 {
		return "", err
	}
	p := make([]byte, n)
	_, err = io.ReadFull(b.r, p)
	return string(p), whole(err)
}

func (b *blocks) column(c *column) error {
	name, err := b.text()
	if err != nil {
		return err
	}
	typ, err := b.text()
	if err != nil {
		return err
	}
	if c.name != name || c.kind.full != typ {
		k, err := kindOf(typ)
		if err != nil {
			return fmt.Errorf("column %q: %w", name, err)
		}
		*c = column{name: name, kind: k, as: k.natural()}
		c.reader = c.kind.reader(c.as)
	}
	if c.kind.nullable {
		if c.nulls, err = b.bytes(c.nulls, b.rows); err != nil {
			return err
		}
	}
	if c.kind.size > 0 {
		c.fixed, err = b.bytes(c.fixed, b.rows*c.kind.size)
		return err
	}
	c.texts = c.texts[:0]
	for range b.rows {
		s, err := b.text()
		if err != nil {
			return err
		}
		c.texts = append(c.texts, s)
	}
	return nil
}

func (b *blocks) bytes(into []byte, n int) ([]byte, error) {
	if cap(into) < n {
		into = make([]byte, n)
	}
	into = into[:n]
	_, err := io.ReadFull(b.r, into)
	return into, whole(err)
}

// sizes are the bytes of the types of fixed size.
var sizes = map[string]int{
	"Bool": 1, "UInt8": 1, "Int8": 1, "UInt16": 2, "Int16": 2, "UInt32": 4, "Int32": 4, "UInt64": 8, "Int64": 8,
	"UInt128": 16, "Int128": 16, "UInt256": 32, "Int256": 32, "Float32": 4, "Float64": 8, "Nothing": 1,
}

func kindOf(typ string) (kind, error) {
	k := kind{full: typ, name: typ}
	if inner, ok := strings.CutPrefix(k.name, "Nullable("); ok {
		k.nullable, k.name = true, strings.TrimSuffix(inner, ")")
	}
	if k.name == "String" {
		return k, nil
	}
	if size, ok := sizes[k.name]; ok {
		k.size = size
		return k, nil
	}
	if inner, ok := strings.CutPrefix(k.name, "Decimal("); ok {
		return k.decimal(inner)
	}
	return k, fmt.Errorf("the type %s is not read", typ)
}

func (k kind) decimal(inner string) (kind, error) {
	p, s, _ := strings.Cut(strings.TrimSuffix(inner, ")"), ",")
	precision, bad := strconv.Atoi(strings.TrimSpace(p))
	scale, worse := strconv.Atoi(strings.TrimSpace(s))
	if bad != nil || worse != nil {
		return k, fmt.Errorf("the type %s is not read", k.full)
	}
	k.name, k.scale = "Decimal", scale
	switch {
	case precision <= 9:
		k.size = 4
	case precision <= 18:
		k.size = 8
	case precision <= 38:
		k.size = 16
	default:
		k.size = 32
	}
	return k, nil
}

func (k kind) natural() value.Type {
	switch k.name {
	case "Bool":
		return value.Bool
	case "String":
		return value.String
	case "Float32", "Float64":
		return value.Real
	case "Decimal":
		return value.Decimal
	case "UInt8", "Int8", "UInt16", "Int16", "Int32":
		return value.Int
	}
	return value.Long
}

// reader is how cells become values of the type, nil when they can't.
func (k kind) reader(t value.Type) func(*column, int) value.Value {
	switch k.name {
	case "Nothing":
		return func(c *column, _ int) value.Value { return value.NullOf(c.as) }
	case "String":
		return textReader(t)
	case "Float32", "Float64":
		return floatReader(t)
	case "Decimal":
		return decimalReader(t)
	}
	return wholeReader(t)
}

func textReader(t value.Type) func(*column, int) value.Value {
	switch t {
	case value.String, value.Guid, value.Dynamic, value.Decimal:
		return func(c *column, i int) value.Value { return value.Value{Type: c.as, Text: c.texts[i]} }
	}
	return nil
}

func wholeReader(t value.Type) func(*column, int) value.Value {
	switch t {
	case value.Bool:
		return func(c *column, i int) value.Value { return value.BoolOf(c.whole(i) != 0) }
	case value.Int, value.Long, value.DateTime, value.TimeSpan:
		return func(c *column, i int) value.Value { return value.Value{Type: c.as, Num: c.whole(i)} }
	case value.Real:
		return func(c *column, i int) value.Value { return value.RealOf(float64(c.whole(i))) }
	case value.Decimal:
		return func(c *column, i int) value.Value { return value.Value{Type: value.Decimal, Text: c.big(i).String()} }
	}
	return nil
}

func floatReader(t value.Type) func(*column, int) value.Value {
	switch t {
	case value.Real:
		return func(c *column, i int) value.Value { return value.RealOf(c.float(i)) }
	case value.Decimal:
		return func(c *column, i int) value.Value {
			return value.Value{Type: value.Decimal, Text: strconv.FormatFloat(c.float(i), 'g', -1, 64)}
		}
	case value.Int, value.Long, value.DateTime, value.TimeSpan:
		return func(c *column, i int) value.Value { return value.Value{Type: c.as, Num: int64(c.float(i))} }
	}
	return nil
}

func decimalReader(t value.Type) func(*column, int) value.Value {
	digits := func(c *column, i int) string { return pointed(c.big(i).String(), c.kind.scale) }
	switch t {
	case value.Decimal:
		return func(c *column, i int) value.Value { return value.Value{Type: value.Decimal, Text: digits(c, i)} }
	case value.Real:
		return func(c *column, i int) value.Value {
			f, _ := strconv.ParseFloat(digits(c, i), 64)
			return value.RealOf(f)
		}
	}
	return nil
}

func (c *column) null(i int) bool {
	return c.kind.name == "Nothing" || c.kind.nullable && c.nulls[i] != 0
}

// value reads a cell.
func (c *column) value(i int) (value.Value, error) {
	if c.null(i) {
		return value.NullOf(c.as), nil
	}
	if c.reader == nil {
		return value.Value{}, fmt.Errorf("column %q is stored as %s and can't be read as %s", c.name, c.kind.full, c.as)
	}
	return c.reader(c, i), nil
}

// whole is an integer; wider ones are cut to their lower 64 bits, as integers of
// the language wrap.
func (c *column) whole(i int) int64 {
	p := c.fixed[i*c.kind.size:]
	switch c.kind.name {
	case "Bool", "UInt8":
		return int64(p[0])
	case "Int8":
		return int64(int8(p[0]))
	case "UInt16":
		return int64(binary.LittleEndian.Uint16(p))
	case "Int16":
		return int64(int16(binary.LittleEndian.Uint16(p)))
	case "UInt32":
		return int64(binary.LittleEndian.Uint32(p))
	case "Int32":
		return int64(int32(binary.LittleEndian.Uint32(p)))
	}
	return int64(binary.LittleEndian.Uint64(p))
}

func (c *column) float(i int) float64 {
	if c.kind.size == 4 {
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(c.fixed[i*4:])))
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(c.fixed[i*8:]))
}

// big is an integer of any size, two's complement, lowest byte first.
func (c *column) big(i int) *big.Int {
	size := c.kind.size
	p := c.fixed[i*size : (i+1)*size]
	reversed := make([]byte, size)
	for j, b := range p {
		reversed[size-1-j] = b
	}
	n := new(big.Int).SetBytes(reversed)
	if p[size-1]&0x80 != 0 && !strings.HasPrefix(c.kind.name, "U") && c.kind.name != "Bool" {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(size*8)))
	}
	return n
}

// pointed puts the decimal point into the digits and drops the zeros behind it.
func pointed(digits string, scale int) string {
	if scale == 0 {
		return digits
	}
	digits, negative := strings.CutPrefix(digits, "-")
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	out := digits[:len(digits)-scale]
	if part := strings.TrimRight(digits[len(digits)-scale:], "0"); part != "" {
		out += "." + part
	}
	if negative {
		return "-" + out
	}
	return out
}
