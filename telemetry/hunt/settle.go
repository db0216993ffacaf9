package hunt

import (
	"context"
	"errors"
	"slices"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/sql"
	"github.com/clew-sec/clew/telemetry"
)

// maxSettled is how many rows of a materialized table are written into the
// statement that uses them.
const maxSettled = 5000

// settle computes materialized tables whose rows are a matter of chance, and
// puts the rows into the plan: an engine that computes a named table at each of
// its uses would find other rows at each. What is larger stays as it is, and is
// finished in memory where that matters.
func (h *Hunter) settle(ctx context.Context, r *Request, p *plan.Plan) (*plan.Plan, error) {
	for i := range p.Shared {
		if !slices.Contains(sql.Repeats(p, h.Dialect), p.Shared[i]) {
			continue
		}
		values, err := h.settled(ctx, r, p, i)
		if err != nil {
			return nil, err
		}
		if values != nil {
			table := p.Shared[i].Node
			p = rewritten(p, func(n plan.Node) plan.Node {
				if n == table {
					return values
				}
				return nil
			})
		}
	}
	return p, nil
}

// settled is the rows of a shared table, nil when they are too many.
func (h *Hunter) settled(ctx context.Context, r *Request, p *plan.Plan, i int) (plan.Node, error) {
	table := p.Shared[i].Node
	program, err := sql.Compile(&plan.Plan{Root: table, Shared: p.Shared[:i]}, h.Dialect, h.options(r, maxSettled+1))
	if err != nil {
		return nil, err
	}
	run := &runner{hunter: h, request: r, ctx: ctx}
	rows, err := run.program(program)
	var limit *telemetry.LimitError
	switch {
	case errors.As(err, &limit) && limit.Limit == telemetry.LimitRows, len(rows) > maxSettled:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &plan.Values{Cols: table.Columns(), Rows: rows}, nil
}
