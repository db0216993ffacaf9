package sql

func (q *Select) writeTo(w *writer) {
	w.with(q.With)
	w.WriteString("SELECT ")
	if q.DistinctOn != nil {
		w.WriteString("DISTINCT ON (")
		w.exprs(q.DistinctOn)
		w.WriteString(") ")
	}
	w.items(q.Items, w.d.spelling().flatJoins && severalJoins(q.From))
	if q.From != nil {
		w.WriteString(" FROM ")
		q.From.writeTo(w)
	}
	if len(q.ArrayJoin) > 0 {
		w.WriteString(" ARRAY JOIN ")
		w.items(q.ArrayJoin, false)
	}
	if len(q.Where) > 0 {
		w.WriteString(" WHERE ")
		(&Chain{Op: "AND", Parts: q.Where}).writeTo(w)
	}
	if q.Group != nil {
		w.WriteString(" GROUP BY ")
		w.exprs(q.Group)
	}
	w.tail(q)
}

func severalJoins(f From) bool {
	outer, ok := f.(*JoinFrom)
	if !ok {
		return false
	}
	_, inner := outer.L.(*JoinFrom)
	return inner
}

func (w *writer) tail(q *Select) {
	if q.Qualify != nil {
		w.WriteString(" QUALIFY ")
		q.Qualify.writeTo(w)
	}
	if len(q.Order) > 0 {
		w.WriteString(" ORDER BY ")
		w.order(q.Order)
	}
	if q.LimitBy != nil {
		w.WriteString(" LIMIT ")
		q.LimitBy.Count.writeTo(w)
		w.WriteString(" BY ")
		w.exprs(q.LimitBy.Keys)
	}
	if q.Limit != nil {
		w.WriteString(" LIMIT ")
		w.operand(q.Limit)
	}
	if q.Settings != "" {
		w.WriteString(" SETTINGS ")
		w.WriteString(q.Settings)
	}
}

func (w *writer) with(ctes []CTE) {
	for i, c := range ctes {
		if i == 0 {
			w.WriteString("WITH ")
		} else {
			w.WriteString(", ")
		}
		w.WriteString(c.Name)
		w.WriteString(" AS ")
		w.WriteString(w.d.cteHint(&c))
		w.WriteByte('(')
		c.Query.writeTo(w)
		w.WriteByte(')')
	}
	if len(ctes) > 0 {
		w.WriteByte(' ')
	}
}

// items writes columns with their names, where they would have others; all of
// them when named.
func (w *writer) items(items []Item, named bool) {
	for i, it := range items {
		if i > 0 {
			w.WriteString(", ")
		}
		it.Expr.writeTo(w)
		if c, ok := it.Expr.(*Col); it.As != "" && (named || !ok || c.Name != it.As) {
			w.WriteString(" AS ")
			w.ident(it.As)
		}
	}
}

func (q *UnionAll) writeTo(w *writer) {
	for i, p := range q.Parts {
		if i > 0 {
			w.WriteString(" UNION ALL ")
		}
		if s, ok := p.(*Select); ok && (s.With != nil || s.Order != nil || s.Limit != nil) {
			w.WriteByte('(')
			p.writeTo(w)
			w.WriteByte(')')
			continue
		}
		p.writeTo(w)
	}
}

func (q *Rows) writeTo(w *writer) {
	w.WriteString("VALUES ")
	for i, r := range q.Rows {
		if i > 0 {
			w.WriteString(", ")
		}
		w.WriteByte('(')
		w.exprs(r)
		w.WriteByte(')')
	}
}

func (f *Table) writeTo(w *writer) {
	if f.Text != "" {
		w.WriteString(f.Text)
	} else {
		w.ident(f.Name)
	}
	w.WriteString(" AS ")
	w.WriteString(f.As)
}

func (f *Sub) writeTo(w *writer) {
	w.WriteByte('(')
	f.Query.writeTo(w)
	w.WriteString(") AS ")
	w.WriteString(f.As)
	if !w.d.spelling().noColumnNames {
		w.columns(f.Columns)
	}
}

func (w *writer) columns(names []string) {
	for i, n := range names {
		if i == 0 {
			w.WriteByte('(')
		} else {
			w.WriteString(", ")
		}
		w.ident(n)
	}
	if len(names) > 0 {
		w.WriteByte(')')
	}
}

func (f *TableFunc) writeTo(w *writer) {
	if f.Lateral {
		w.WriteString("LATERAL ")
	}
	f.Func.writeTo(w)
	w.WriteString(" AS ")
	w.WriteString(f.As)
	w.columns(f.Columns)
}

func (f *JoinFrom) writeTo(w *writer) {
	f.L.writeTo(w)
	w.WriteByte(' ')
	w.WriteString(f.Kind)
	w.WriteByte(' ')
	if _, nested := f.R.(*JoinFrom); nested {
		w.WriteByte('(')
		f.R.writeTo(w)
		w.WriteByte(')')
	} else {
		f.R.writeTo(w)
	}
	if f.On != nil {
		w.WriteString(" ON ")
		f.On.writeTo(w)
	}
}
