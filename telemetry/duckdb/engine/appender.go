package engine

/*
#include <stdlib.h>
*/
import "C"

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
	"unsafe"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// Appender adds rows to a table. Its rows become part of the connection's
// transaction when Flush returns, and durable with the commit; without a
// transaction Flush commits.
//
// Cells are written straight into the engine's column vectors. A cell that is
// not set is the empty string in a text column that is never null, else NULL.
type Appender struct {
	app   duck.Appender
	chunk duck.DataChunk
	cols  []cells
	row   int
	arena arena
	err   error
}

// cells is one column of the chunk being filled.
type cells struct {
	data  unsafe.Pointer
	mask  unsafe.Pointer
	size  int  // bytes of a cell
	total bool // never null
}

var chunkRows = int(duck.VectorSize())

// NewAppender appends to the named columns of schema.table; columns that are not
// named get their default. notNull says which of them are text that is never
// null.
func (c *Conn) NewAppender(schema, table string, columns []string, notNull []bool) (*Appender, error) {
	a := &Appender{}
	if duck.AppenderCreateExt(c.conn, "", schema, table, &a.app) == duck.StateError {
		return nil, a.fail()
	}
	for _, name := range columns {
		if duck.AppenderAddColumn(a.app, name) == duck.StateError {
			return nil, a.fail()
		}
	}
	types := make([]duck.LogicalType, len(columns))
	for i := range columns {
		types[i] = duck.AppenderColumnType(a.app, duck.IdxT(i))
		defer duck.DestroyLogicalType(&types[i])
	}
	a.chunk = duck.CreateDataChunk(types)
	a.cols = make([]cells, len(columns))
	for i := range columns {
		if err := a.open(i, physicalOf(types[i]), notNull[i]); err != nil {
			a.Close()
			return nil, fmt.Errorf("column %q: %w", columns[i], err)
		}
	}
	a.clear(chunkRows)
	return a, nil
}

func (a *Appender) fail() error {
	err := newError(strings.TrimSpace(duck.AppenderError(a.app)))
	duck.AppenderDestroy(&a.app)
	return err
}

// cellSizes are the types that can be written.
var cellSizes = map[duck.Type]int{duck.TypeBoolean: 1, duck.TypeInteger: 4, duck.TypeBigInt: 8, duck.TypeDouble: 8, duck.TypeVarchar: cellBytes}

func (a *Appender) open(i int, p physical, total bool) error {
	size, ok := cellSizes[p.id]
	if !ok {
		return fmt.Errorf("appending to %s is not offered", p.name())
	}
	v := duck.DataChunkGetVector(a.chunk, duck.IdxT(i))
	duck.VectorEnsureValidityWritable(v)
	a.cols[i] = cells{data: duck.VectorGetData(v), mask: duck.VectorGetValidity(v), size: size, total: total}
	return nil
}

// clear makes the first n rows of the chunk empty again.
func (a *Appender) clear(n int) {
	for i := range a.cols {
		c := &a.cols[i]
		clear(unsafe.Slice((*byte)(c.data), n*c.size))
		if !c.total {
			clear(unsafe.Slice((*uint64)(c.mask), (n+63)/64))
		}
	}
	a.row = 0
	a.arena.reset()
}

func (c *cells) valid(row int) {
	*(*uint64)(unsafe.Add(c.mask, row/64*8)) |= 1 << (row % 64)
}

// SetString sets a text cell. Bytes that are not UTF-8 become U+FFFD.
func (a *Appender) SetString(col int, s string) {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	c := &a.cols[col]
	cell := unsafe.Add(c.data, a.row*cellBytes)
	*(*uint32)(cell) = uint32(len(s))
	if len(s) <= inlineBytes {
		copy(unsafe.Slice((*byte)(unsafe.Add(cell, 4)), inlineBytes), s)
	} else {
		copy(unsafe.Slice((*byte)(unsafe.Add(cell, 4)), 4), s)
		*(*unsafe.Pointer)(unsafe.Add(cell, 8)) = a.arena.keep(s)
	}
	c.valid(a.row)
}

// SetInt64 sets a cell of BIGINT.
func (a *Appender) SetInt64(col int, n int64) { set(a, col, n) }

// SetInt32 sets a cell of INTEGER.
func (a *Appender) SetInt32(col int, n int32) { set(a, col, n) }

// SetFloat sets a cell of DOUBLE.
func (a *Appender) SetFloat(col int, f float64) { set(a, col, f) }

// SetBool sets a cell of BOOLEAN.
func (a *Appender) SetBool(col int, b bool) { set(a, col, b) }

func set[T any](a *Appender, col int, v T) {
	c := &a.cols[col]
	*(*T)(unsafe.Add(c.data, a.row*int(unsafe.Sizeof(v)))) = v
	c.valid(a.row)
}

// EndRow completes the row.
func (a *Appender) EndRow() error {
	a.row++
	if a.row == chunkRows {
		return a.send()
	}
	return nil
}

func (a *Appender) send() error {
	if a.row == 0 || a.err != nil {
		return a.err
	}
	duck.DataChunkSetSize(a.chunk, duck.IdxT(a.row))
	if duck.AppendDataChunk(a.app, a.chunk) == duck.StateError {
		a.err = newError(duck.AppenderError(a.app))
		return a.err
	}
	a.clear(a.row)
	return nil
}

// Flush hands all rows to the table.
func (a *Appender) Flush() error {
	if err := a.send(); err != nil {
		return err
	}
	if duck.AppenderFlush(a.app) == duck.StateError {
		a.err = newError(duck.AppenderError(a.app))
	}
	return a.err
}

// Close frees the appender; rows that were not flushed are dropped.
func (a *Appender) Close() error {
	if a.app.Ptr == nil {
		return errors.New("the appender is closed already")
	}
	duck.AppenderClear(a.app)
	duck.AppenderDestroy(&a.app)
	duck.DestroyDataChunk(&a.chunk)
	a.arena.free()
	return nil
}

// arena holds the bytes of long strings until the engine has copied the chunk.
// It is C memory, since the engine's vectors must not point into Go's.
type arena struct {
	blocks []block
	at     int // the block in use
	used   int
}

type block struct {
	mem unsafe.Pointer
	len int
}

const blockBytes = 1 << 20

func (r *arena) keep(s string) unsafe.Pointer {
	for r.at < len(r.blocks) && r.used+len(s) > r.blocks[r.at].len {
		r.at, r.used = r.at+1, 0
	}
	if r.at == len(r.blocks) {
		n := max(blockBytes, len(s))
		r.blocks = append(r.blocks, block{C.malloc(C.size_t(n)), n})
	}
	p := unsafe.Add(r.blocks[r.at].mem, r.used)
	copy(unsafe.Slice((*byte)(p), len(s)), s)
	r.used += len(s)
	return p
}

func (r *arena) reset() { r.at, r.used = 0, 0 }

func (r *arena) free() {
	for _, b := range r.blocks {
		C.free(b.mem)
	}
	r.blocks = nil
}
