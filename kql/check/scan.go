package check

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// stepStates is the state of the steps of a scan, which conditions and
// assignments read as step.column.
type stepStates struct {
	steps  map[string]int
	fields []field // of a state: the columns of the input and the declared ones
}

// read binds step.column; false: the name is no step.
func (s *stepStates) read(c *checker, id *syntax.Ident, x *syntax.Member) (bound, bool) {
	step, ok := s.steps[id.Name]
	if !ok {
		return bound{}, false
	}
	sel, ok := x.Sel.(*syntax.Ident)
	if !ok {
		return boundExpr(bad()), true
	}
	for _, f := range s.fields {
		if f.name == sel.Name && f.col != nil {
			return boundExpr(leaf(&plan.StepRef{Step: step, Col: f.col}, f.t)), true
		}
	}
	var names []string
	for _, f := range s.fields {
		names = append(names, f.name)
	}
	c.unknownName(sel, CodeUnknownName, "column of a step", names)
	return boundExpr(bad()), true
}

// scanOperator binds scan.
func (c *checker) scanOperator(rel *relation, op *syntax.Scan, cx context) *relation {
	node := &plan.Match{Input: rel.node}
	if len(op.OrderBy) > 0 {
		var keys []plan.SortKey
		for _, o := range op.OrderBy {
			keys = append(keys, c.sortKey(o, cx.over(rel)))
		}
		node.Input = &plan.Sort{Input: rel.node, Keys: keys}
	} else if !rel.ordered {
		c.warnf(op.Base().Keyword, CodeSerialize, "scan needs rows in a fixed order: put sort by before it.")
	}
	for _, x := range op.PartitionBy {
		node.By = append(node.By, c.scalarOf(x, cx.over(rel)).x)
	}
	var declared []field
	for _, p := range op.Declare {
		if f, d, ok := c.declare(p, cx); ok {
			declared = append(declared, f)
			node.Declared = append(node.Declared, plan.Declared{Col: f.col, Default: d})
		}
	}
	states := &stepStates{steps: map[string]int{}, fields: append(append([]field{}, rel.fields...), declared...)}
	for i, s := range op.Steps {
		if s.Name != nil {
			states.steps[s.Name.Name] = i
		}
	}
	state := &relation{node: rel.node, fields: states.fields, open: rel.open}
	for _, s := range op.Steps {
		node.Steps = append(node.Steps, c.scanStep(s, state, declared, states, cx))
	}
	fields := states.fields[:len(states.fields):len(states.fields)]
	if name := op.Param("with_match_id"); name != "" {
		f := column(name, scalar(value.Long))
		node.MatchID = f.col
		fields = append(fields, f)
	}
	node.Out = columnsOf(fields)
	return &relation{node: node, fields: fields, open: rel.open, ordered: true}
}

// declare binds a state column.
func (c *checker) declare(p *syntax.Param, cx context) (field, plan.Expr, bool) {
	if p.Name == nil || p.Type == nil {
		return field{}, nil, false
	}
	t := scalar(p.Type.Type)
	f := column(p.Name.Name, t)
	d := leaf(&plan.Literal{Value: value.NullOf(t.T)}, t)
	if p.Default != nil {
		d = convertTo(c.scalarOf(p.Default, cx), t.T)
	}
	return f, d.x, true
}

func (c *checker) scanStep(s *syntax.ScanStep, state *relation, declared []field, states *stepStates, cx context) plan.MatchStep {
	over := cx.over(state)
	over.steps = states
	out := plan.MatchStep{Optional: s.Optional, Output: orName(s.Output, "all")}
	if s.Name != nil {
		out.Name = s.Name.Name
	}
	out.Condition = c.predicate(s.Condition, over).x
	for _, a := range s.Assignments {
		name := a.Name()
		if name == nil {
			c.errorf(a, CodeValue, "A step assigns values: column = value.")
			continue
		}
		e := c.scalarOf(a.X, over)
		found := false
		for _, f := range declared {
			if f.name == name.Name {
				found = true
				out.Assign = append(out.Assign, plan.Item{Col: f.col, Expr: convertTo(e, f.t.T).x})
			}
		}
		if !found {
			var names []string
			for _, f := range declared {
				names = append(names, f.name)
			}
			c.unknownName(name, CodeUnknownName, "declared column of the scan", names)
		}
	}
	return out
}
