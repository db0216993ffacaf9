package hunt

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/clew-sec/clew/kql/eval"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/sql"
	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
)

// runner runs the programs of one request.
type runner struct {
	hunter  *Hunter
	request *Request
	ctx     context.Context
	held    int // rows that parts have brought into memory
	used    telemetry.Usage
}

// program runs the statements of a program, and finishes it.
func (r *runner) program(p *sql.Program) ([][]value.Value, error) {
	for i, part := range p.Parts {
		rows, err := r.statement(part.Statement, r.limits(p))
		if err != nil {
			return nil, err
		}
		if p.Rest == nil {
			return rows, nil
		}
		r.held += len(rows)
		p.Parts[i].Into.Rows = rows
	}
	return r.finish(p.Rest)
}

// limits are those of one statement: of a result it may be cut, of what is
// finished in memory not.
func (r *runner) limits(p *sql.Program) telemetry.Limits {
	l := telemetry.Limits{Memory: r.request.Limits.Memory}
	if p.Rest != nil {
		l.Rows = max(1, r.request.Limits.Intermediate-r.held)
	}
	return l
}

func (r *runner) statement(s *sql.Statement, l telemetry.Limits) ([][]value.Value, error) {
	if err := r.define(s.Functions); err != nil {
		return nil, err
	}
	st := telemetry.Statement{SQL: s.Text}
	for _, c := range s.Columns {
		st.Columns = append(st.Columns, telemetry.ResultColumn{Name: c.Name, Type: c.Type})
	}
	width := len(st.Columns)
	if width == 0 {
		st.Columns = []telemetry.ResultColumn{{Name: "", Type: value.Long}}
	}
	rows, err := r.hunter.Engine.Query(r.ctx, st, l)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]value.Value
	for row, err := range rows.All() {
		if err != nil {
			return nil, err
		}
		out = append(out, slices.Clone(row[:width]))
	}
	err = rows.Close()
	if c, ok := rows.(telemetry.Costed); ok {
		r.used.Add(c.Usage())
	}
	return out, err
}

// finish computes in memory what SQL could not say.
func (r *runner) finish(rest *plan.Plan) ([][]value.Value, error) {
	l := r.request.Limits
	t, err := eval.Run(r.ctx, rest.Root, eval.Env{
		Now:    r.request.Check.Now,
		Plugin: r.plugin,
		Places: r.hunter.places(),
		Random: rand.New(rand.NewPCG(uint64(r.request.Check.Now), 1)).Float64,
		Limits: eval.Limits{Rows: int64(l.Intermediate), Bytes: l.Evaluation, Steps: int64(l.Intermediate) * 100},
	})
	if err != nil {
		return nil, limited(err)
	}
	return t.Rows, nil
}

// limited words the limits of the evaluator as those of a query.
func limited(err error) error {
	var limit *eval.LimitError
	if !errors.As(err, &limit) {
		return err
	}
	kind := telemetry.LimitRows
	if limit.Limit == "bytes" {
		kind = telemetry.LimitMemory
	}
	return &telemetry.LimitError{Limit: kind, Value: limit.Max, Cause: err}
}

// plugin runs what neither SQL nor the evaluator knows.
func (r *runner) plugin(ctx context.Context, p *plan.Plugin, input eval.Table, args []value.Value) ([][]value.Value, error) {
	if r.hunter.Surroundings == nil {
		return nil, fmt.Errorf("%s is not available here", p.Name)
	}
	return r.hunter.Surroundings.Call(ctx, r.request.Workspace, p, input, args)
}
