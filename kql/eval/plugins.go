package eval

import (
	"context"
	"fmt"
	"slices"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// pluginCall is a call of evaluate that is being computed.
type pluginCall struct {
	x     *run
	n     *plan.Plugin
	in    rows
	cols  []*plan.Column
	outer *scope
	made  rows
}

// pluginFunc computes a plugin and emits its rows.
type pluginFunc func(p *pluginCall) error

var pluginFuncs map[string]pluginFunc

func init() {
	pluginFuncs = map[string]pluginFunc{
		"bag_unpack": (*pluginCall).bagUnpack, "pivot": (*pluginCall).pivot, "narrow": (*pluginCall).narrow, "identity": (*pluginCall).identity,
		"preview": (*pluginCall).preview, "rows_near": (*pluginCall).rowsNear, "estimate_rows_count": (*pluginCall).estimate,
		"ipv4_lookup": (*pluginCall).ipLookup, "ipv6_lookup": (*pluginCall).ipLookup, "geo_polygon_lookup": (*pluginCall).polygonLookup,
		"dcount_intersect": (*pluginCall).dcountIntersect, "rolling_percentile": (*pluginCall).rollingPercentile,
		"activity_counts_metrics": (*pluginCall).activityCounts, "activity_metrics": (*pluginCall).activityMetrics,
		"activity_engagement": (*pluginCall).activityEngagement, "active_users_count": (*pluginCall).activeUsers,
		"new_activity_metrics": (*pluginCall).newActivity, "session_count": (*pluginCall).sessionCount,
		"sliding_window_counts": (*pluginCall).slidingWindow,
	}
}

func (x *run) plugin(n *plan.Plugin, outer *scope) (rows, error) {
	p := &pluginCall{x: x, n: n, outer: outer}
	if n.Input != nil {
		var err error
		if p.in, err = x.node(n.Input, outer); err != nil {
			return nil, err
		}
		p.cols = n.Input.Columns()
	}
	if f, ok := pluginFuncs[n.Name]; ok {
		err := f(p)
		return p.made, err
	}
	return p.host()
}

// host asks the surroundings for a plugin that this package does not know.
func (p *pluginCall) host() (rows, error) {
	if p.x.env.Plugin == nil {
		return nil, fmt.Errorf("plugin %s: %w", p.n.Name, ErrUnsupported)
	}
	args := make([]value.Value, len(p.n.Args))
	for i := range args {
		if v, err := p.x.constant(p.n.Args[i], p.outer); err == nil {
			args[i] = v
		}
	}
	out, err := p.x.env.Plugin(p.x.ctx, p.n, Table{Cols: p.cols, Rows: p.in}, args)
	if err != nil {
		return nil, fmt.Errorf("plugin %s: %w", p.n.Name, err)
	}
	return out, p.x.taken(out)
}

func (p *pluginCall) emit(row []value.Value) error {
	for i, c := range p.n.Cols {
		if i < len(row) {
			row[i] = fit(row[i], c.Type)
		}
	}
	p.made = append(p.made, row)
	return p.x.grow(row, len(p.made))
}

// arg compiles an argument over the columns of the input.
func (p *pluginCall) arg(i int) (rowFunc, error) {
	if i >= len(p.n.Args) {
		return nil, fmt.Errorf("plugin %s: argument %d is missing: %w", p.n.Name, i+1, ErrUnsupported)
	}
	k, err := p.x.compiler(p.cols, p.outer).compile(p.n.Args[i])
	return k.fn, err
}

// constant computes an argument that depends on no row.
func (p *pluginCall) constant(i int) (value.Value, error) {
	if i >= len(p.n.Args) {
		return value.NullOf(value.Dynamic), nil
	}
	return p.x.constant(p.n.Args[i], p.outer)
}

// column is the column that an argument names, or nil.
func (p *pluginCall) column(i int) *plan.Column {
	if i < len(p.n.Args) {
		if ref, ok := p.n.Args[i].(*plan.Ref); ok {
			return ref.Col
		}
	}
	return nil
}

func (p *pluginCall) identity() error {
	for _, row := range p.in {
		if err := p.emit(slices.Clone(row)); err != nil {
			return err
		}
	}
	return nil
}

func (p *pluginCall) preview() error {
	n, err := p.constant(0)
	if err != nil {
		return err
	}
	p.in = p.in[:min(int64(len(p.in)), max(0, n.Num))]
	return p.identity()
}

func (p *pluginCall) estimate() error {
	return p.emit([]value.Value{value.LongOf(int64(len(p.in)))})
}

// narrow makes a row of each cell.
func (p *pluginCall) narrow() error {
	for i, row := range p.in {
		for k, c := range p.cols {
			if err := p.emit([]value.Value{value.LongOf(int64(i)), value.StringOf(c.Name), value.StringOf(row[k].String())}); err != nil {
				return err
			}
		}
	}
	return nil
}

// rowsNear keeps rows within a distance of those for which a condition holds.
func (p *pluginCall) rowsNear() error {
	is, err := p.arg(0)
	if err != nil {
		return err
	}
	before, err := p.constant(1)
	if err != nil {
		return err
	}
	after := before
	if len(p.n.Args) > 2 {
		if after, err = p.constant(2); err != nil {
			return err
		}
	}
	until := -1
	emitted := 0
	for i, row := range p.in {
		if truth(is(row)) == yes {
			until = max(until, i+int(min(after.Num, 1<<30)))
			emitted = max(emitted, i-int(min(before.Num, int64(i))))
			for ; emitted < i; emitted++ {
				if err := p.emit(slices.Clone(p.in[emitted])); err != nil {
					return err
				}
			}
		}
		if i <= until && emitted <= i {
			emitted = i + 1
			if err := p.emit(slices.Clone(row)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Discover finds the columns that a plugin gives beyond those that the checker
// knows: the properties of bag_unpack, the values of pivot. It computes the
// input of the plugin.
func Discover(ctx context.Context, n *plan.Plugin, env Env) ([]plan.Column, error) {
	t, err := Run(ctx, n.Input, env)
	if err != nil {
		return nil, err
	}
	env.Fetched = map[plan.Node]Table{n.Input: t}
	x := newRun(ctx, env)
	p := &pluginCall{x: x, n: n, in: t.Rows, cols: t.Cols}
	switch n.Name {
	case "bag_unpack":
		return p.unpackedColumns()
	case "pivot":
		return p.pivotedColumns()
	}
	return nil, fmt.Errorf("columns of plugin %s: %w", n.Name, ErrUnsupported)
}
