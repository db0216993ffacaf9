package engine

/*
#include <stdlib.h>

void clewCallFunction(void *info, void *input, void *output);
void clewForgetFunction(void *extra);

typedef void (*clew_call_t)(void *, void *, void *);
typedef void (*clew_forget_t)(void *);
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime/cgo"
	"strings"
	"unicode/utf8"
	"unsafe"

	duck "github.com/duckdb/duckdb-go-bindings"

	"github.com/clew-sec/clew/kql/value"
)

// Function is a scalar function in Go that SQL may call by name. Eval gets one
// value an argument, of the given types, and returns one of the result type.
// Unless Nulls is set it is not called when an argument is null: then the result
// is. It runs in the engine's threads, several at a time.
type Function struct {
	Name   string
	Args   []value.Type
	Result value.Type
	Nulls  bool
	Eval   func(args []value.Value) value.Value
}

// storage is how the arguments and results of functions are stored.
var storage = map[value.Type]duck.Type{
	value.Bool: duck.TypeBoolean, value.Int: duck.TypeInteger, value.Long: duck.TypeBigInt, value.Real: duck.TypeDouble,
	value.DateTime: duck.TypeBigInt, value.TimeSpan: duck.TypeBigInt, value.String: duck.TypeVarchar, value.Guid: duck.TypeVarchar,
	value.Dynamic: duck.TypeVarchar, value.Decimal: duck.TypeVarchar,
}

// Register makes the function known to all connections of the database.
func (c *Conn) Register(f Function) error {
	fn := duck.CreateScalarFunction()
	defer duck.DestroyScalarFunction(&fn)
	duck.ScalarFunctionSetName(fn, f.Name)
	for _, a := range f.Args {
		if err := withType(a, func(t duck.LogicalType) { duck.ScalarFunctionAddParameter(fn, t) }); err != nil {
			return err
		}
	}
	if err := withType(f.Result, func(t duck.LogicalType) { duck.ScalarFunctionSetReturnType(fn, t) }); err != nil {
		return err
	}
	// Nulls are looked after here in either case: the engine would call the
	// function with them and correct the result afterwards.
	duck.ScalarFunctionSetSpecialHandling(fn)
	duck.ScalarFunctionSetFunction(fn, unsafe.Pointer(C.clew_call_t(C.clewCallFunction)))
	extra := C.malloc(C.size_t(unsafe.Sizeof(cgo.Handle(0))))
	*(*cgo.Handle)(extra) = cgo.NewHandle(&f)
	duck.ScalarFunctionSetExtraInfo(fn, extra, unsafe.Pointer(C.clew_forget_t(C.clewForgetFunction)))
	if duck.RegisterScalarFunction(c.conn, fn) == duck.StateError {
		return errors.New("DuckDB refused the function")
	}
	return nil
}

func withType(t value.Type, use func(duck.LogicalType)) error {
	id, ok := storage[t]
	if !ok {
		return fmt.Errorf("functions can't take or give %s", t)
	}
	lt := duck.CreateLogicalType(id)
	defer duck.DestroyLogicalType(&lt)
	use(lt)
	return nil
}

//export clewForgetFunction
func clewForgetFunction(extra unsafe.Pointer) {
	(*(*cgo.Handle)(extra)).Delete()
	C.free(extra)
}

//export clewCallFunction
func clewCallFunction(info, input, output unsafe.Pointer) {
	fi := duck.FunctionInfo{Ptr: info}
	f := (*(*cgo.Handle)(duck.ScalarFunctionGetExtraInfo(fi))).Value().(*Function)
	defer func() {
		// A panic must not run into the engine's frames.
		if p := recover(); p != nil {
			duck.ScalarFunctionSetError(fi, fmt.Sprintf("the function %s failed: %v", f.Name, p))
		}
	}()
	f.run(duck.DataChunk{Ptr: input}, duck.Vector{Ptr: output})
}

// run computes one chunk.
func (f *Function) run(in duck.DataChunk, out duck.Vector) {
	vectors := make([]vector, len(f.Args))
	for i, t := range f.Args {
		vectors[i] = openVector(duck.DataChunkGetVector(in, duck.IdxT(i)), physical{id: storage[t]}, t)
	}
	args := make([]value.Value, len(f.Args))
	w := newWriter(out, f.Result)
	for row := range int(duck.DataChunkGetSize(in)) {
		null := false
		for i := range vectors {
			args[i] = vectors[i].value(row)
			null = null || args[i].Null
		}
		if null && !f.Nulls {
			w.null(row)
			continue
		}
		w.set(row, f.Eval(args))
	}
}

// writer fills the vector of results.
type writer struct {
	vec  duck.Vector
	data unsafe.Pointer
	mask unsafe.Pointer
	id   duck.Type
}

func newWriter(out duck.Vector, t value.Type) writer {
	duck.VectorEnsureValidityWritable(out)
	return writer{vec: out, data: duck.VectorGetData(out), mask: duck.VectorGetValidity(out), id: storage[t]}
}

func (w *writer) null(row int) {
	*(*uint64)(unsafe.Add(w.mask, row/64*8)) &^= 1 << (row % 64)
}

func (w *writer) set(row int, v value.Value) {
	if v.Null {
		w.null(row)
		return
	}
	switch w.id {
	case duck.TypeVarchar:
		if !utf8.ValidString(v.Text) {
			v.Text = strings.ToValidUTF8(v.Text, "\uFFFD")
		}
		duck.VectorAssignStringElement(w.vec, duck.IdxT(row), v.Text)
	case duck.TypeDouble:
		*(*float64)(unsafe.Add(w.data, row*8)) = v.Float
	case duck.TypeBigInt:
		*(*int64)(unsafe.Add(w.data, row*8)) = v.Num
	case duck.TypeInteger:
		*(*int32)(unsafe.Add(w.data, row*4)) = int32(v.Num)
	case duck.TypeBoolean:
		*(*bool)(unsafe.Add(w.data, row)) = v.Num != 0
	}
}
