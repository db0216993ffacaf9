package sql

import (
	"strconv"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

func itoa(n int) string { return strconv.Itoa(n) }

func number(n int64) val {
	v := value.LongOf(n)
	return val{Expr: Number(strconv.FormatInt(n, 10)), t: value.Long, konst: &v}
}

// rangeOf is `range`: its steps are counted, so that no rounding adds up.
func (c *compiler) rangeOf(n *plan.Range) *rel {
	c.node = n
	empty := &rel{cols: map[*plan.Column]val{}}
	from, to, step := c.scalar(n.From, empty), c.scalar(n.To, empty), c.scalar(n.Step, empty)
	as, name := c.alias(), c.hide()
	i := val{Expr: &Col{Table: as, Name: name}, t: value.Long}
	r := &rel{from: c.d.series(c.steps(from, to, step), as, name), cols: map[*plan.Column]val{}}
	r.cols[n.Col] = c.step(n.Col.Type, from, step, i)
	r.order, r.natural = []orderKey{{val: i}}, true
	return r
}

// steps is the number of values from one to another, the end included; 0 where
// the step leads away or nowhere.
func (c *compiler) steps(from, to, step val) Expr {
	f, t, s := c.typed(from), c.typed(to), c.typed(step)
	var count Expr
	if from.t == value.Real || step.t == value.Real || to.t == value.Real {
		steps := &Func{Name: "floor", Args: []Expr{&Binary{Op: "/", L: &Binary{Op: "-", L: t, R: f}, R: s}}}
		count = &Binary{Op: "+", L: &Cast{X: steps, Type: c.d.typeName(value.Long, false)}, R: Number("1")}
	} else {
		count = &Binary{Op: "+", L: c.d.quotient(&Binary{Op: "-", L: t, R: f}, s), R: Number("1")}
	}
	away := &Chain{Op: "OR", Parts: []Expr{
		&Binary{Op: "=", L: s, R: Number("0")},
		&Chain{Op: "AND", Parts: []Expr{&Binary{Op: ">", L: s, R: Number("0")}, &Binary{Op: ">", L: f, R: t}}},
		&Chain{Op: "AND", Parts: []Expr{&Binary{Op: "<", L: s, R: Number("0")}, &Binary{Op: "<", L: f, R: t}}},
	}}
	return &Case{When: []When{{If: away, Then: Number("0")}}, Else: count}
}

func (c *compiler) step(t value.Type, from, step, i val) val {
	move := &Binary{Op: "*", L: i.Expr, R: c.typed(step)}
	return val{Expr: &Binary{Op: "+", L: c.typed(from), R: move}, t: t, null: from.null || step.null}
}
