package eval

import (
	"fmt"
	"strings"

	"github.com/clew-sec/clew/kql/eval/scalar"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// textParser cuts a text into the columns of a parse. ok is false where the
// pattern does not match.
type textParser func(s string) (values []value.Value, ok bool)

func (x *run) parse(n *plan.Parse, outer *scope) (rows, error) {
	in, err := x.node(n.Input, outer)
	if err != nil {
		return nil, err
	}
	cols := n.Input.Columns()
	source, err := x.expr(x.compiler(cols, outer), n.Source)
	if err != nil {
		return nil, err
	}
	made := Layout{}
	var types []value.Type
	for _, p := range n.Pieces {
		if p.Col != nil {
			made[p.Col] = len(types)
			types = append(types, p.Col.Type)
		}
	}
	cut, err := newTextParser(n, types)
	if err != nil {
		return nil, err
	}
	p := newPicker(n.Out, LayoutOf(cols), made)
	var out rows
	for _, row := range in {
		values, ok := cut(source.fn(row).Text)
		if !ok && n.Where {
			continue
		}
		r := p.pick(row, values)
		out = append(out, r)
		if err := x.grow(r, len(out)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func newTextParser(n *plan.Parse, types []value.Type) (textParser, error) {
	strict := n.Kind == plan.ParseSimple
	if n.Kind != plan.ParseRegex {
		return func(s string) ([]value.Value, bool) {
			texts, ok := cutSimple(s, n.Pieces)
			if !ok {
				return nil, false
			}
			return typedTexts(texts, types, strict)
		}, nil
	}
	pattern := regexOf(n.Pieces)
	re, ok := scalar.CompileRegex(pattern, n.Flags)
	if !ok {
		return nil, fmt.Errorf("the regular expression of parse can't be read: %q", pattern)
	}
	groups := columnGroups(n.Pieces)
	return func(s string) ([]value.Value, bool) {
		m := re.For(s).FindStringSubmatch(s)
		if m == nil {
			return nil, false
		}
		texts := make([]string, len(types))
		for i := range texts {
			texts[i] = m[groups[i]]
		}
		return typedTexts(texts, types, true)
	}, nil
}

// typedTexts converts; strict fails when one text is not of its type.
func typedTexts(texts []string, types []value.Type, strict bool) ([]value.Value, bool) {
	out := make([]value.Value, len(texts))
	for i, t := range texts {
		out[i] = value.Parse(t, types[i])
		if out[i].Null && strict {
			return nil, false
		}
	}
	return out, true
}

// cutSimple finds the texts between the columns one after the other.
func cutSimple(s string, pieces []plan.ParsePiece) ([]string, bool) {
	var out []string
	at := 0
	column, star := -1, false // what comes before the next text
	for i, p := range pieces {
		switch {
		case p.Star:
			if column >= 0 {
				out[column], at = leading(s, at, pieces[i-1].Col.Type)
				column = -1
			}
			star = true
		case p.Col != nil:
			out = append(out, "")
			column = len(out) - 1
		default:
			k := strings.Index(s[at:], p.Text)
			if k < 0 || k > 0 && column < 0 && !star {
				return nil, false
			}
			if column >= 0 {
				out[column] = s[at : at+k]
			}
			at += k + len(p.Text)
			column, star = -1, false
		}
	}
	if column >= 0 {
		out[column] = s[at:]
	}
	return out, true
}

// leading is what a column takes when anything may follow: of numbers the
// digits, of texts nothing.
func leading(s string, at int, t value.Type) (string, int) {
	if !t.Numeric() && t != value.DateTime && t != value.TimeSpan {
		return "", at
	}
	end := at
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || strings.IndexByte("-+.:TZ", s[end]) >= 0 && !(t.Integral() && s[end] != '-')) {
		end++
	}
	return s[at:end], end
}

// patternOf is what a column of a type matches.
func patternOf(t value.Type) string {
	switch t {
	case value.Int, value.Long:
		return `(-?\d+)`
	case value.Real, value.Decimal:
		return `(-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)`
	case value.Bool:
		return `((?i:true|false|0|1))`
	}
	return `(.*)`
}

func regexOf(pieces []plan.ParsePiece) string {
	var b strings.Builder
	for _, p := range pieces {
		switch {
		case p.Star:
			b.WriteString(`.*?`)
		case p.Col != nil:
			b.WriteString(patternOf(p.Col.Type))
		default:
			b.WriteString("(?:" + p.Text + ")")
		}
	}
	return b.String()
}

// columnGroups numbers the groups of the columns: the texts may have groups of
// their own.
func columnGroups(pieces []plan.ParsePiece) []int {
	var out []int
	next := 1
	for _, p := range pieces {
		switch {
		case p.Col != nil:
			out = append(out, next)
			next++
		case p.Text != "":
			if re, ok := scalar.CompileRegex(p.Text, ""); ok {
				next += re.For("").NumSubexp()
			}
		}
	}
	return out
}
