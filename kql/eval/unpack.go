package eval

import (
	"slices"
	"sort"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// maxColumns bounds the columns that data may make.
const maxColumns = 1000

// unpacking are the arguments of bag_unpack.
type unpacking struct {
	bag     rowFunc
	col     *plan.Column
	prefix  string
	ignored map[string]bool
}

func (p *pluginCall) unpacking() (unpacking, error) {
	u := unpacking{col: p.column(0), ignored: map[string]bool{}}
	var err error
	if u.bag, err = p.arg(0); err != nil {
		return u, err
	}
	for i := 1; i < len(p.n.Args); i++ {
		v, err := p.constant(i)
		if err != nil {
			return u, err
		}
		switch {
		case v.Type == value.Dynamic:
			for _, j := range v.JSON().Items {
				u.ignored[j.Text] = true
			}
		case v.Text == "error" || v.Text == "replace_source" || v.Text == "keep_source":
		default:
			u.prefix = v.Text
		}
	}
	return u, nil
}

// name is that of the column of bags.
func (u unpacking) name() string {
	if u.col == nil {
		return ""
	}
	return u.col.Name
}

// read takes the bag of a row; text is read as JSON.
func (u unpacking) read(row []value.Value) value.JSON {
	v := u.bag(row)
	if v.Type == value.String {
		v = value.ParseDynamic(v.Text)
	}
	return v.JSON()
}

// unpackedColumns are the properties of all bags, in order of their names, with
// the type that all their values have, dynamic where they differ.
func (p *pluginCall) unpackedColumns() ([]plan.Column, error) {
	u, err := p.unpacking()
	if err != nil {
		return nil, err
	}
	types := map[string]value.Type{}
	var names []string
	for _, row := range p.in {
		j := u.read(row)
		for i, k := range j.Keys {
			if u.ignored[k] {
				continue
			}
			have, ok := types[k]
			if !ok && len(names) < maxColumns {
				names = append(names, k)
			} else if !ok {
				continue
			}
			types[k] = commonType(have, propertyType(j.Items[i]))
		}
	}
	sort.Strings(names)
	if i := slices.Index(names, u.name()); i > 0 { // it stands in the place of the bag
		names = slices.Insert(slices.Delete(names, i, i+1), 0, u.name())
	}
	out := make([]plan.Column, len(names))
	for i, k := range names {
		out[i] = plan.Column{Name: u.prefix + k, Type: types[k]}
		if out[i].Type == value.Unknown {
			out[i].Type = value.Dynamic
		}
	}
	return out, nil
}

// propertyType is the type of a column for a value; null settles nothing.
func propertyType(j value.JSON) value.Type {
	switch j.Kind {
	case value.KindBool:
		return value.Bool
	case value.KindLong:
		return value.Long
	case value.KindReal:
		return value.Real
	case value.KindString:
		if len(j.Text) >= 19 && !value.ParseDateTime(j.Text).Null && j.Text[4] == '-' && j.Text[10] == 'T' {
			return value.DateTime
		}
		return value.String
	case value.KindNull:
		return value.Unknown
	}
	return value.Dynamic
}

func commonType(a, b value.Type) value.Type {
	switch {
	case a == b || b == value.Unknown:
		return a
	case a == value.Unknown:
		return b
	case a.Numeric() && b.Numeric():
		return max(a, b)
	case a == value.String && b == value.DateTime || a == value.DateTime && b == value.String:
		return value.String
	}
	return value.Dynamic
}

// bagUnpack fills the columns from the input and from the bag; where both have
// one, the bag counts.
func (p *pluginCall) bagUnpack() error {
	u, err := p.unpacking()
	if err != nil {
		return err
	}
	source := map[string]int{}
	for i, c := range p.cols {
		if c != u.col {
			source[c.Name] = i
		}
	}
	for _, row := range p.in {
		j := u.read(row)
		out := make([]value.Value, len(p.n.Cols))
		for i, c := range p.n.Cols {
			out[i] = value.NullOf(c.Type)
			if at, ok := source[c.Name]; ok {
				out[i] = row[at]
			}
			if name, ok := cutPrefix(c.Name, u.prefix); ok && !u.ignored[name] {
				if v, ok := j.Get(name); ok {
					out[i] = v.Value()
				}
			}
		}
		if err := p.emit(out); err != nil {
			return err
		}
	}
	return nil
}

func cutPrefix(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || s[:len(prefix)] != prefix {
		return "", false
	}
	return s[len(prefix):], true
}

// pivoting are the arguments of pivot: the column whose values become columns,
// the aggregate, and the columns that rows are kept apart by.
type pivoting struct {
	pivot  rowFunc
	agg    plan.Agg
	keys   []*plan.Column
	places []int
}

func (p *pluginCall) pivoting() (pivoting, error) {
	v := pivoting{agg: plan.Agg{Func: "count", Cols: []*plan.Column{{Name: "count_", Type: value.Long}}}}
	var err error
	if v.pivot, err = p.arg(0); err != nil {
		return v, err
	}
	used := map[*plan.Column]bool{p.column(0): true}
	if len(p.n.Aggs) > 0 {
		v.agg = p.n.Aggs[0]
		for _, e := range v.agg.Args {
			usedColumns(e, used)
		}
	}
	layout := LayoutOf(p.cols)
	for i := 2; i < len(p.n.Args); i++ {
		if c := p.column(i); c != nil {
			v.keys, v.places = append(v.keys, c), append(v.places, layout[c])
		}
	}
	if len(p.n.Args) <= 2 {
		for i, c := range p.cols {
			if !used[c] {
				v.keys, v.places = append(v.keys, c), append(v.places, i)
			}
		}
	}
	return v, nil
}

// usedColumns notes the columns that an expression reads.
func usedColumns(e plan.Expr, used map[*plan.Column]bool) {
	switch e := e.(type) {
	case *plan.Ref:
		used[e.Col] = true
	case *plan.Convert:
		usedColumns(e.X, used)
	case *plan.Access:
		usedColumns(e.X, used)
		usedColumns(e.Key, used)
	case *plan.Call:
		for _, a := range e.Args {
			usedColumns(a, used)
		}
	}
}

func (p *pluginCall) pivotedColumns() ([]plan.Column, error) {
	v, err := p.pivoting()
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var names []string
	for _, row := range p.in {
		if name := v.pivot(row).String(); !seen[name] && len(names) < maxColumns {
			seen[name] = true
			names = append(names, name)
		}
	}
	slices.Sort(names)
	out := make([]plan.Column, len(names))
	for i, name := range names {
		out[i] = plan.Column{Name: name, Type: v.agg.Cols[0].Type}
	}
	return out, nil
}

// pivot aggregates for each combination of keys and value of the pivot column.
// A combination that has no rows is null, or 0 for counts and sums.
func (p *pluginCall) pivot() error {
	v, err := p.pivoting()
	if err != nil {
		return err
	}
	a, err := p.x.aggregator(p.x.compiler(p.cols, p.outer), []plan.Agg{v.agg})
	if err != nil {
		return err
	}
	type line struct {
		keys  []value.Value
		cells map[string]*group
	}
	index := map[string]*line{}
	var order []*line
	for _, row := range p.in {
		keys := make([]value.Value, len(v.places))
		var key []byte
		for i, at := range v.places {
			keys[i] = row[at]
			key = row[at].AppendKey(key)
		}
		l, ok := index[string(key)]
		if !ok {
			l = &line{keys, map[string]*group{}}
			index[string(key)] = l
			order = append(order, l)
		}
		name := v.pivot(row).String()
		g, err := a.group(value.StringOf(name).AppendKey(key), func() []value.Value { return nil })
		if err != nil {
			return err
		}
		l.cells[name] = g
		if err := a.add(g, row); err != nil {
			return err
		}
	}
	empty, err := newAccumulator(v.agg)
	if err != nil {
		return err
	}
	for _, l := range order {
		if err := p.emit(p.pivotRow(v, a, l.keys, l.cells, empty)); err != nil {
			return err
		}
	}
	return nil
}

func (p *pluginCall) pivotRow(v pivoting, a *aggregator, keys []value.Value, cells map[string]*group, empty accumulator) []value.Value {
	out := make([]value.Value, len(p.n.Cols))
	for i, c := range p.n.Cols {
		if at := slices.IndexFunc(v.keys, func(k *plan.Column) bool { return k.Name == c.Name }); at >= 0 {
			out[i] = keys[at]
			continue
		}
		out[i] = value.NullOf(c.Type)
		if g, ok := cells[c.Name]; ok {
			out[i] = a.row(g)[0]
		} else if r := empty.results(); len(r) > 0 && !isNaN(r[0]) {
			out[i] = r[0]
		}
	}
	return out
}
