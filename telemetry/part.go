package telemetry

import "fmt"

// Stored is a table as an engine has it, with the names of its columns there.
type Stored struct {
	Table *Table
	Names []string
}

// NewStored names the columns of a table as StoredNames does.
func NewStored(t *Table) *Stored { return &Stored{Table: t, Names: t.StoredNames()} }

// Part is the rows of one table on their way into an engine.
type Part struct {
	Into *Stored
	Rows []Row
	// Place is the position of a column among those that the rows fill, -1 of one
	// that no row does; Columns lists them.
	Place   []int
	Columns []int

	of *Table // the version of the table that the rows have
}

// Parts sorts rows by table, in the order of their first row, and refuses what
// can't be stored before any is. Lookup finds the table of a row as it is stored;
// it must be the same one, or have grown: else ErrConflict.
func Parts(rows []Row, lookup func(t *Table) (*Stored, error)) ([]*Part, error) {
	byTable := map[*Table]*Part{}
	var out []*Part
	var last *Part
	for _, r := range rows {
		if last == nil || last.of != r.Table {
			last = byTable[r.Table]
		}
		if last == nil {
			into, err := lookup(r.Table)
			if err != nil {
				return nil, err
			}
			if !r.Table.Grows(into.Table) {
				return nil, fmt.Errorf("%s: %w", r.Table.Name, ErrConflict)
			}
			last = newPart(into, r.Table)
			byTable[r.Table] = last
			out = append(out, last)
		}
		if err := last.add(r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func newPart(into *Stored, of *Table) *Part {
	p := &Part{Into: into, of: of, Place: make([]int, len(into.Table.Columns))}
	for i := range p.Place {
		p.Place[i] = -1
	}
	return p
}

func (p *Part) add(r Row) error {
	for i := range r.Cells {
		c := &r.Cells[i]
		if c.Column < 0 || c.Column >= len(p.Place) {
			return fmt.Errorf("a row of %s has a cell in column %d", r.Table.Name, c.Column)
		}
		if p.Place[c.Column] < 0 {
			p.Place[c.Column] = len(p.Columns)
			p.Columns = append(p.Columns, c.Column)
		}
		if want := p.Into.Table.Columns[c.Column].Type; c.Value.Type != want && !c.Value.Null {
			return fmt.Errorf("a row of %s has a %s in column %s of %s", r.Table.Name, c.Value.Type, p.Into.Table.Columns[c.Column].Name, want)
		}
	}
	p.Rows = append(p.Rows, r)
	return nil
}
