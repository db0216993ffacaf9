package engine

import (
	"context"
	"errors"
	"fmt"

	duck "github.com/duckdb/duckdb-go-bindings"

	"github.com/clew-sec/clew/kql/value"
)

// Column is one column of a result: its name and the type in which its cells
// come, unless As asks for another one.
type Column struct {
	Name string
	Type value.Type
}

// Rows is a result that is read while the engine makes it.
type Rows struct {
	conn    *Conn
	ctx     context.Context
	stop    func()
	stmt    duck.PreparedStatement
	res     duck.Result
	columns []Column
	physics []physical
	chunk   duck.DataChunk
	vectors []vector
	n, next int
}

func (r *Rows) describe() {
	n := int(duck.ColumnCount(&r.res))
	r.columns, r.physics, r.vectors = make([]Column, n), make([]physical, n), make([]vector, n)
	for i := range n {
		t := duck.ColumnLogicalType(&r.res, duck.IdxT(i))
		r.physics[i] = physicalOf(t)
		duck.DestroyLogicalType(&t)
		r.columns[i] = Column{Name: duck.ColumnName(&r.res, duck.IdxT(i)), Type: r.physics[i].natural()}
	}
}

// Columns are the columns of the result.
func (r *Rows) Columns() []Column { return r.columns }

// As sets the types of the language in which the cells are to come. Cells whose
// storage can't be read so are an error of Next, unless they are null: an engine
// gives a NULL of nothing any type.
func (r *Rows) As(types []value.Type) error {
	if len(types) != len(r.columns) {
		return fmt.Errorf("the result has %d columns, expected were %d", len(r.columns), len(types))
	}
	for i, t := range types {
		r.columns[i].Type = t
	}
	return nil
}

// Next reads the next row into dst, which has a place for each column. It
// reports false at the end of the result and on an error.
func (r *Rows) Next(dst []value.Value) (bool, error) {
	for r.next >= r.n {
		if ok, err := r.fetch(); !ok {
			return false, err
		}
	}
	for i := range r.vectors {
		v := &r.vectors[i]
		if v.read == nil && !v.null(r.next) {
			return false, fmt.Errorf("column %q is stored as %s and can't be read as %s", r.columns[i].Name, v.p.name(), v.as)
		}
		dst[i] = v.value(r.next)
	}
	r.next++
	return true, nil
}

func (r *Rows) fetch() (bool, error) {
	duck.DestroyDataChunk(&r.chunk)
	if err := r.ctx.Err(); err != nil {
		return false, err
	}
	r.chunk = duck.FetchChunk(r.res)
	if r.chunk.Ptr == nil {
		if m := duck.ResultError(&r.res); m != "" {
			return false, errors.Join(newError(m), r.ctx.Err())
		}
		return false, r.ctx.Err()
	}
	r.n, r.next = int(duck.DataChunkGetSize(r.chunk)), 0
	for i := range r.vectors {
		r.vectors[i] = openVector(duck.DataChunkGetVector(r.chunk, duck.IdxT(i)), r.physics[i], r.columns[i].Type)
	}
	return true, nil
}

// Close ends the statement, finished or not. It may be called twice.
func (r *Rows) Close() {
	duck.DestroyDataChunk(&r.chunk)
	duck.DestroyResult(&r.res)
	duck.DestroyPrepare(&r.stmt)
	if r.stop != nil {
		r.stop()
		r.stop = nil
	}
	r.n, r.next = 0, 0
}
