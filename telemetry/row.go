package telemetry

import (
	"unsafe"

	"github.com/clew-sec/clew/kql/value"
)

// Cell is one filled column of a row.
type Cell struct {
	Column int
	Value  value.Value
}

// Row is one row of a table. It is sparse: Cells holds the filled columns only,
// each at most once, in any order; what is not there is null, or empty for a
// string. The values have the types of their columns.
type Row struct {
	Table *Table
	Cells []Cell
}

// Get returns the value of a column by position, and whether it is filled.
func (r Row) Get(column int) (value.Value, bool) {
	for _, c := range r.Cells {
		if c.Column == column {
			return c.Value, true
		}
	}
	return value.Value{}, false
}

// Field returns the value of a column by name, and whether it is filled.
func (r Row) Field(name string) (value.Value, bool) {
	i, ok := r.Table.Column(name)
	if !ok {
		return value.Value{}, false
	}
	return r.Get(i)
}

// Batch collects rows. Rows and their cells are valid until Reset; texts stay
// valid for good, since they are copied into memory that is never reused.
//
// Rows of several tables are in the order in which they were added.
type Batch struct {
	Rows []Row

	cells []Cell   // the block in use, with the row that was begun
	full  [][]Cell // blocks of earlier rows
	free  [][]Cell // blocks to use again
	table *Table
	start int
	seen  [MaxColumns/64 + 1]uint64
	texts []byte
}

// textChunk is how much memory for texts is taken at a time.
const textChunk = 64 << 10

// Cells are kept in blocks, the first small, so that a batch that grows never
// copies the cells that it has.
const (
	firstBlock = 64
	cellBlock  = 4096
)

// Reset empties the batch and keeps its memory.
func (b *Batch) Reset() {
	clear(b.Rows)
	for _, block := range b.full {
		clear(block)
		b.free = append(b.free, block[:0])
	}
	clear(b.full)
	clear(b.cells)
	b.Rows, b.full, b.cells, b.table, b.start = b.Rows[:0], b.full[:0], b.cells[:0], nil, 0
}

// grow goes on in another block and takes the row that was begun along.
func (b *Batch) grow() {
	row := b.cells[b.start:]
	var next []Cell
	if n := len(b.free); n > 0 && cap(b.free[n-1]) > len(row) {
		next, b.free = b.free[n-1], b.free[:n-1]
	} else {
		next = make([]Cell, 0, max(firstBlock, min(2*cap(b.cells), cellBlock), 2*len(row)))
	}
	next = append(next, row...)
	clear(row)
	if cap(b.cells) > 0 {
		b.full = append(b.full, b.cells[:b.start])
	}
	b.cells, b.start = next, 0
}

// Begin starts a row. A row that was begun and not ended is dropped.
func (b *Batch) Begin(t *Table) {
	if b.table != nil {
		b.Drop()
	}
	b.table, b.start = t, len(b.cells)
	clear(b.seen[:len(t.Columns)/64+1])
}

// Drop forgets the row that was begun.
func (b *Batch) Drop() {
	clear(b.cells[b.start:])
	b.cells, b.table = b.cells[:b.start], nil
}

// End adds the row that was begun.
func (b *Batch) End() {
	if b.table == nil {
		return
	}
	n := len(b.cells)
	b.Rows = append(b.Rows, Row{Table: b.table, Cells: b.cells[b.start:n:n]})
	b.table = nil
}

// Mark remembers how many rows there are, for Truncate.
func (b *Batch) Mark() int { return len(b.Rows) }

// Truncate drops the rows after a mark: those of a record that turned out to be
// unreadable half-way.
func (b *Batch) Truncate(mark int) {
	if b.table != nil {
		b.Drop()
	}
	clear(b.Rows[mark:])
	b.Rows = b.Rows[:mark]
}

// Set fills a column of the row that was begun and reports whether it did: a
// column is filled once, the first value stays. The value has the column's type
// and its Text must not change later; use Text for bytes of a buffer.
func (b *Batch) Set(column int, v value.Value) bool {
	if b.Has(column) {
		return false
	}
	b.seen[column/64] |= 1 << (column % 64)
	if len(b.cells) == cap(b.cells) {
		b.grow()
	}
	b.cells = append(b.cells, Cell{Column: column, Value: v})
	return true
}

// Has tells whether a column of the row that was begun is filled.
func (b *Batch) Has(column int) bool { return b.seen[column/64]&(1<<(column%64)) != 0 }

// Peek returns the value of a column of the row that was begun.
func (b *Batch) Peek(column int) (value.Value, bool) {
	return Row{Table: b.table, Cells: b.cells[b.start:]}.Get(column)
}

// Replace changes a column of the row that was begun, if it is filled.
func (b *Batch) Replace(column int, v value.Value) {
	for i := b.start; i < len(b.cells); i++ {
		if b.cells[i].Column == column {
			b.cells[i].Value = v
		}
	}
}

// Text copies bytes into memory that lives as long as it is used.
func (b *Batch) Text(p []byte) string {
	if len(p) == 0 {
		return ""
	}
	if len(p) > textChunk/4 {
		return string(p)
	}
	if len(b.texts)+len(p) > cap(b.texts) {
		b.texts = make([]byte, 0, textChunk)
	}
	n := len(b.texts)
	b.texts = append(b.texts, p...)
	// The bytes behind this string are never written again: the chunk only
	// grows, and a full one is left to the garbage collector.
	return unsafe.String(&b.texts[n], len(p))
}
