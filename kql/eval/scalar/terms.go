package scalar

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clew-sec/clew/kql/value"
)

// TextTest tells something of a text.
type TextTest func(s string) bool

// place says where in a text a needle has to lie.
type place uint8

const (
	anywhere   place = iota
	atStart          // of the text
	atEnd            // of the text
	everything       // is the text
	asTerm           // bounded by what is no letter or digit
	asPrefix         // of a term
	asSuffix         // of a term
)

// textOperator is one of the operators that look for a text in a text.
type textOperator struct {
	place place
	fold  bool
	not   bool
}

var textOperatorNames = map[string]textOperator{}

func init() {
	for name, p := range map[string]place{"contains": anywhere, "startswith": atStart, "endswith": atEnd, "has": asTerm, "hasprefix": asPrefix, "hassuffix": asSuffix} {
		textOperatorNames[name] = textOperator{p, true, false}
		textOperatorNames["!"+name] = textOperator{p, true, true}
		textOperatorNames[name+"_cs"] = textOperator{p, false, false}
		textOperatorNames["!"+name+"_cs"] = textOperator{p, false, true}
	}
	textOperatorNames["=~"] = textOperator{everything, true, false}
	textOperatorNames["!~"] = textOperator{everything, true, true}
	for name, op := range textOperatorNames {
		table[name] = op.function()
	}
}

// TextTestOf prepares a text operator (has, contains_cs, !startswith, =~, …) for
// a needle. ok is false for other operators.
func TextTestOf(op, text string) (test TextTest, ok bool) {
	o, ok := textOperatorNames[op]
	if !ok {
		return nil, false
	}
	return o.test(text), true
}

func (o textOperator) test(text string) TextTest {
	n := newNeedle(text, o.place, o.fold)
	if o.not {
		return func(s string) bool { return !n.in(s) }
	}
	return n.in
}

func (o textOperator) function() *Function {
	return &Function{Min: 2, Max: 2, Result: value.Bool,
		Call: func(a []value.Value) value.Value {
			n := newNeedle(a[1].String(), o.place, o.fold)
			return value.BoolOf(n.in(a[0].String()) != o.not)
		},
		Bind: func(consts []*value.Value) Func {
			if len(consts) != 2 || consts[1] == nil {
				return nil
			}
			test := o.test(consts[1].String())
			return func(a []value.Value) value.Value { return value.BoolOf(test(a[0].String())) }
		},
	}
}

// needle is a text to be looked for.
type needle struct {
	text        string // in lower case when fold
	place       place
	fold        bool
	ascii       bool
	first       [2]byte // the first byte in both cases
	left, right bool    // the edge is a letter or digit, so a term has to end there
}

func newNeedle(text string, p place, fold bool) *needle {
	n := &needle{text: text, place: p, fold: fold, ascii: isASCII(text)}
	if fold {
		n.text = strings.ToLower(text)
	}
	if n.text != "" {
		n.first = [2]byte{n.text[0], upper(n.text[0])}
		r, _ := utf8.DecodeRuneInString(n.text)
		l, _ := utf8.DecodeLastRuneInString(n.text)
		n.left = isTermRune(r) && (p == asTerm || p == asPrefix)
		n.right = isTermRune(l) && (p == asTerm || p == asSuffix)
	}
	return n
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - ('a' - 'A')
	}
	return c
}

func isTermRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// in tells whether the needle is in s.
func (n *needle) in(s string) bool {
	if n.fold && !n.ascii {
		s = strings.ToLower(s)
	}
	switch n.place {
	case everything:
		return len(s) == len(n.text) && n.at(s, 0)
	case atStart:
		return n.at(s, 0)
	case atEnd:
		return n.at(s, len(s)-len(n.text))
	}
	if n.text == "" {
		return true
	}
	if len(n.text) > longNeedle {
		return n.longIn(s)
	}
	for i := n.next(s, 0); i >= 0; i = n.next(s, i+1) {
		if n.bounded(s, i) {
			return true
		}
	}
	return false
}

// longNeedle is the length from which a search must not compare at each place:
// a long needle in a long text of few letters would take forever.
const longNeedle = 64

// longIn searches in linear time. A needle that begins with a letter can only
// begin where a term does, so a failed match skips the rest of its term.
func (n *needle) longIn(s string) bool {
	if n.fold {
		s = strings.ToLower(s)
	}
	from := 0
	for tries := 0; tries < 10_000; tries++ {
		i := strings.Index(s[from:], n.text)
		if i < 0 {
			return false
		}
		if i += from; n.bounded(s, i) {
			return true
		}
		from = i + 1
		if n.left {
			from = termEnd(s, i)
		}
	}
	return false
}

// termEnd is where the term that i lies in ends.
func termEnd(s string, i int) int {
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !isTermRune(r) {
			break
		}
		i += size
	}
	return max(i, 1)
}

