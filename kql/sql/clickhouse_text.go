package sql

import (
	"regexp"
	"strings"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

func clickhouseText() map[string]rule {
	rules := map[string]rule{
		"matches regex": clickhouseRegex,
		"tolower":       textFunc("lowerUTF8"), "toupper": textFunc("upperUTF8"),
		"strlen": clickhouseLength, "strcat": duckdbConcat, "replace_string": clickhouseReplace,
		"has_any": clickhouseHasAny, "has_all": clickhouseHasAll,
		"extract": clickhouseExtract, "hash_sha256": clickhouseHash("SHA256"), "hash_md5": clickhouseHash("MD5"),
		"substring": clickhouseSubstring,
	}
	for name, find := range clickhouseTests {
		rules[name] = textTest(find, false)
		rules["!"+name] = textTest(find, true)
	}
	return rules
}

var clickhouseTests = map[string]test{
	"contains": {true, clickhouseContains}, "contains_cs": {false, clickhouseContains},
	"startswith": {true, affixText("startsWith")}, "startswith_cs": {false, affixText("startsWith")},
	"endswith": {true, affixText("endsWith")}, "endswith_cs": {false, affixText("endsWith")},
	"has": {true, clickhouseTerm(true, true)}, "has_cs": {false, clickhouseTerm(true, true)},
	"hasprefix": {true, clickhouseTerm(true, false)}, "hasprefix_cs": {false, clickhouseTerm(true, false)},
	"hassuffix": {true, clickhouseTerm(false, true)}, "hassuffix_cs": {false, clickhouseTerm(false, true)},
}

// clickhouseContains searches without regard to case in the text as it is,
// where the engine's search and the language agree on the letters.
func clickhouseContains(f finding) Expr {
	search := fn("position", f.text, f.part)
	if part, ok := f.part.(Text); ok && f.fold && isASCII(string(part)) {
		search = fn("positionCaseInsensitiveUTF8", f.raw, f.part)
	}
	return &Binary{Op: ">", L: search, R: Number("0")}
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// clickhouseTerm finds whole terms, as termText does.
func clickhouseTerm(start, end bool) func(finding) Expr {
	return func(f finding) Expr {
		if f.needle == nil {
			return nil
		}
		if *f.needle == "" {
			return True
		}
		pattern := termPattern(*f.needle, start, end)
		plain := clickhouseContains(f)
		if pattern == "" {
			return plain
		}
		return &Chain{Op: "AND", Parts: []Expr{plain, clickhouseMatch(f.raw, pattern, f.fold)}}
	}
}

func clickhouseMatch(raw Expr, pattern string, fold bool) Expr {
	flags := "(?s)"
	if fold {
		flags = "(?is)"
	}
	return fn("match", raw, Text(flags+pattern))
}

func clickhouseHasAny(c *compiler, _ *plan.Call, a []val) (val, bool) {
	list, ok := needles(c, a[1:])
	if a[0].t == value.Dynamic {
		a[0] = c.convert(a[0], value.String)
	}
	if a[0].t != value.String {
		return val{}, false
	}
	if !ok || len(list) == 0 {
		return computedHasAny(c, a)
	}
	raw := c.typed(a[0])
	alternatives := make([]string, 0, len(list))
	plain := &List{}
	for _, n := range list {
		if n == "" {
			return val{Expr: True}, true
		}
		p := termPattern(n, true, true)
		if p == "" {
			p = regexp.QuoteMeta(n)
		}
		alternatives = append(alternatives, p)
		plain.Items = append(plain.Items, Text(n))
	}
	match := clickhouseMatch(raw, alternation(list, alternatives), true)
	if len(list) > 250 || !isASCII(strings.Join(list, "")) { // the engine searches for 255 at most
		return val{Expr: match}, true
	}
	some := fn("multiSearchAny", c.lowered(a[0]), plain)
	return val{Expr: &Chain{Op: "AND", Parts: []Expr{some, match}}}, true
}

func clickhouseHasAll(c *compiler, _ *plan.Call, a []val) (val, bool) {
	list, ok := needles(c, a[1:])
	if !ok || a[0].t != value.String || len(list) == 0 {
		return val{}, false
	}
	all := &Chain{Op: "AND"}
	text := c.lowered(a[0])
	for _, n := range list {
		part := c.lowered(c.constant(value.StringOf(n)))
		all.Parts = append(all.Parts, clickhouseTerm(true, true)(finding{text: text, raw: c.typed(a[0]), part: part, needle: &n, fold: true}))
	}
	return val{Expr: all}, true
}

func clickhouseRegex(c *compiler, _ *plan.Call, a []val) (val, bool) {
	if a[0].t != value.String || !goodRegex(a[1]) {
		return val{}, false
	}
	return val{Expr: fn("match", c.typed(a[0]), regex(a[1].konst.Text))}, true
}

func clickhouseHash(name string) rule {
	return func(c *compiler, _ *plan.Call, a []val) (val, bool) {
		if a[0].t != value.String || len(a) != 1 {
			return val{}, false
		}
		return val{Expr: fn("lower", fn("hex", fn(name, c.typed(a[0]))))}, true
	}
}

func clickhouseLength(c *compiler, _ *plan.Call, a []val) (val, bool) {
	if a[0].t != value.String {
		return val{}, false
	}
	return val{Expr: fn("toInt64", fn("lengthUTF8", c.typed(a[0])))}, true
}

func clickhouseReplace(c *compiler, _ *plan.Call, a []val) (val, bool) {
	if a[0].t != value.String || a[1].konst == nil || a[1].konst.Text == "" || a[2].t != value.String {
		return val{}, false
	}
	return val{Expr: fn("replaceAll", c.typed(a[0]), c.typed(a[1]), c.typed(a[2]))}, true
}

// clickhouseExtract is extract of a text; other types come out of a conversion
// around it. Without a match the text is empty.
func clickhouseExtract(c *compiler, _ *plan.Call, a []val) (val, bool) {
	if !goodRegex(a[0]) || a[1].konst == nil || a[2].t != value.String || len(a) > 3 {
		return val{}, false
	}
	groups := regexp.MustCompile(a[0].konst.Text).NumSubexp()
	if n := a[1].konst.Num; a[1].konst.Null || n < 0 || n > int64(groups) {
		return val{}, false
	}
	return val{Expr: fn("regexpExtract", c.typed(a[2]), regex(a[0].konst.Text), c.bare(a[1]))}, true
}

// clickhouseSubstring takes constant, sensible places only.
func clickhouseSubstring(c *compiler, _ *plan.Call, a []val) (val, bool) {
	f := fn("substringUTF8", c.typed(a[0]))
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
