package hunt

import (
	"slices"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// Window bounds the times of the rows that are read, in ticks; 0 is no bound.
// From belongs to it, To does not.
type Window struct{ From, To int64 }

// timeColumns are the columns by which the tables of the store are kept, in the
// order in which one is looked for.
var timeColumns = []string{"Timestamp", "TimeGenerated"}

// within is a plan that reads only rows of the window, of tables that have a
// time.
func (w Window) within(p *plan.Plan) *plan.Plan {
	if w == (Window{}) {
		return p
	}
	return rewritten(p, func(n plan.Node) plan.Node {
		if scan, ok := n.(*plan.Scan); ok {
			return w.scan(scan)
		}
		return nil
	})
}

func (w Window) scan(n *plan.Scan) plan.Node {
	for _, name := range timeColumns {
		i := slices.IndexFunc(n.Cols, func(c *plan.Column) bool { return c.Name == name && c.Type == value.DateTime })
		if i < 0 {
			continue
		}
		var out plan.Node = n
		if w.From > 0 {
			out = &plan.Filter{Input: out, Predicate: against(">=", n.Cols[i], w.From)}
		}
		if w.To > 0 {
			out = &plan.Filter{Input: out, Predicate: against("<", n.Cols[i], w.To)}
		}
		return out
	}
	return n
}

func against(op string, c *plan.Column, ticks int64) plan.Expr {
	return &plan.Call{Func: op, Result: value.Bool, Args: []plan.Expr{&plan.Ref{Col: c}, &plan.Literal{Value: value.DateTimeOf(ticks)}}}
}
