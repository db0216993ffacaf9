package sql

import (
	"regexp"
	"strings"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// parse cuts a text by one regular expression, anchored at the start. Columns
// of numbers take digits only; other columns as little as possible, or as much
// where the texts between are expressions themselves.
func (c *compiler) parse(n *plan.Parse) *rel {
	r := c.lower(n.Input)
	if r == nil {
		return nil
	}
	c.node = n
	pattern, cols, ok := parsePattern(n)
	if !ok || len(cols) > 99 {
		return c.failed("the pattern of parse")
	}
	if r.wide || !c.cheap(r, n.Source) {
		r = c.seal(r, n.Input.Columns())
	}
	source := c.convert(c.scalar(n.Source, r), value.String)
	if c.err != nil {
		return nil
	}
	groups, matched := c.column(value.String), c.column(value.Bool)
	next := *r
	next.cols = make(map[*plan.Column]val, len(r.cols)+2)
	for col, v := range r.cols {
		next.cols[col] = v
	}
	text := c.typed(source)
	if len(cols) > 0 {
		next.cols[groups] = val{Expr: c.d.captures(text, pattern, len(cols)), t: value.String}
	}
	next.cols[matched] = val{Expr: c.d.matched(text, pattern), t: value.Bool}
	r = c.seal(&next, append(n.Input.Columns(), groups, matched))
	return c.captured(n, r, cols, r.cols[groups].Expr, r.cols[matched].Expr)
}

// captured binds the columns of a pattern. Where one of the values of a strict
// pattern is not of its type, the whole row has not matched.
func (c *compiler) captured(n *plan.Parse, r *rel, cols []*plan.Column, groups, matched Expr) *rel {
	values := make([]val, len(cols))
	good := []Expr{matched}
	for i, col := range cols {
		v := val{Expr: c.d.group(groups, i+1), t: value.String}
		values[i] = c.convert(v, col.Type)
		if col.Type != value.String && n.Kind != plan.ParseRelaxed {
			good = append(good, notNull(values[i].Expr))
		}
	}
	ok := Expr(&Chain{Op: "AND", Parts: good})
	for i, col := range cols {
		v := values[i]
		if !n.Where && len(good) > 1 {
			v.Expr = &Case{When: []When{{If: ok, Then: v.Expr}}}
			v.null = true
		}
		v.null = v.null || col.Type != value.String
		v = c.neverNull(v)
		if c.need.has(col) {
			r.cols[col] = v
		}
	}
	if n.Where {
		r.where = append(r.where, ok)
	}
	return r
}

// parsePattern is the regular expression of a parse, with a group per column.
func parsePattern(n *plan.Parse) (string, []*plan.Column, bool) {
	var b strings.Builder
	b.WriteString(parseFlags(n))
	b.WriteByte('^')
	var cols []*plan.Column
	for i, p := range n.Pieces {
		switch {
		case p.Star && n.Kind == plan.ParseRegex:
			b.WriteString(`.*?`)
		case p.Star && i == len(n.Pieces)-1:
			b.WriteString(`.*`)
		case p.Star:
			b.WriteString(`.*?`)
		case p.Col != nil:
			b.WriteString(columnPattern(n, p.Col, i == len(n.Pieces)-1))
			cols = append(cols, p.Col)
		case n.Kind == plan.ParseRegex:
			re, err := regexp.Compile(p.Text)
			if err != nil || re.NumSubexp() > 0 && strings.Contains(p.Text, "(?P<") {
				return "", nil, false
			}
			b.WriteString("(?:" + nonCapturing(p.Text) + ")")
		default:
			b.WriteString(regexp.QuoteMeta(p.Text))
		}
	}
	if n.Kind != plan.ParseRegex {
		b.WriteByte('$')
	}
	re, err := regexp.Compile(b.String())
	return b.String(), cols, err == nil && re.NumSubexp() == len(cols)
}

func parseFlags(n *plan.Parse) string {
	flags := ""
	for _, f := range "imsU" {
		if strings.ContainsRune(n.Flags, f) || f == 's' && n.Kind != plan.ParseRegex {
			flags += string(f)
		}
	}
	if flags == "" {
		return ""
	}
	return "(?" + flags + ")"
}

// nonCapturing makes the plain groups of an expression groups that capture
// nothing.
func nonCapturing(re string) string {
	var b strings.Builder
	class := false
	for i := 0; i < len(re); i++ {
		ch := re[i]
		b.WriteByte(ch)
		switch {
		case ch == '\\' && i+1 < len(re):
			i++
			b.WriteByte(re[i])
		case ch == '[':
			class = true
		case ch == ']':
			class = false
		case ch == '(' && !class && !strings.HasPrefix(re[i+1:], "?"):
			b.WriteString("?:")
		}
	}
	return b.String()
}

func columnPattern(n *plan.Parse, col *plan.Column, last bool) string {
	switch {
	case col.Type.Integral():
		return `\s*([+-]?\d+)`
	case col.Type == value.Real || col.Type == value.Decimal:
		return `\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)`
	case last || n.Kind == plan.ParseRegex:
		return `(.*)`
	}
	return `(.*?)`
}
