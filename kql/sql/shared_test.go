package sql

import (
	"testing"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// TestSharedTablesOfSharedTables: a shared table that only another one reads is
// found, before it.
func TestSharedTablesOfSharedTables(t *testing.T) {
	col := func() *plan.Column { return &plan.Column{Name: "x", Type: value.Long} }
	a := col()
	inner := &plan.Shared{Name: "inner", Node: &plan.Scan{Table: "T", Cols: []*plan.Column{a}, Stored: []string{"x"}}}
	b := col()
	outer := &plan.Shared{Name: "outer", Node: &plan.Use{Shared: inner, Cols: []*plan.Column{b}}}
	c, d := col(), col()
	root := &plan.Filter{
		Input: &plan.Use{Shared: outer, Cols: []*plan.Column{c}},
		Predicate: &plan.Call{Func: "==", Result: value.Bool, Args: []plan.Expr{
			&plan.Ref{Col: c}, &plan.ToScalar{Node: &plan.Use{Shared: inner, Cols: []*plan.Column{d}}},
		}},
	}
	got := sharedBelow(root)
	if len(got) != 2 || got[0] != inner || got[1] != outer {
		t.Errorf("%v", got)
	}
	p, err := Compile(&plan.Plan{Root: root}, DuckDB, Options{})
	if err != nil || p.Rest != nil {
		t.Errorf("%v %+v", err, p)
	}
}
