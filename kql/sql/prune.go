package sql

import (
	"slices"

	"github.com/clew-sec/clew/kql/plan"
)

// prune leaves out of the shared tables that parts bring into memory the columns
// that the rest does not read: the edges of a graph may be events with a hundred
// columns, of which two are asked for.
func (k *cutter) prune(rest *plan.Plan) {
	need := needs{}
	for _, s := range rest.Shared {
		need.computed(s.Node)
	}
	need.computed(rest.Root)
	need.plan(rest.Root, rest.Shared)
	for _, s := range rest.Shared {
		if whole, ok := k.whole[s]; ok && k.err == nil {
			k.narrow(s, whole, need)
		}
	}
}

// computed marks the columns that the evaluator makes or takes by their places,
// whether somebody reads them or not.
func (n needs) computed(x plan.Node) {
	switch x := x.(type) {
	case *plan.Project, *plan.Aggregate, *plan.Union:
		n.all(x.Columns())
	case *plan.Partition:
		n.all(x.Input.Columns())
	}
	for _, in := range plan.Inputs(x) {
		n.computed(in)
	}
	plan.Exprs(x, func(e plan.Expr) { tablesIn(e, n.computed) })
}

// narrow has a part give only the columns that are needed.
func (k *cutter) narrow(s *plan.Shared, whole plan.Node, need needs) {
	cols := s.Node.Columns()
	keep := &plan.Project{Input: whole}
	for i, c := range whole.Columns() {
		if need.has(cols[i]) {
			keep.Items = append(keep.Items, plan.Item{Col: c, Expr: &plan.Ref{Col: c}})
		}
	}
	if len(keep.Items) == len(cols) || len(keep.Items) == 0 {
		return
	}
	at := slices.IndexFunc(k.program.Parts, func(p Part) bool { return p.Into == s.Node })
	statement, err := compileNode(keep, sharedBelow(keep), k.d, k.o)
	if err != nil || at < 0 {
		k.err = err
		return
	}
	into := &plan.Values{Cols: statement.Columns}
	k.program.Parts[at] = Part{Statement: statement, Into: into}
	s.Node = into
	for _, u := range k.uses[s] {
		var kept []*plan.Column
		for i, c := range u.Cols {
			if need.has(cols[i]) {
				kept = append(kept, c)
			}
		}
		u.Cols = kept
	}
}