// at tells whether the needle lies at i.
func (n *needle) at(s string, i int) bool {
	if i < 0 || len(s)-i < len(n.text) {
		return false
	}
	s = s[i : i+len(n.text)]
	if !n.fold || !n.ascii {
		return s == n.text
	}
	for j := range len(s) {
		c := s[j]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != n.text[j] {
			return false
		}
	}
	return true
}

// next is where the needle lies from i on, or -1.
func (n *needle) next(s string, i int) int {
	if !n.fold || !n.ascii || n.first[0] == n.first[1] {
		return n.nextExact(s, i)
	}
	lower, upper := indexFrom(s, i, n.first[0]), indexFrom(s, i, n.first[1])
	for lower < len(s) || upper < len(s) {
		at := min(lower, upper)
		if n.at(s, at) {
			return at
		}
		if at == lower {
			lower = indexFrom(s, at+1, n.first[0])
		} else {
			upper = indexFrom(s, at+1, n.first[1])
		}
	}
	return -1
}

// indexFrom is where a byte comes next, or the end.
func indexFrom(s string, from int, c byte) int {
	if i := strings.IndexByte(s[min(from, len(s)):], c); i >= 0 {
		return from + i
	}
	return len(s)
}

func (n *needle) nextExact(s string, i int) int {
	for i <= len(s)-len(n.text) {
		j := strings.IndexByte(s[i:], n.first[0])
		if j < 0 {
			return -1
		}
		if i += j; n.at(s, i) {
			return i
		}
		i++
	}
	return -1
}

// bounded tells whether terms end where the needle at i needs it.
func (n *needle) bounded(s string, i int) bool {
	if n.left && i > 0 {
		if r, _ := utf8.DecodeLastRuneInString(s[:i]); isTermRune(r) {
			return false
		}
	}
	if end := i + len(n.text); n.right && end < len(s) {
		if r, _ := utf8.DecodeRuneInString(s[end:]); isTermRune(r) {
			return false
		}
	}
	return true
}

// textOperators look for several needles.
var textOperators = map[string]*Function{
	"has_any": needles(false),
	"has_all": needles(true),
	"has_any_index": {Min: 2, Max: 2, Result: value.Long, Call: func(a []value.Value) value.Value {
		s := a[0].String()
		for i, text := range needleTexts(a[1:]) {
			if newNeedle(text, asTerm, true).in(s) {
				return value.LongOf(int64(i))
			}
		}
		return value.LongOf(-1)
	}},
}

// needleTexts are the texts of the arguments, arrays as their elements.
func needleTexts(args []value.Value) []string {
	var out []string
	for _, a := range args {
		items, ok := array(a)
		if !ok {
			out = append(out, a.String())
		}
		for _, x := range items {
			out = append(out, scalarText(x))
		}
	}
	return out
}

// NewTerms prepares has_any (all false) or has_all for constant needles.
func NewTerms(all bool, texts []string) TextTest {
	if test := manyTerms(texts); test != nil && !all {
		return test
	}
	list := make([]*needle, len(texts))
	for i, text := range texts {
		list[i] = newNeedle(text, asTerm, true)
	}
	return func(s string) bool {
		for _, n := range list {
			if n.in(s) != all {
				return !all
			}
		}
		return all
	}
}

// manyTerms tests for any of many needles by looking up each term of a text; nil
// where the needles are few or not all of them are one term.
func manyTerms(texts []string) TextTest {
	if len(texts) < 12 {
		return nil
	}
	set := make(map[string]struct{}, len(texts))
	for _, t := range texts {
		if t == "" || strings.IndexFunc(t, func(r rune) bool { return !isTermRune(r) }) >= 0 {
			return nil
		}
		set[strings.ToLower(t)] = struct{}{}
	}
	return func(s string) bool {
		found := false
		eachTerm(s, func(term string) bool {
			_, found = set[strings.ToLower(term)]
			return !found
		})
		return found
	}
}

// eachTerm calls do with each run of letters and digits until it returns false.
func eachTerm(s string, do func(term string) bool) {
	from := -1
	for i, r := range s {
		switch {
		case isTermRune(r) && from < 0:
			from = i
		case !isTermRune(r) && from >= 0:
			if !do(s[from:i]) {
				return
			}
			from = -1
		}
	}
	if from >= 0 {
		do(s[from:])
	}
}

func needles(all bool) *Function {
	return &Function{Min: 1, Max: -1, Result: value.Bool,
		Call: func(a []value.Value) value.Value {
			return value.BoolOf(NewTerms(all, needleTexts(a[1:]))(a[0].String()))
		},
		Bind: func(consts []*value.Value) Func {
			values, ok := allConstant(consts[min(1, len(consts)):])
			if !ok {
				return nil
			}
			test := NewTerms(all, needleTexts(values))
			return func(a []value.Value) value.Value { return value.BoolOf(test(a[0].String())) }
		},
	}
}
