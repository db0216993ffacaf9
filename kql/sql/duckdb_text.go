package sql

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

func duckdbText() map[string]rule {
	rules := map[string]rule{
		"matches regex": duckdbRegex,
		"tolower":       textFunc("lower"), "toupper": textFunc("upper"),
		"strlen": duckdbLength, "strcat": duckdbConcat, "replace_string": duckdbReplace,
		"has_any": duckdbHasAny, "has_all": duckdbHasAll,
		"extract": duckdbExtract, "hash_sha256": hashFunc("sha256"), "hash_md5": hashFunc("md5"),
		"substring": duckdbSubstring,
	}
	for name, find := range textTests {
		rules[name] = textTest(find, false)
		rules["!"+name] = textTest(find, true)
	}
	return rules
}

// test is a predicate over a text and a constant or computed one; needle is nil
// where it is computed.
type test struct {
	fold bool
	// find gets the text, folded if asked for and as it is, and the part.
	find func(f finding) Expr
}

var textTests = map[string]test{
	"contains": {true, containsText}, "contains_cs": {false, containsText},
	"startswith": {true, affixText("starts_with")}, "startswith_cs": {false, affixText("starts_with")},
	"endswith": {true, affixText("ends_with")}, "endswith_cs": {false, affixText("ends_with")},
	"has": {true, termText(true, true)}, "has_cs": {false, termText(true, true)},
	"hasprefix": {true, termText(true, false)}, "hasprefix_cs": {false, termText(true, false)},
	"hassuffix": {true, termText(false, true)}, "hassuffix_cs": {false, termText(false, true)},
}

func textTest(t test, not bool) rule {
	return func(c *compiler, _ *plan.Call, a []val) (val, bool) {
		if a[0].t == value.Dynamic {
			a[0] = c.convert(a[0], value.String)
		}
		if a[0].t != value.String || a[1].t != value.String {
			return val{}, false
		}
		text, part := c.typed(a[0]), c.typed(a[1])
		if t.fold {
			text, part = c.lowered(a[0]), c.lowered(a[1])
		}
		var needle *string
		if k := a[1].konst; k != nil {
			n := k.Text
			if t.fold {
				n = strings.ToLower(n)
			}
			needle = &n
		}
		e := t.find(finding{text: text, raw: c.typed(a[0]), part: part, needle: needle, fold: t.fold})
		if e == nil {
			return val{}, false
		}
		if not {
			e = &Prefix{Op: "NOT", X: e}
		}
		return val{Expr: e}, true
	}
}

// finding is a search for a part within a text.
type finding struct {
	text, raw, part Expr
	needle          *string // the part, where it is constant
	fold            bool
}

func containsText(f finding) Expr { return &Func{Name: "contains", Args: []Expr{f.text, f.part}} }

func affixText(name string) func(finding) Expr {
	return func(f finding) Expr { return &Func{Name: name, Args: []Expr{f.text, f.part}} }
}

const (
	termStart = `(?:^|[^\p{L}\p{N}])`
	termEnd   = `(?:$|[^\p{L}\p{N}])`
)

// termText finds whole terms: the text before and after is none of a term. The
// plain search before it spares most rows the regular expression.
func termText(start, end bool) func(finding) Expr {
	return func(f finding) Expr {
		if f.needle == nil {
			return nil
		}
		if *f.needle == "" {
			return True
		}
		pattern := termPattern(*f.needle, start, end)
		plain := containsText(f)
		if pattern == "" {
			return plain
		}
		return &Chain{Op: "AND", Parts: []Expr{plain, termMatch(f.raw, pattern, f.fold)}}
	}
}

// termMatch matches the text as it is: to fold it once more costs more than to
// match without regard to case.
func termMatch(raw Expr, pattern string, fold bool) Expr {
	flags := "(?s)"
	if fold {
		flags = "(?is)"
	}
	return &Func{Name: "regexp_matches", Args: []Expr{raw, Text(flags + pattern)}}
}

// termPattern is the expression of a term, with its borders where the needle
// itself ends in a letter or digit; empty where no border is asked for.
func termPattern(needle string, start, end bool) string {
	runes := []rune(needle)
	p := regexp.QuoteMeta(needle)
	bordered := false
	if start && isTermRune(runes[0]) {
		p, bordered = termStart+p, true
	}
	if end && isTermRune(runes[len(runes)-1]) {
		p, bordered = p+termEnd, true
	}
	if !bordered {
		return ""
	}
	return p
}

func isTermRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// needles are the texts of a set that is all constant.
func needles(c *compiler, args []val) ([]string, bool) {
	var out []string
	for _, a := range c.spread(args, value.String) {
		if a.konst == nil || a.t != value.String {
			return nil, false
		}
		out = append(out, strings.ToLower(a.konst.Text))
	}
	return out, true
}

