package eval

import (
	"fmt"
	"slices"

	"github.com/clew-sec/clew/kql/eval/scalar"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// lookupTable is the table that a plugin looks rows up in.
type lookupTable struct {
	rows   rows
	cols   []*plan.Column
	layout Layout
}

func (p *pluginCall) lookupTable() (lookupTable, error) {
	if len(p.n.Tables) == 0 {
		return lookupTable{}, fmt.Errorf("plugin %s without a table: %w", p.n.Name, ErrUnsupported)
	}
	r, err := p.x.node(p.n.Tables[0], p.outer)
	cols := p.n.Tables[0].Columns()
	return lookupTable{r, cols, LayoutOf(cols)}, err
}

// lookupKeys splits the column arguments from place from on into those of the
// input and those of the table, and the constants behind them.
type lookupKeys struct {
	source, table []int
	constants     []value.Value
}

func (p *pluginCall) lookupKeys(t lookupTable) (lookupKeys, error) {
	var k lookupKeys
	in := LayoutOf(p.cols)
	for i := range p.n.Args {
		if c := p.column(i); c != nil {
			if at, ok := t.layout[c]; ok {
				k.table = append(k.table, at)
			} else if at, ok := in[c]; ok {
				k.source = append(k.source, at)
			}
			continue
		}
		v, err := p.constant(i)
		if err != nil {
			return k, err
		}
		k.constants = append(k.constants, v)
	}
	return k, nil
}

// sharedColumns pairs the further key columns, which both tables have.
func sharedColumns(p *pluginCall, t lookupTable, source []int) (pairs [][2]int) {
	for _, at := range source {
		i := slices.IndexFunc(t.cols, func(c *plan.Column) bool { return c.Name == p.cols[at].Name })
		if i >= 0 {
			pairs = append(pairs, [2]int{at, i})
		}
	}
	return pairs
}

// ipLookup is ipv4_lookup and ipv6_lookup: rows of the input with the rows of
// the table whose network has their address.
func (p *pluginCall) ipLookup() error {
	t, err := p.lookupTable()
	if err != nil {
		return err
	}
	k, err := p.lookupKeys(t)
	if err != nil {
		return err
	}
	if len(k.source) == 0 || len(k.table) == 0 {
		return fmt.Errorf("plugin %s needs two columns: %w", p.n.Name, ErrUnsupported)
	}
	shared := sharedColumns(p, t, k.source[1:])
	unmatched := len(k.constants) > 0 && truth(k.constants[0]) == yes
	v6 := p.n.Name == "ipv6_lookup"
	ranges := make([]*scalar.IPRanges, len(t.rows))
	for i, row := range t.rows {
		ranges[i] = scalar.NewIPRanges(v6, []string{row[k.table[0]].String()})
	}
	skip := map[int]bool{}
	for _, s := range shared {
		skip[s[1]] = true
	}
	match := func(row []value.Value, i int) bool {
		for _, s := range shared {
			if !value.Equal(row[s[0]], t.rows[i][s[1]]) {
				return false
			}
		}
		return ranges[i].Has(v6, row[k.source[0]].String())
	}
	return p.lookUp(t, skip, match, unmatched)
}

// lookUp emits each row with the rows of the table that match.
func (p *pluginCall) lookUp(t lookupTable, skip map[int]bool, match func(row []value.Value, i int) bool, unmatched bool) error {
	for _, row := range p.in {
		found := false
		for i := range t.rows {
			if err := p.x.step(1); err != nil {
				return err
			}
			if match(row, i) {
				found = true
				if err := p.emit(joinedRow(row, t.rows[i], t.cols, skip)); err != nil {
					return err
				}
			}
		}
		if !found && unmatched {
			if err := p.emit(joinedRow(row, nil, t.cols, skip)); err != nil {
				return err
			}
		}
	}
	return nil
}

func joinedRow(row, looked []value.Value, cols []*plan.Column, skip map[int]bool) []value.Value {
	out := slices.Clone(row)
	for i, c := range cols {
		switch {
		case skip[i]:
		case looked == nil:
			out = append(out, value.NullOf(c.Type))
		default:
			out = append(out, looked[i])
		}
	}
	return out
}

// polygonLookup is geo_polygon_lookup(table, polygon, longitude, latitude,
// radius, return_unmatched, lookup_area_radius, return_lookup_key).
func (p *pluginCall) polygonLookup() error {
	t, err := p.lookupTable()
	if err != nil {
		return err
	}
	k, err := p.lookupKeys(t)
	if err != nil {
		return err
	}
	if len(k.source) < 2 || len(k.table) == 0 {
		return fmt.Errorf("plugin %s needs three columns: %w", p.n.Name, ErrUnsupported)
	}
	radius, unmatched := value.RealOf(0), false
	for i, v := range k.constants {
		if v.Type == value.Bool && i <= 1 {
			unmatched = unmatched || v.Num != 0
		} else if i == 0 && v.Type.Numeric() {
			radius = v
		}
	}
	skip := map[int]bool{}
	if len(p.n.Cols) < len(p.cols)+len(t.cols) {
		skip[k.table[0]] = true
	}
	match := func(row []value.Value, i int) bool {
		near, _ := scalar.Call("geo_point_in_polygon", row[k.source[0]], row[k.source[1]], t.rows[i][k.table[0]])
		if truth(near) == yes || radius.Float <= 0 && radius.Num <= 0 {
			return truth(near) == yes
		}
		d, ok := scalar.Call("geo_distance_point_to_polygon", row[k.source[0]], row[k.source[1]], t.rows[i][k.table[0]])
		return ok && !d.Null && d.Float <= value.Convert(radius, value.Real).Float
	}
	return p.lookUp(t, skip, match, unmatched)
}

// dcountIntersect tells how many values sketches share: all, those of the first
// two, and so on.
func (p *pluginCall) dcountIntersect() error {
	fns := make([]rowFunc, len(p.n.Args))
	for i := range fns {
		var err error
		if fns[i], err = p.arg(i); err != nil {
			return err
		}
	}
	for _, row := range p.in {
		out := slices.Clone(row)
		var sketches []value.Value
		for _, fn := range fns {
			sketches = append(sketches, fn(row))
			out = append(out, value.LongOf(scalar.Shared(sketches)))
		}
		if err := p.emit(out); err != nil {
			return err
		}
	}
	return nil
}
