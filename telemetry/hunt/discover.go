package hunt

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/sql"
	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
)

// maxShown is how many columns the data may give to one plugin.
const maxShown = 1000

// discover asks the data for the columns of the first open plugin. The question
// is a plan of its own: the plugin's input, and what its columns will be named
// after.
func (h *Hunter) discover(ctx context.Context, r *Request, p *plan.Plan) error {
	open := p.Open[0]
	if open.Input == nil || len(open.Args) == 0 {
		return fmt.Errorf("the plugin %s needs rows and a column", open.Name)
	}
	var ask plan.Node
	switch open.Name {
	case "bag_unpack":
		ask = askProperties(open)
	case "pivot":
		ask = askValues(open)
	default:
		return fmt.Errorf("the columns of the plugin %s can't be found out", open.Name)
	}
	program, err := sql.Compile(r.Window.within(&plan.Plan{Root: ask, Shared: p.Shared}), h.Dialect, h.options(r, maxShown*8))
	if err != nil {
		return err
	}
	run := &runner{hunter: h, request: r, ctx: ctx}
	rows, err := run.program(program)
	if err != nil {
		return err
	}
	shown := shownColumns(open, rows)
	if len(shown) > maxShown {
		return &telemetry.LimitError{Limit: telemetry.LimitRows, Value: maxShown, Cause: fmt.Errorf("%s would give %d columns", open.Name, len(shown))}
	}
	columns := map[int][]check.Column{open.Offset: shown}
	for at, known := range r.Check.PluginColumns {
		columns[at] = known
	}
	r.Check.PluginColumns = columns
	return nil
}

// askProperties asks for the names of the properties of a bag, each with the
// kinds of its values.
func askProperties(p *plan.Plugin) plan.Node {
	bag := &plan.Column{Name: "bag", Type: value.Dynamic}
	key := &plan.Column{Name: "key", Type: value.String}
	kind := &plan.Column{Name: "kind", Type: value.String}
	source := p.Args[0]
	if source.Type() == value.String {
		source = &plan.Call{Func: "parse_json", Args: []plan.Expr{source}, Result: value.Dynamic}
	}
	bags := &plan.Project{Input: p.Input, Items: []plan.Item{{Col: bag, Expr: source}}}
	keys := &plan.Call{Func: "bag_keys", Args: []plan.Expr{&plan.Ref{Col: bag}}, Result: value.Dynamic}
	each := &plan.MvExpand{Input: bags, Items: []plan.Expansion{{Expr: keys, Col: key, To: value.String}}, Out: []*plan.Column{bag, key}}
	member := &plan.Access{X: &plan.Ref{Col: bag}, Key: &plan.Ref{Col: key}}
	return &plan.Aggregate{Input: each, Keys: []plan.Item{
		{Col: key, Expr: &plan.Ref{Col: key}},
		{Col: kind, Expr: &plan.Call{Func: "gettype", Args: []plan.Expr{member}, Result: value.String}},
	}}
}

// askValues asks for the values of the pivot column.
func askValues(p *plan.Plugin) plan.Node {
	by := &plan.Column{Name: "value", Type: value.String}
	text := &plan.Call{Func: "tostring", Args: []plan.Expr{p.Args[0]}, Result: value.String}
	return &plan.Aggregate{Input: p.Input, Keys: []plan.Item{{Col: by, Expr: text}}}
}

func shownColumns(p *plan.Plugin, rows [][]value.Value) []check.Column {
	if p.Name == "pivot" {
		return pivotColumns(p, rows)
	}
	return bagColumns(p, rows)
}

func pivotColumns(p *plan.Plugin, rows [][]value.Value) []check.Column {
	t := value.Long
	if len(p.Aggs) > 0 {
		t = p.Aggs[0].Cols[0].Type
	}
	var out []check.Column
	for _, row := range rows {
		if row[0].Text != "" {
			out = append(out, check.Column{Name: row[0].Text, Type: t})
		}
	}
	slices.SortFunc(out, func(a, b check.Column) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// bagColumns gives each property the type that its values share. The property
// that is called like the bag takes the bag's place.
func bagColumns(p *plan.Plugin, rows [][]value.Value) []check.Column {
	kinds := map[string]map[string]bool{}
	for _, row := range rows {
		if row[0].Text == "" {
			continue
		}
		if kinds[row[0].Text] == nil {
			kinds[row[0].Text] = map[string]bool{}
		}
		kinds[row[0].Text][row[1].Text] = true
	}
	first := ""
	if ref, ok := p.Args[0].(*plan.Ref); ok {
		first = ref.Col.Name
	}
	prefix := sql.BagPrefix(p)
	out := make([]check.Column, 0, len(kinds))
	for name, seen := range kinds {
		out = append(out, check.Column{Name: prefix + name, Type: sharedType(seen)})
	}
	slices.SortFunc(out, func(a, b check.Column) int {
		if (a.Name == first) != (b.Name == first) {
			if a.Name == first {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

var kindTypes = map[string]value.Type{
	"bool": value.Bool, "long": value.Long, "double": value.Real, "string": value.String, "datetime": value.DateTime, "timespan": value.TimeSpan,
}

// sharedType is the type of values of these kinds; null is of any.
func sharedType(kinds map[string]bool) value.Type {
	out := value.Unknown
	for kind := range kinds {
		if kind == "null" {
			continue
		}
		t, ok := kindTypes[kind]
		switch {
		case !ok:
			return value.Dynamic
		case out == value.Unknown, out == value.Long && t == value.Real:
			out = t
		case out != t && !(out == value.Real && t == value.Long):
			return value.Dynamic
		}
	}
	if out == value.Unknown {
		return value.Dynamic
	}
	return out
}
