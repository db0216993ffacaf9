package sql

import (
	"regexp"
	"strings"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

func clickhouseLists() map[string]rule {
	return map[string]rule{
		"split": clickhouseSplit, "set_has_element": clickhouseSetHas, "replace_regex": clickhouseReplaceRegex,
		"trim": clickhouseTrim(true, true), "trim_start": clickhouseTrim(true, false), "trim_end": clickhouseTrim(false, true),
	}
}

// clickhouseSplit is an array of the parts of a text, or with a place the array
// of that one part.
func clickhouseSplit(c *compiler, _ *plan.Call, a []val) (val, bool) {
	if a[0].t != value.String || a[1].konst == nil || a[1].t != value.String || a[1].konst.Text == "" {
		return val{}, false
	}
	parts := fn("splitByString", c.typed(a[1]), c.typed(a[0]))
	if len(a) == 2 {
		x := Name("x")
		return val{Expr: jsonArray(fn("arrayMap", &Lambda{Params: []string{"x"}, Body: fn("toJSONString", x)}, parts))}, true
	}
	at := a[2].konst
	if at == nil || at.Null || !a[2].t.Integral() || at.Num < 0 || at.Num > 1<<30 {
		return val{}, false
	}
	one := fn("concat", Text("["), fn("toJSONString", &Index{X: parts, I: Number(value.LongOf(at.Num + 1).String())}), Text("]"))
	return val{Expr: either(&Binary{Op: ">", L: fn("length", parts), R: number(at.Num).Expr}, one, Null), null: true}, true
}

// textsOf are the texts of the elements of an array, or of a value that is none.
func textsOf(list Expr) Expr {
	j, sure := Name("j"), fn("ifNull", list, Text("[]"))
	items := fn("arrayMap", &Lambda{Params: []string{"j"}, Body: fn("JSONExtract", j, Text("String"))}, fn("JSONExtractArrayRaw", sure))
	return either(isKind(jsonKind(sure), "Array"), items, &List{Items: []Expr{fn("JSONExtract", sure, Text("String"))}})
}

// clickhouseSetHas looks for a text in an array.
func clickhouseSetHas(c *compiler, _ *plan.Call, a []val) (val, bool) {
	if a[0].t != value.Dynamic || a[0].konst != nil || a[1].t != value.String {
		return val{}, false
	}
	list, j := a[0].Expr, Name("j")
	same := &Chain{Op: "AND", Parts: []Expr{isKind(jsonKind(j), "String"), &Binary{Op: "=", L: fn("JSONExtract", j, Text("String")), R: c.typed(a[1])}}}
	found := fn("arrayExists", &Lambda{Params: []string{"j"}, Body: same}, fn("JSONExtractArrayRaw", fn("ifNull", list, Text("[]"))))
	return val{Expr: either(isKind(jsonKind(list), "Array"), found, Null), null: true}, true
}

// computedTerm finds a whole term that only the data tells.
func computedTerm(raw, needle Expr) Expr {
	border := func(at, with string) Expr {
		return fn("if", fn("match", needle, Text(at)), Text(with), Text(""))
	}
	pattern := fn("concat", Text("(?is)"), border(`^[\p{L}\p{N}]`, termStart), fn("regexpQuoteMeta", needle), border(`[\p{L}\p{N}]$`, termEnd))
	return &Chain{Op: "AND", Parts: []Expr{
		&Binary{Op: ">", L: fn("position", fn("lowerUTF8", raw), fn("lowerUTF8", needle)), R: Number("0")}, fn("match", raw, pattern),
	}}
}

// computedHasAny is has_any of which some terms are computed. Null is the empty
// term, which every text has.
func computedHasAny(c *compiler, a []val) (val, bool) {
	some := &Chain{Op: "OR"}
	for _, x := range a[1:] {
		switch x.t {
		case value.String:
			some.Parts = append(some.Parts, computedTerm(c.typed(a[0]), c.typed(x)))
		case value.Dynamic:
			has := &Lambda{Params: []string{"n"}, Body: computedTerm(c.typed(a[0]), Name("n"))}
			some.Parts = append(some.Parts, fn("arrayExists", has, textsOf(fn("ifNull", c.typed(x), Text("null")))))
		default:
			return val{}, false
		}
	}
	return val{Expr: some}, true
}

// clickhouseReplaceRegex takes expressions that match no empty text, and
// replacements that name groups only.
func clickhouseReplaceRegex(c *compiler, _ *plan.Call, a []val) (val, bool) {
	if len(a) != 3 || a[0].t != value.String || !goodRegex(a[1]) || a[2].konst == nil || a[2].t != value.String {
		return val{}, false
	}
	re := regexp.MustCompile(a[1].konst.Text)
	if re.MatchString("") || strings.ContainsAny(a[1].konst.Text, "^$") || !plainRewrite(a[2].konst.Text, re.NumSubexp()) {
		return val{}, false
	}
	return val{Expr: fn("replaceRegexpAll", c.typed(a[0]), regex(a[1].konst.Text), c.typed(a[2]))}, true
}

func plainRewrite(s string, groups int) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			continue
		}
		i++
		if i == len(s) || s[i] < '0' || int(s[i]-'0') > groups {
			return false
		}
	}
	return true
}

// clickhouseTrim removes one match on each side.
func clickhouseTrim(start, end bool) rule {
	return func(c *compiler, _ *plan.Call, a []val) (val, bool) {
		if a[1].t != value.String || !goodRegex(a[0]) || a[0].konst.Text == "" {
			return val{}, false
		}
		out, pattern := c.typed(a[1]), a[0].konst.Text
		if start {
			out = fn("replaceRegexpOne", out, regex("^(?:"+pattern+")"), Text(""))
		}
		if end {
			out = fn("replaceRegexpOne", out, regex("(?:"+pattern+`)\z`), Text(""))
		}
		return val{Expr: out}, true
	}
}
