package sql

import (
	"testing"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

func col(name string, t value.Type) *plan.Column { return &plan.Column{Name: name, Type: t} }
func ref(c *plan.Column) plan.Expr               { return &plan.Ref{Col: c} }
func long(n int64) plan.Expr                     { return &plan.Literal{Value: value.LongOf(n)} }
func text(s string) plan.Expr                    { return &plan.Literal{Value: value.StringOf(s)} }
func call(f string, t value.Type, args ...plan.Expr) plan.Expr {
	return &plan.Call{Func: f, Args: args, Result: t}
}

func TestPlans(t *testing.T) {
	k, v, s, ts := col("Key", value.Long), col("v", value.Long), col("Name", value.String), col("Timestamp", value.DateTime)
	events := func() plan.Node {
		return &plan.Scan{Table: "Events", Cols: []*plan.Column{k, v, s, ts}, Stored: []string{"Key", "v", "Name", "Timestamp"}}
	}
	n := col("count_", value.Long)
	x := col("x", value.Long)
	rn := col("rn", value.Long)
	pv := col("pv", value.Long)
	day := col("Timestamp", value.DateTime)
	plans := map[string]plan.Node{
		"count by": &plan.Top{Count: long(5), Keys: []plan.SortKey{{Expr: ref(n), Desc: true}},
			Input: &plan.Aggregate{
				Input: &plan.Filter{Input: events(), Predicate: call("and", value.Bool, call("has", value.Bool, ref(s), text("Alpha")), call("==", value.Bool, ref(k), long(3)))},
				Keys:  []plan.Item{{Col: s, Expr: ref(s)}, {Col: day, Expr: call("bin", value.DateTime, ref(ts), &plan.Literal{Value: value.TimeSpanOf(value.Day)})}},
				Aggs:  []plan.Agg{{Func: "count", Cols: []*plan.Column{n}}}}},
		"extend": &plan.Project{Items: []plan.Item{{Col: x, Expr: ref(x)}, {Col: pv, Expr: call("+", value.Long, ref(x), ref(v))}}, Input: &plan.Filter{Predicate: call(">", value.Bool, ref(x), long(1)), Input: &plan.Project{Input: events(),
			Items: []plan.Item{{Col: v, Expr: ref(v)}, {Col: x, Expr: call("*", value.Long, ref(v), long(2))}}}}},
		"windows": &plan.Project{Input: &plan.Sort{Input: events(), Keys: []plan.SortKey{{Expr: ref(ts)}}},
			Items: []plan.Item{{Col: k, Expr: ref(k)}, {Col: rn, Expr: call("row_number", value.Long, long(1), call("!=", value.Bool, ref(k), call("prev", value.Long, ref(k))))}, {Col: pv, Expr: call("-", value.Long, ref(v), call("prev", value.Long, ref(v)))}}},
	}
	for name, p := range plans {
		st, err := compileNode(p, nil, DuckDB, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		t.Logf("%s:\n%s", name, st.Text)
	}
}
