package scalar

import (
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/clew-sec/clew/kql/value"
)

// maxPattern is the greatest length of a regular expression in bytes.
const maxPattern = 8 << 10

// Regex is a regular expression of the language. Its \d, \w and \s know all of
// Unicode; a text of ASCII takes the faster form.
type Regex struct {
	ascii, unicode *regexp.Regexp
}

// CompileRegex reads a pattern, with flags of i, m, s, U.
func CompileRegex(pattern, flags string) (*Regex, bool) {
	if len(pattern) > maxPattern {
		return nil, false
	}
	prefix := ""
	if flags != "" {
		prefix = "(?" + flags + ")"
	}
	plain, err := regexp.Compile(prefix + dialect(pattern, false))
	if err != nil {
		return nil, false
	}
	wide := dialect(pattern, true)
	if wide == pattern {
		return &Regex{plain, plain}, true
	}
	full, err := regexp.Compile(prefix + wide)
	if err != nil {
		return &Regex{plain, plain}, true
	}
	return &Regex{plain, full}, true
}

// For picks the form for a text.
func (r *Regex) For(s string) *regexp.Regexp {
	if r.ascii == r.unicode || isASCII(s) {
		return r.ascii
	}
	return r.unicode
}

// wordClass is \w without brackets.
const wordClass = `\p{L}\p{M}\p{Nd}\p{Pc}`