func duckdbHasAny(c *compiler, _ *plan.Call, a []val) (val, bool) {
	list, ok := needles(c, a[1:])
	if a[0].t == value.Dynamic {
		a[0] = c.convert(a[0], value.String)
	}
	if !ok || a[0].t != value.String || len(list) == 0 {
		return val{}, false
	}
	text := c.lowered(a[0])
	plain := &Chain{Op: "OR"}
	alternatives := make([]string, 0, len(list))
	for _, n := range list {
		if n == "" {
			return val{Expr: True}, true
		}
		plain.Parts = append(plain.Parts, &Func{Name: "contains", Args: []Expr{text, Text(n)}})
		p := termPattern(n, true, true)
		if p == "" {
			p = regexp.QuoteMeta(n)
		}
		alternatives = append(alternatives, p)
	}
	match := termMatch(c.typed(a[0]), alternation(list, alternatives), true)
	if len(list) > 40 {
		return val{Expr: match}, true
	}
	return val{Expr: &Chain{Op: "AND", Parts: []Expr{plain, match}}}, true
}

// alternation joins patterns; the borders of plain terms are written once.
func alternation(list, patterns []string) string {
	for _, n := range list {
		runes := []rune(n)
		if !isTermRune(runes[0]) || !isTermRune(runes[len(runes)-1]) {
			return strings.Join(patterns, "|")
		}
	}
	quoted := make([]string, len(list))
	for i, n := range list {
		quoted[i] = regexp.QuoteMeta(n)
	}
	return termStart + "(?:" + strings.Join(quoted, "|") + ")" + termEnd
}

func duckdbHasAll(c *compiler, _ *plan.Call, a []val) (val, bool) {
	list, ok := needles(c, a[1:])
	if !ok || a[0].t != value.String || len(list) == 0 {
		return val{}, false
	}
	all := &Chain{Op: "AND"}
	text := c.lowered(a[0])
	for _, n := range list {
		all.Parts = append(all.Parts, termText(true, true)(finding{text: text, raw: c.typed(a[0]), part: Text(n), needle: &n, fold: true}))
	}
	return val{Expr: all}, true
}

func duckdbRegex(c *compiler, _ *plan.Call, a []val) (val, bool) {
	if a[0].t != value.String || !goodRegex(a[1]) {
		return val{}, false
	}
	return val{Expr: &Func{Name: "regexp_matches", Args: []Expr{c.typed(a[0]), Text(oldGroups(a[1].konst.Text))}}}, true
}

// goodRegex tells whether v is a constant that both kinds of RE2, Go's and the
// engine's, read.
func goodRegex(v val) bool {
	if v.konst == nil || v.t != value.String {
		return false
	}
	_, err := regexp.Compile(v.konst.Text)
	return err == nil
}

func textFunc(name string) rule {
	return func(c *compiler, _ *plan.Call, a []val) (val, bool) {
		if a[0].t != value.String {
			return val{}, false
		}
		return val{Expr: &Func{Name: name, Args: []Expr{c.typed(a[0])}}, folded: name == "lower"}, true
	}
}

func hashFunc(name string) rule {
	return func(c *compiler, _ *plan.Call, a []val) (val, bool) {
		if a[0].t != value.String || len(a) != 1 {
			return val{}, false
		}
		return val{Expr: &Func{Name: name, Args: []Expr{c.typed(a[0])}}}, true
	}
}

func duckdbLength(c *compiler, _ *plan.Call, a []val) (val, bool) {
	if a[0].t != value.String {
		return val{}, false
	}
	return val{Expr: &Func{Name: "length", Args: []Expr{c.typed(a[0])}}}, true
}

func duckdbConcat(c *compiler, _ *plan.Call, a []val) (val, bool) {
	f := &Func{Name: "concat"}
	for _, x := range a {
		if x.t != value.String {
			x = c.convert(x, value.String)
		}
		f.Args = append(f.Args, c.typed(x))
	}
	return val{Expr: f}, true
}

func duckdbReplace(c *compiler, _ *plan.Call, a []val) (val, bool) {
	if a[0].t != value.String || a[1].konst == nil || a[1].konst.Text == "" || a[2].t != value.String {
		return val{}, false
	}
	return val{Expr: &Func{Name: "replace", Args: []Expr{c.typed(a[0]), c.typed(a[1]), c.typed(a[2])}}}, true
}

// duckdbExtract is extract of a text; other types come out of a conversion
// around it.
func duckdbExtract(c *compiler, call *plan.Call, a []val) (val, bool) {
	if !goodRegex(a[0]) || a[1].konst == nil || a[2].t != value.String || len(a) > 3 {
		return val{}, false
	}
	groups := regexp.MustCompile(a[0].konst.Text).NumSubexp()
	if n := a[1].konst.Num; a[1].konst.Null || n < 0 || n > int64(groups) || n > 9 {
		return val{}, false
	}
	return val{Expr: &Func{Name: "regexp_extract", Args: []Expr{c.typed(a[2]), Text(oldGroups(a[0].konst.Text)), c.bare(a[1])}}}, true
}

// duckdbSubstring takes constant, sensible places only.
func duckdbSubstring(c *compiler, _ *plan.Call, a []val) (val, bool) {
	f := &Func{Name: "substring", Args: []Expr{c.typed(a[0])}}
	for i, x := range a[1:] {
		if x.konst == nil || x.konst.Null || !x.t.Integral() || x.konst.Num < 0 || x.konst.Num > 1<<30 {
			return val{}, false
		}
		n := x.konst.Num
		if i == 0 {
			n++
		}
		f.Args = append(f.Args, number(n).Expr)
	}
	return val{Expr: f}, a[0].t == value.String
}
