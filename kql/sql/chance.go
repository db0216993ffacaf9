package sql

import (
	"strings"

	"github.com/clew-sec/clew/kql/plan"
)

// Repeats tells which of the materialized tables of a plan a dialect would
// compute at each of their uses although their rows may come out differently:
// where rows are picked without regard to all their columns, or numbered in an
// order that does not tell all of them apart.
func Repeats(p *plan.Plan, d Dialect) []*plan.Shared {
	if !d.spelling().repeatsTables {
		return nil
	}
	count, known := useCounts(p.Root), chances{}
	var out []*plan.Shared
	for _, s := range p.Shared {
		if s.Materialize && count[s] > 1 && known.of(s.Node) != none {
			out = append(out, s)
		}
	}
	return out
}

// luck is how much the rows of a table are a matter of chance.
type luck int

const (
	none   luck = iota
	values      // a value of several that are as good, as of a row of several with the greatest time
	rows        // which rows there are, or which number each has
)

// chances holds what is known of shared tables.
type chances map[*plan.Shared]luck

// chance tells how much computing n again may give other rows.
func chance(n plan.Node) luck { return chances{}.of(n) }

func (known chances) shared(s *plan.Shared) luck {
	l, ok := known[s]
	if !ok {
		l = known.of(s.Node)
		known[s] = l
	}
	return l
}

func (known chances) of(n plan.Node) luck {
	out := none
	plan.Exprs(n, func(e plan.Expr) {
		if depth(e) > 0 {
			out = rows
		}
		tablesIn(e, func(t plan.Node) { out = max(out, known.of(t)) })
	})
	switch n := n.(type) {
	case *plan.Take, *plan.Top:
		out = rows
	case *plan.Use:
		out = max(out, known.shared(n.Shared))
	case *plan.Aggregate:
		for _, a := range n.Aggs {
			if picks(a.Func) {
				out = max(out, values)
			}
		}
	}
	for _, in := range plan.Inputs(n) {
		out = max(out, known.of(in))
	}
	return out
}

// picks tells whether an aggregate takes one of several values, or several in an
// order, that the rows of a group do not settle.
func picks(name string) bool {
	base, _ := splitCondition(name)
	return base == "arg_max" || base == "arg_min" || base == "take_any" || strings.HasPrefix(base, "make_")
}

// useCounts is how often a statement computes each shared table when every use
// computes it, counted up to 2.
func useCounts(root plan.Node) map[*plan.Shared]int {
	count := map[*plan.Shared]int{}
	var node func(n plan.Node)
	node = func(n plan.Node) {
		if u, ok := n.(*plan.Use); ok && count[u.Shared] < 2 {
			count[u.Shared]++
			node(u.Shared.Node)
		}
		for _, in := range plan.Inputs(n) {
			node(in)
		}
		plan.Exprs(n, func(e plan.Expr) { tablesIn(e, node) })
	}
	node(root)
	return count
}