// dialect writes a pattern for Go: the classes that know Unicode, where asked,
// and \/ and the like, which are letters here.
func dialect(pattern string, unicode bool) string {
	if !strings.Contains(pattern, `\`) {
		return pattern
	}
	var b strings.Builder
	inClass := false
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		if c == '[' && !inClass {
			inClass = true
		} else if c == ']' {
			inClass = false
		}
		if c != '\\' || i+1 == len(pattern) {
			b.WriteByte(c)
			continue
		}
		i++
		b.WriteString(escapeFor(pattern[i], inClass, unicode))
	}
	return b.String()
}

func escapeFor(c byte, inClass, unicode bool) string {
	if unicode {
		switch {
		case c == 'd':
			return `\p{Nd}`
		case c == 'D':
			return `\P{Nd}`
		case c == 'w' && inClass:
			return wordClass
		case c == 'w':
			return "[" + wordClass + "]"
		case c == 'W' && !inClass:
			return "[^" + wordClass + "]"
		case c == 's' && inClass:
			return `\s\p{Z}\x{85}`
		case c == 's':
			return `[\s\p{Z}\x{85}]`
		}
	}
	if c == '_' || c == 'e' && inClass {
		return string(c)
	}
	return `\` + string(c)
}

// regexCache keeps the expressions of calls whose pattern is no constant.
var regexCache = struct {
	sync.RWMutex
	of map[string]*Regex
}{of: map[string]*Regex{}}

// cachedRegex compiles a pattern or finds it; nil where it is none.
func cachedRegex(pattern string) *Regex {
	regexCache.RLock()
	r, ok := regexCache.of[pattern]
	regexCache.RUnlock()
	if ok {
		return r
	}
	r, _ = CompileRegex(pattern, "")
	regexCache.Lock()
	defer regexCache.Unlock()
	if len(regexCache.of) >= 512 {
		clear(regexCache.of)
	}
	regexCache.of[strings.Clone(pattern)] = r
	return r
}

// withRegex makes a function of which argument at is a regular expression, and
// compiles it once when it is constant. Without a valid expression the result
// is none.
func withRegex(least, most, at int, none value.Value, call func(r *Regex, a []value.Value) value.Value) *Function {
	return &Function{Min: least, Max: most, Result: none.Type,
		Call: func(a []value.Value) value.Value {
			r := cachedRegex(a[at].String())
			if r == nil {
				return none
			}
			return call(r, a)
		},
		Bind: func(consts []*value.Value) Func {
			if at >= len(consts) || consts[at] == nil {
				return nil
			}
			r, ok := CompileRegex(consts[at].String(), "")
			if !ok {
				return func([]value.Value) value.Value { return none }
			}
			return func(a []value.Value) value.Value { return call(r, a) }
		},
	}
}

var (
	noText = value.StringOf("")
	noLong = value.NullOf(value.Long)
)

var regexFunctions = map[string]*Function{
	"matches regex": withRegex(2, 2, 1, value.BoolOf(false), func(r *Regex, a []value.Value) value.Value {
		s := a[0].String()
		return value.BoolOf(r.For(s).MatchString(s))
	}),
	"extract":       extractFunction,
	"extract_all":   withRegex(2, 3, 0, nothing, extractAll),
	"replace_regex": withRegex(3, 3, 1, noText, func(r *Regex, a []value.Value) value.Value { return replaceRegex(r, a[0].String(), a[2].String()) }),
	"trim":          withRegex(2, 2, 0, noText, func(r *Regex, a []value.Value) value.Value { return trim(r, a[1].String(), true, true) }),
	"trim_start":    withRegex(2, 2, 0, noText, func(r *Regex, a []value.Value) value.Value { return trim(r, a[1].String(), true, false) }),
	"trim_end":      withRegex(2, 2, 0, noText, func(r *Regex, a []value.Value) value.Value { return trim(r, a[1].String(), false, true) }),
	"indexof_regex": withRegex(2, 5, 1, noLong, indexOfRegex),
	"countof":       lenient(2, 3, value.Long, countOf),
}

// extractFunction is extract(regex, group, text [, type]).
var extractFunction = func() *Function {
	f := withRegex(3, 4, 0, noText, func(r *Regex, a []value.Value) value.Value {
		s := a[2].String()
		m := r.For(s).FindStringSubmatchIndex(s)
		g := 2 * int(max(-1, min(whole(a, 1, 0), 1000)))
		text := ""
		if g >= 0 && g+1 < len(m) && m[g] >= 0 {
			text = s[m[g]:m[g+1]]
		}
		if len(a) < 4 {
			return value.StringOf(text)
		}
		return extracted(text, a[3])
	})
	f.Result = value.Unknown
	return f
}()

// extracted converts to the type named by the last argument.
func extracted(text string, typ value.Value) value.Value {
	t, ok := value.ParseType(typ.String())
	if !ok {
		t = value.String
	}
	if text == "" {
		return value.NullOf(t)
	}
	return value.Parse(text, t)
}

// extractAll is extract_all(regex, [groups,] text): the groups of each match, an
// array of arrays where there are several groups.
func extractAll(r *Regex, a []value.Value) value.Value {
	s := a[len(a)-1].String()
	re := r.For(s)
	groups := wantedGroups(re, a)
	if len(groups) == 0 {
		return nothing
	}
	var out []value.JSON
	for _, m := range re.FindAllStringSubmatch(s, maxItems) {
		parts := make([]value.JSON, len(groups))
		for i, g := range groups {
			parts[i] = value.TextJSON(m[g])
		}
		if len(parts) == 1 {
			out = append(out, parts[0])
		} else {
			out = append(out, value.ArrayOf(parts...))
		}
	}
	if out == nil {
		return nothing
	}
	return list(out)
}

// wantedGroups are the numbers of the groups: those asked for by number or
// name, or all.
func wantedGroups(re *regexp.Regexp, a []value.Value) []int {
	var groups []int
	if len(a) < 3 || a[1].Null {
		for g := 1; g <= re.NumSubexp(); g++ {
			groups = append(groups, g)
		}
		if groups == nil {
			groups = []int{0}
		}
		return groups
	}
	items, _ := array(a[1])
	for _, x := range items {
		g := -1
		if x.Kind == value.KindString {
			g = re.SubexpIndex(x.Text)
		} else if n := value.Convert(x.Value(), value.Long); !n.Null && n.Num <= int64(re.NumSubexp()) {
			g = int(n.Num)
		}
		if g >= 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// replaceRegex replaces all matches; \1 in with is the first group, \0 all of it.
func replaceRegex(r *Regex, s, with string) value.Value {
	re := r.For(s)
	template := replacement(with)
	var b []byte
	from := 0
	for _, m := range re.FindAllStringSubmatchIndex(s, -1) {
		b = append(b, s[from:m[0]]...)
		b = re.ExpandString(b, template, s, m)
		from = m[1]
		if len(b) > MaxText {
			return noText
		}
	}
	if b == nil && from == 0 {
		return value.StringOf(s)
	}
	return value.StringOf(string(append(b, s[from:]...)))
}

// replacement turns \1 into what Go expands, and its $ into plain ones.
func replacement(with string) string {
	var b strings.Builder
	for i := 0; i < len(with); i++ {
		switch c := with[i]; {
		case c == '$':
			b.WriteString("$$")
		case c == '\\' && i+1 < len(with) && with[i+1] >= '0' && with[i+1] <= '9':
			i++
			b.WriteString("${" + string(with[i]) + "}")
		case c == '\\' && i+1 < len(with) && with[i+1] == '\\':
			i++
			b.WriteByte('\\')
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// trim removes one match at the start, and one at the end.
func trim(r *Regex, s string, start, end bool) value.Value {
	re := r.For(s)
	if start {
		if m := re.FindStringIndex(s); m != nil && m[0] == 0 {
			s = s[m[1]:]
		}
	}
	if end {
		if at := endMatch(re, s); at >= 0 {
			s = s[:at]
		}
	}
	return value.StringOf(s)
}

// endMatch is where the match that reaches the end of s begins, or -1.
func endMatch(re *regexp.Regexp, s string) int {
	anchored := endAnchored(re)
	if anchored == nil {
		return -1
	}
	if m := anchored.FindStringIndex(s); m != nil {
		return m[0]
	}
	return -1
}

var endForms sync.Map

// endAnchored is re bound to the end of the text.
func endAnchored(re *regexp.Regexp) *regexp.Regexp {
	if a, ok := endForms.Load(re.String()); ok {
		return a.(*regexp.Regexp)
	}
	a, err := regexp.Compile("(?:" + re.String() + `)\z`)
	if err != nil {
		return nil
	}
	return keepForm(re.String(), a)
}

// forms counts what endForms holds, so that it stays small.
var forms struct {
	sync.Mutex
	n int
}

func keepForm(pattern string, a *regexp.Regexp) *regexp.Regexp {
	forms.Lock()
	defer forms.Unlock()
	if forms.n >= 512 {
		endForms.Clear()
		forms.n = 0
	}
	forms.n++
	endForms.Store(pattern, a)
	return a
}

// indexOfRegex is indexof for a regular expression; matches do not overlap.
func indexOfRegex(r *Regex, a []value.Value) value.Value {
	s := a[0].String()
	n := int64(utf8.RuneCountInString(s))
	start, length, occurrence := whole(a, 2, 0), whole(a, 3, -1), whole(a, 4, 1)
	if start < 0 || length < -1 || occurrence < 1 {
		return noLong
	}
	from, to := searchRange(n, start, length)
	if from > to {
		return value.LongOf(-1)
	}
	at := runeOffset(s, from)
	part := s[at : at+runeOffset(s[at:], to-from)]
	matches := r.For(part).FindAllStringIndex(part, int(min(occurrence, maxItems)))
	if int64(len(matches)) < occurrence {
		return value.LongOf(-1)
	}
	return value.LongOf(from + int64(utf8.RuneCountInString(part[:matches[occurrence-1][0]])))
}

// countOf counts texts, which may overlap, or matches of a regular expression,
// which do not.
func countOf(a []value.Value) value.Value {
	s, what := a[0].String(), a[1].String()
	if len(a) > 2 && a[2].String() == "regex" {
		r := cachedRegex(what)
		if r == nil {
			return value.LongOf(0)
		}
		return value.LongOf(int64(len(r.For(s).FindAllStringIndex(s, -1))))
	}
	if what == "" {
		return value.LongOf(0)
	}
	if costly(s, what) {
		return value.LongOf(int64(strings.Count(s, what)))
	}
	n := int64(0)
	for i := strings.Index(s, what); i >= 0; n++ {
		next := strings.Index(s[i+1:], what)
		if next < 0 {
			n++
			break
		}
		i += 1 + next
	}
	return value.LongOf(n)
}

func quoteRegex(s string) string { return regexp.QuoteMeta(s) }
