package hunt

import (
	"context"

	"github.com/clew-sec/clew/kql/eval"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// surround asks the surroundings for the tables of functions without input, and
// puts them into the plan.
func (h *Hunter) surround(ctx context.Context, r *Request, p *plan.Plan) (*plan.Plan, error) {
	if h.Surroundings == nil {
		return p, nil
	}
	var failed error
	out := rewritten(p, func(n plan.Node) plan.Node {
		x, ok := n.(*plan.Plugin)
		if !ok || x.Input != nil || failed != nil || !h.Surroundings.Knows(x.Name) {
			return nil
		}
		args, constant := constants(x.Args)
		if !constant {
			return nil
		}
		rows, err := h.Surroundings.Call(ctx, r.Workspace, x, eval.Table{}, args)
		if err != nil {
			failed = err
			return nil
		}
		return &plan.Values{Cols: x.Cols, Rows: rows}
	})
	return out, failed
}

func constants(list []plan.Expr) ([]value.Value, bool) {
	out := make([]value.Value, len(list))
	for i, e := range list {
		l, ok := e.(*plan.Literal)
		if !ok {
			return nil, false
		}
		out[i] = l.Value
	}
	return out, true
}

// rewritten is a plan with the nodes for which f gives another one replaced,
// those within expressions and shared tables too.
func rewritten(p *plan.Plan, f func(plan.Node) plan.Node) *plan.Plan {
	shared := map[*plan.Shared]*plan.Shared{}
	var node func(plan.Node) plan.Node
	var expr func(plan.Expr) plan.Expr
	node = func(n plan.Node) plan.Node {
		if other := f(n); other != nil {
			return other
		}
		if u, ok := n.(*plan.Use); ok {
			if s := shared[u.Shared]; s != nil {
				c := *u
				c.Shared = s
				return &c
			}
			return n
		}
		return plan.RewriteExprs(plan.Rewrite(n, node), expr)
	}
	expr = func(e plan.Expr) plan.Expr { return plan.RewriteTables(e, node) }
	out := *p
	out.Shared = nil
	for _, s := range p.Shared {
		c := *s
		c.Node = node(s.Node)
		shared[s] = &c
		out.Shared = append(out.Shared, &c)
	}
	out.Root = node(p.Root)
	return &out
}
