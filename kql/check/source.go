package check

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// dataTable binds datatable(schema)[values].
func (c *checker) dataTable(x *syntax.DataTable, cx context) *relation {
	fields := c.schemaFields(x.Schema)
	v := &plan.Values{Cols: columnsOf(fields)}
	rel := &relation{node: v, fields: fields, ordered: true}
	if len(fields) == 0 {
		return rel
	}
	if len(x.Values)%len(fields) != 0 {
		c.errorf(x, CodeArguments, "%d values don't fill rows of %d columns.", len(x.Values), len(fields))
		return rel
	}
	for i := 0; i+len(fields) <= len(x.Values); i += len(fields) {
		row := make([]value.Value, len(fields))
		for j, f := range fields {
			row[j] = c.cell(x.Values[i+j], f.t.T, cx)
		}
		v.Rows = append(v.Rows, row)
	}
	return rel
}

// cell binds one value of a datatable. A value of another type is converted;
// what can't be converted is null.
func (c *checker) cell(x syntax.Expr, t value.Type, cx context) value.Value {
	e := c.scalarOf(x, cx)
	if e.missing {
		return value.NullOf(t)
	}
	v, ok := constantOf(e)
	if !ok {
		if e.placeholder {
			return value.NullOf(t)
		}
		c.errorf(x, CodeConstant, "The values of a datatable must be constants.")
		return value.NullOf(t)
	}
	return cellValue(v, t)
}

func cellValue(v value.Value, t value.Type) value.Value {
	if v.Type == t {
		return v
	}
	if v.Null {
		return value.NullOf(t)
	}
	return value.Convert(v, t)
}

// print binds print a = x: one row. A column without a written name is called
// after its place.
func (c *checker) print(x *syntax.Print, cx context) *relation {
	row := &relation{node: oneRow()}
	items := c.items(x.Columns, cx.over(row))
	names := newNames()
	out := newProjection(row.node)
	for i, it := range items {
		name := it.name
		switch {
		case it.written && names.has(name):
			c.errorf(it.at, CodeDuplicate, "The column '%s' is there already.", name)
			continue
		case !it.written && !it.tuple:
			name = "print_" + itoa(i)
		}
		out.add(names.unique(name), it.e)
	}
	return out.relation(true)
}

// rangeTable binds range x from a to b step s.
func (c *checker) rangeTable(x *syntax.Range, cx context) *relation {
	from, to, step := c.scalarOf(x.From, cx), c.scalarOf(x.To, cx), c.scalarOf(x.Step, cx)
	t := rangeType(from.t.T, to.t.T, step.t.T)
	for _, p := range []struct {
		e expr
		x syntax.Expr
	}{{from, x.From}, {to, x.To}, {step, x.Step}} {
		if p.e.t.known() && !p.e.t.T.Numeric() && p.e.t.T != value.DateTime && p.e.t.T != value.TimeSpan {
			c.errorf(p.x, CodeType, "A number, datetime or timespan is expected here, and this is a %s.", p.e.t.T)
		}
	}
	if t == value.DateTime && step.t.known() && step.t.T != value.TimeSpan {
		c.errorf(x.Step, CodeType, "The step between datetimes is a timespan, and this is a %s.", step.t.T)
	}
	name := ""
	if x.Name != nil {
		name = x.Name.Name
	}
	f := column(name, scalar(t))
	if t.Numeric() {
		from, to, step = convert(from, t), convert(to, t), convert(step, t)
	}
	rel := newRelation(&plan.Range{Col: f.col, From: from.x, To: to.x, Step: step.x}, []field{f})
	rel.ordered = true
	return rel
}

func rangeType(from, to, step value.Type) value.Type {
	if from.Numeric() {
		t := promoted(from)
		for _, o := range []value.Type{to, step} {
			if o.Numeric() {
				t = widest(t, o)
			}
		}
		return t
	}
	return from
}

// externalData binds externaldata, which the configuration has to allow.
func (c *checker) externalData(x *syntax.ExternalData, cx context) *relation {
	fields := c.schemaFields(x.Schema)
	e := &plan.External{Cols: columnsOf(fields), Properties: map[string]string{}}
	for _, u := range x.URIs {
		v, ok := constantOf(c.scalarOf(u, cx))
		if ok && v.Type == value.String {
			e.URIs = append(e.URIs, v.Text)
		}
	}
	for _, p := range x.Properties {
		if p.Name != nil {
			e.Properties[p.Name.Name] = syntax.PropertyText(x.Properties, p.Name.Name)
		}
	}
	if !c.opts.AllowExternalData {
		c.warnf(x, CodeForbidden, "externaldata is switched off here, so the query can't be run; a watchlist can hold such data: _GetWatchlist('name').")
	}
	return newRelation(e, fields)
}
