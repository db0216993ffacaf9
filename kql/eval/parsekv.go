package eval

import (
	"fmt"
	"strings"

	"github.com/clew-sec/clew/kql/eval/scalar"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

func (x *run) parseKV(n *plan.ParseKV, outer *scope) (rows, error) {
	in, err := x.node(n.Input, outer)
	if err != nil {
		return nil, err
	}
	cols := n.Input.Columns()
	source, err := x.expr(x.compiler(cols, outer), n.Source)
	if err != nil {
		return nil, err
	}
	pairs, err := newPairReader(n)
	if err != nil {
		return nil, err
	}
	p := newPicker(n.Out, LayoutOf(cols), LayoutOf(n.Keys))
	var out rows
	for _, row := range in {
		made := p.pick(row, firstValues(n.Keys, pairs(source.fn(row).Text)))
		out = append(out, made)
		if err := x.grow(made, len(out)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// pair is a key and its value.
type pair struct{ key, value string }

// firstValues takes the first value of each key.
func firstValues(keys []*plan.Column, pairs []pair) []value.Value {
	out := make([]value.Value, len(keys))
	for i, k := range keys {
		out[i] = value.NullOf(k.Type)
		for _, p := range pairs {
			if p.key == k.Name {
				out[i] = value.Parse(p.value, k.Type)
				break
			}
		}
	}
	return out
}

func newPairReader(n *plan.ParseKV) (func(s string) []pair, error) {
	if n.Regex != "" {
		re, ok := scalar.CompileRegex(n.Regex, "")
		if !ok || re.For("").NumSubexp() < 2 {
			return nil, fmt.Errorf("the regular expression of parse-kv needs two groups: %q", n.Regex)
		}
		return func(s string) []pair { return regexPairs(re, s) }, nil
	}
	r := kvReader{pairDelimiter: n.PairDelimiter, delimiter: n.KeyValueDelimiter, escape: n.Escape}
	for _, q := range n.Quotes {
		open, end := q, q
		if runes := []rune(q); len(runes) == 2 {
			open, end = string(runes[0]), string(runes[1])
		}
		r.quotes = append(r.quotes, [2]string{open, end})
	}
	if n.Greedy {
		return r.greedy, nil
	}
	return r.read, nil
}

func regexPairs(re *scalar.Regex, s string) []pair {
	key, val := 1, 2
	r := re.For(s)
	if i := r.SubexpIndex("key"); i > 0 {
		key = i
	}
	if i := r.SubexpIndex("value"); i > 0 {
		val = i
	}
	var out []pair
	for _, m := range r.FindAllStringSubmatch(s, 1<<16) {
		out = append(out, pair{m[key], m[val]})
	}
	return out
}

// kvReader reads pairs that stand between delimiters.
type kvReader struct {
	pairDelimiter, delimiter, escape string
	quotes                           [][2]string
}

// delimits tells whether a delimiter lies at the start of s: the one that is
// given, or any character that is no letter, digit or underscore.
func delimits(s, delimiter string) int {
	if delimiter != "" {
		if strings.HasPrefix(s, delimiter) {
			return len(delimiter)
		}
		return 0
	}
	c := s[0]
	if c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80 {
		return 0
	}
	return 1
}

// token reads up to one of the delimiters, over quotes. It returns the text
// without quotes and the rest from the delimiter on.
func (r kvReader) token(s string, delimiters ...string) (text, rest string) {
	trimmed := strings.TrimLeft(s, " \t\r\n")
	for _, q := range r.quotes {
		if strings.HasPrefix(trimmed, q[0]) {
			if text, rest, ok := r.quoted(trimmed[len(q[0]):], q[1]); ok {
				return text, rest
			}
		}
	}
	for i := range len(s) {
		for _, d := range delimiters {
			if delimits(s[i:], d) > 0 {
				return strings.TrimSpace(s[:i]), s[i:]
			}
		}
	}
	return strings.TrimSpace(s), ""
}

// quoted reads up to the closing quote.
func (r kvReader) quoted(s, end string) (text, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); {
		switch {
		case r.escape != "" && strings.HasPrefix(s[i:], r.escape) && i+len(r.escape) < len(s):
			i += len(r.escape)
			b.WriteByte(s[i])
			i++
		case strings.HasPrefix(s[i:], end):
			return b.String(), s[i+len(end):], true
		default:
			b.WriteByte(s[i])
			i++
		}
	}
	return "", "", false
}

func (r kvReader) read(s string) []pair {
	var out []pair
	for s != "" && len(out) < 1<<16 {
		key, rest := r.token(s, r.delimiter, r.pairDelimiter)
		n := 0
		trimmed := strings.TrimLeft(rest, " \t")
		if trimmed != "" {
			n = delimits(trimmed, r.delimiter)
		}
		if n == 0 {
			s = r.nextPair(rest)
			continue
		}
		value, after := r.token(trimmed[n:], r.pairDelimiter)
		out = append(out, pair{key, value})
		s = r.nextPair(after)
	}
	return out
}

// nextPair goes behind the next pair delimiter.
func (r kvReader) nextPair(rest string) string {
	for rest != "" {
		if n := delimits(rest, r.pairDelimiter); n > 0 {
			return rest[n:]
		}
		rest = rest[1:]
	}
	return ""
}

// greedy gives a value everything up to the key of the next pair.
func (r kvReader) greedy(s string) []pair {
	if r.pairDelimiter == "" || r.delimiter == "" {
		return r.read(s)
	}
	var out []pair
	key, rest, ok := strings.Cut(s, r.delimiter)
	for ok && len(out) < 1<<16 {
		next := strings.Index(rest, r.delimiter)
		if next < 0 {
			return append(out, pair{strings.TrimSpace(key), r.unquoted(rest)})
		}
		cut := strings.LastIndex(rest[:next], r.pairDelimiter)
		if cut < 0 {
			cut = next
		}
		out = append(out, pair{strings.TrimSpace(key), r.unquoted(rest[:cut])})
		key, rest = strings.TrimPrefix(rest[cut:next], r.pairDelimiter), rest[next+len(r.delimiter):]
	}
	return out
}

func (r kvReader) unquoted(s string) string {
	s = strings.TrimSpace(s)
	for _, q := range r.quotes {
		if strings.HasPrefix(s, q[0]) {
			if text, rest, ok := r.quoted(s[len(q[0]):], q[1]); ok && rest == "" {
				return text
			}
		}
	}
	return s
}
