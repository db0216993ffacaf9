package plan

// RewriteExprs returns a node like n with its own expressions as f makes them.
// Nodes are copied, columns are not.
func RewriteExprs(n Node, f func(Expr) Expr) Node {
	switch n := n.(type) {
	case *Filter:
		c := *n
		c.Predicate = f(n.Predicate)
		return &c
	case *Project:
		c := *n
		c.Items = rewriteItems(n.Items, f)
		return &c
	case *Aggregate:
		c := *n
		c.Keys = rewriteItems(n.Keys, f)
		c.Aggs = make([]Agg, len(n.Aggs))
		for i, a := range n.Aggs {
			c.Aggs[i] = rewriteAgg(a, f)
		}
		return &c
	case *Join:
		c := *n
		c.On = make([]Equal, len(n.On))
		for i, e := range n.On {
			c.On[i] = Equal{Left: f(e.Left), Right: f(e.Right)}
		}
		return &c
	case *Sort:
		c := *n
		c.Keys = rewriteKeys(n.Keys, f)
		return &c
	case *Top:
		c := *n
		c.Count, c.Keys = f(n.Count), rewriteKeys(n.Keys, f)
		return &c
	case *Take:
		c := *n
		c.Count = f(n.Count)
		return &c
	case *Range:
		c := *n
		c.From, c.To, c.Step = f(n.From), f(n.To), f(n.Step)
		return &c
	}
	return rewriteRare(n, f)
}

func rewriteRare(n Node, f func(Expr) Expr) Node {
	switch n := n.(type) {
	case *MvExpand:
		c := *n
		c.Items, c.Limit = rewriteExpansions(n.Items, f), optional(n.Limit, f)
		return &c
	case *MvApply:
		c := *n
		c.Items, c.Limit = rewriteExpansions(n.Items, f), optional(n.Limit, f)
		return &c
	case *MakeSeries:
		return rewriteSeries(n, f)
	case *Parse:
		c := *n
		c.Source = f(n.Source)
		return &c
	case *ParseKV:
		c := *n
		c.Source = f(n.Source)
		return &c
	case *TopNested:
		return rewriteNested(n, f)
	case *Match:
		return rewriteMatch(n, f)
	case *Reduce:
		c := *n
		c.Source = f(n.Source)
		return &c
	case *Plugin:
		c := *n
		c.Args = rewriteList(n.Args, f)
		c.Aggs = make([]Agg, len(n.Aggs))
		for i, a := range n.Aggs {
			c.Aggs[i] = rewriteAgg(a, f)
		}
		return &c
	case *GraphMatch:
		c := *n
		c.Where, c.Items = rewriteList(n.Where, f), rewriteItems(n.Items, f)
		return &c
	}
	return n
}

func rewriteSeries(n *MakeSeries, f func(Expr) Expr) Node {
	c := *n
	c.Keys = rewriteItems(n.Keys, f)
	c.Aggs = make([]SeriesAgg, len(n.Aggs))
	for i, a := range n.Aggs {
		c.Aggs[i] = SeriesAgg{Agg: rewriteAgg(a.Agg, f), Default: optional(a.Default, f)}
	}
	c.On, c.From, c.To, c.Step = f(n.On), optional(n.From, f), optional(n.To, f), optional(n.Step, f)
	return &c
}

func rewriteNested(n *TopNested, f func(Expr) Expr) Node {
	c := *n
	c.Levels = make([]NestedLevel, len(n.Levels))
	for i, l := range n.Levels {
		l.Count, l.Others = optional(l.Count, f), optional(l.Others, f)
		l.Item.Expr, l.Agg = f(l.Item.Expr), rewriteAgg(l.Agg, f)
		c.Levels[i] = l
	}
	return &c
}

func rewriteMatch(n *Match, f func(Expr) Expr) Node {
	c := *n
	c.By = rewriteList(n.By, f)
	c.Declared = make([]Declared, len(n.Declared))
	for i, d := range n.Declared {
		c.Declared[i] = Declared{Col: d.Col, Default: optional(d.Default, f)}
	}
	c.Steps = make([]MatchStep, len(n.Steps))
	for i, s := range n.Steps {
		s.Condition, s.Assign = optional(s.Condition, f), rewriteItems(s.Assign, f)
		c.Steps[i] = s
	}
	return &c
}

func optional(e Expr, f func(Expr) Expr) Expr {
	if e == nil {
		return nil
	}
	return f(e)
}

func rewriteList(list []Expr, f func(Expr) Expr) []Expr {
	out := make([]Expr, len(list))
	for i, e := range list {
		out[i] = optional(e, f)
	}
	return out
}

func rewriteItems(items []Item, f func(Expr) Expr) []Item {
	out := make([]Item, len(items))
	for i, it := range items {
		out[i] = Item{Col: it.Col, Expr: f(it.Expr)}
	}
	return out
}

func rewriteAgg(a Agg, f func(Expr) Expr) Agg {
	a.Args = rewriteList(a.Args, f)
	return a
}

func rewriteKeys(keys []SortKey, f func(Expr) Expr) []SortKey {
	out := make([]SortKey, len(keys))
	for i, k := range keys {
		k.Expr = f(k.Expr)
		out[i] = k
	}
	return out
}

func rewriteExpansions(items []Expansion, f func(Expr) Expr) []Expansion {
	out := make([]Expansion, len(items))
	for i, it := range items {
		it.Expr = f(it.Expr)
		out[i] = it
	}
	return out
}

// RewriteTables returns an expression like e with the tables within it as f
// makes them, and e itself when it has none.
func RewriteTables(e Expr, f func(Node) Node) Expr {
	switch e := e.(type) {
	case *Call:
		args := make([]Expr, len(e.Args))
		same := true
		for i, a := range e.Args {
			args[i] = RewriteTables(a, f)
			same = same && args[i] == a
		}
		if same {
			return e
		}
		return &Call{Func: e.Func, Args: args, Result: e.Result}
	case *Convert:
		if x := RewriteTables(e.X, f); x != e.X {
			return &Convert{X: x, To: e.To}
		}
	case *Access:
		if x, k := RewriteTables(e.X, f), RewriteTables(e.Key, f); x != e.X || k != e.Key {
			return &Access{X: x, Key: k}
		}
	case *OverPath:
		if x := RewriteTables(e.X, f); x != e.X {
			c := *e
			c.X = x
			return &c
		}
	case *ToScalar:
		return &ToScalar{Node: f(e.Node)}
	case *InTable:
		return &InTable{Op: e.Op, X: RewriteTables(e.X, f), Node: f(e.Node)}
	}
	return e
}
