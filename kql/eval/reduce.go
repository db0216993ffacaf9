package eval

import (
	"slices"
	"strings"
	"unicode"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// template is a pattern of texts: tokens, of which those that differ are *.
type template struct {
	tokens         []string
	count          int64
	representative string
}

// maxTemplates bounds the patterns that a text is compared with.
const maxTemplates = 4096

// reduce finds patterns: a text belongs to the first pattern of as many tokens
// of which enough are the same.
func (x *run) reduce(n *plan.Reduce, outer *scope) (rows, error) {
	in, err := x.node(n.Input, outer)
	if err != nil {
		return nil, err
	}
	source, err := x.expr(x.compiler(n.Input.Columns(), outer), n.Source)
	if err != nil {
		return nil, err
	}
	byLength := map[int][]*template{}
	var all []*template
	for _, row := range in {
		text := source.fn(row).String()
		tokens := tokensOf(text, n.Chars)
		list := byLength[len(tokens)]
		if err := x.step(1 + len(list)); err != nil {
			return nil, err
		}
		t := nearest(list, tokens, n.Threshold)
		if t == nil && len(all) < maxTemplates {
			t = &template{tokens: slices.Clone(tokens), representative: text}
			byLength[len(tokens)] = append(list, t)
			all = append(all, t)
		}
		if t != nil {
			t.take(tokens)
		}
	}
	slices.SortStableFunc(all, func(a, b *template) int { return int(b.count - a.count) })
	var out rows
	for _, t := range withOthers(all) {
		row := []value.Value{value.StringOf(t.pattern()), value.LongOf(t.count), value.StringOf(t.representative)}
		out = append(out, row)
		if err := x.grow(row, len(out)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// withOthers puts the texts that are like no other together.
func withOthers(all []*template) []*template {
	others := &template{tokens: []string{"others"}}
	var out []*template
	for _, t := range all {
		if t.count == 1 && len(all) > 1 {
			others.count++
		} else {
			out = append(out, t)
		}
	}
	if others.count > 0 {
		out = append(out, others)
	}
	return out
}

// tokensOf cuts a text at what is no letter or digit, and at further characters.
// The separators are tokens too, but for the further characters.
func tokensOf(s, chars string) []string {
	inToken := func(r rune) bool {
		return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !strings.ContainsRune(chars, r)
	}
	var out []string
	from := 0
	for i, r := range s {
		if !inToken(r) {
			if i > from {
				out = append(out, s[from:i])
			}
			if !strings.ContainsRune(chars, r) {
				out = append(out, string(r))
			}
			from = i + len(string(r))
		}
	}
	if from < len(s) {
		out = append(out, s[from:])
	}
	return out
}

func nearest(list []*template, tokens []string, threshold float64) *template {
	var best *template
	most := 0.0
	for _, t := range list {
		same := 0
		for i, token := range tokens {
			if t.tokens[i] == token || t.tokens[i] == "*" {
				same++
			}
		}
		if share := float64(same) / float64(max(1, len(tokens))); share > most && share >= 1-max(threshold, 0.5) {
			best, most = t, share
		}
	}
	return best
}

func (t *template) take(tokens []string) {
	t.count++
	for i, token := range tokens {
		if t.tokens[i] != token {
			t.tokens[i] = "*"
		}
	}
}

func (t *template) pattern() string { return strings.Join(t.tokens, "") }
