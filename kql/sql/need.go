package sql

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// needs is the set of columns that somebody reads. A node is visited after
// everything that stands above it, so a column's fate is known by then.
type needs map[*plan.Column]struct{}

// ingested stands for the time at which the store took a row of a table in. It
// is no column of any node; rows carry it from their table as far as they are
// still its rows.
var ingested = &plan.Column{Name: "", Type: value.DateTime}

func (n needs) has(c *plan.Column) bool { _, ok := n[c]; return ok }

func (n needs) all(cols []*plan.Column) {
	for _, c := range cols {
		n[c] = struct{}{}
	}
}

func (n needs) any(cols []*plan.Column) bool {
	for _, c := range cols {
		if n.has(c) {
			return true
		}
	}
	return false
}

// count is how many of the columns are read.
func (n needs) count(cols []*plan.Column) int {
	count := 0
	for _, c := range cols {
		if n.has(c) {
			count++
		}
	}
	return count
}

func (n needs) countItems(items []plan.Item) int {
	count := 0
	for _, it := range items {
		if n.has(it.Col) {
			count++
		}
	}
	return count
}

// plan marks what a whole plan reads, from its root down to the tables that are
// shared, the last of which comes first.
func (n needs) plan(root plan.Node, shared []*plan.Shared) {
	n.all(root.Columns())
	n.node(root)
	for i := len(shared) - 1; i >= 0; i-- {
		n.node(shared[i].Node)
	}
}

func (n needs) node(x plan.Node) {
	switch x := x.(type) {
	case *plan.Use:
		for i, c := range x.Shared.Node.Columns() {
			if i < len(x.Cols) && n.has(x.Cols[i]) {
				n[c] = struct{}{}
			}
		}
	case *plan.Filter:
		n.expr(x.Predicate)
	case *plan.Project:
		n.items(x.Items, false)
	case *plan.Aggregate:
		n.items(x.Keys, true)
		for _, a := range x.Aggs {
			if n.any(a.Cols) {
				n.exprs(a.Args)
			}
		}
	case *plan.Join:
		for _, e := range x.On {
			n.expr(e.Left)
			n.expr(e.Right)
		}
	case *plan.Union:
		n.union(x)
	case *plan.Sort:
		n.keys(x.Keys)
	case *plan.Top:
		n.expr(x.Count)
		n.keys(x.Keys)
	case *plan.Take:
		n.expr(x.Count)
	case *plan.Range:
		n.exprs([]plan.Expr{x.From, x.To, x.Step})
	default:
		n.other(x)
	}
	for _, child := range plan.Inputs(x) {
		n.node(child)
	}
}

// other marks what the rarer nodes read.
func (n needs) other(x plan.Node) {
	switch x := x.(type) {
	case *plan.MvExpand:
		n.expansions(x.Items, x.Limit)
	case *plan.MvApply:
		n.expansions(x.Items, x.Limit)
		n.all(x.Out)
		n.all(x.Sub.Columns())
	case *plan.Partition:
		n[x.By] = struct{}{}
	case *plan.Parse:
		n.expr(x.Source)
	case *plan.ParseKV:
		n.expr(x.Source)
	case *plan.MakeSeries:
		n.items(x.Keys, true)
		for _, a := range x.Aggs {
			n.exprs(a.Args)
			n.expr(a.Default)
		}
		n.exprs([]plan.Expr{x.On, x.From, x.To, x.Step})
	case *plan.TopNested:
		for _, l := range x.Levels {
			n.items([]plan.Item{l.Item}, true)
			n.exprs(l.Agg.Args)
			n.exprs([]plan.Expr{l.Count, l.Others})
		}
	case *plan.GraphNodes, *plan.GraphComponents, *plan.GraphMatch:
		n.graph(x)
	case *plan.Element:
	default:
		for _, child := range plan.Inputs(x) {
			n.all(child.Columns())
		}
		plan.Exprs(x, n.expr)
	}
}

// graph marks what the operators over graphs read.
func (n needs) graph(x plan.Node) {
	switch x := x.(type) {
	case *plan.GraphNodes:
		n.some(x.Source, x.Target, x.EdgePart)
		for _, t := range x.Tables {
			n.some(t.Key, t.Part)
			n.some(t.From...)
		}
	case *plan.GraphComponents:
		n.ends(&x.Graph)
	case *plan.GraphMatch:
		n.ends(&x.Graph)
		for _, p := range x.Points {
			n.properties(p.Props)
		}
		for _, l := range x.Links {
			n.properties(l.Props)
		}
		n.exprs(x.Where)
		n.items(x.Items, true)
	}
}

func (n needs) ends(g *plan.Graph) { n.some(g.Key, g.Part, g.Source, g.Target, g.EdgePart) }

func (n needs) properties(props []plan.GraphProperty) {
	for _, p := range props {
		n.some(p.From)
	}
}

// some marks those of the columns that are there.
func (n needs) some(cols ...*plan.Column) {
	for _, c := range cols {
		if c != nil {
			n[c] = struct{}{}
		}
	}
}

func (n needs) union(x *plan.Union) {
	for j, c := range x.Cols {
		if !n.has(c) {
			continue
		}
		for _, from := range x.From {
			if from[j] != nil {
				n[from[j]] = struct{}{}
			}
		}
	}
}

func (n needs) items(items []plan.Item, always bool) {
	for _, it := range items {
		if always || n.has(it.Col) {
			n.expr(it.Expr)
		}
	}
}

func (n needs) expansions(items []plan.Expansion, limit plan.Expr) {
	for _, it := range items {
		n.expr(it.Expr)
	}
	n.expr(limit)
}

func (n needs) keys(keys []plan.SortKey) {
	for _, k := range keys {
		n.expr(k.Expr)
	}
}

func (n needs) exprs(list []plan.Expr) {
	for _, e := range list {
		n.expr(e)
	}
}

func (n needs) expr(e plan.Expr) {
	switch e := e.(type) {
	case nil, *plan.Literal:
	case *plan.Ref:
		n[e.Col] = struct{}{}
	case *plan.Call:
		n.exprs(e.Args)
		if e.Func == "ingestion_time" {
			n[ingested] = struct{}{}
		}
	case *plan.Convert:
		n.expr(e.X)
	case *plan.Access:
		n.expr(e.X)
		n.expr(e.Key)
	case *plan.ToScalar:
		n.first(e.Node)
	case *plan.InTable:
		n.expr(e.X)
		n.first(e.Node)
	case *plan.StepRef:
		n[e.Col] = struct{}{}
	case *plan.OverPath:
		n.properties(e.Props)
		n.expr(e.X)
	}
}

func (n needs) first(x plan.Node) {
	n.all(x.Columns()[:1])
	n.node(x)
}
