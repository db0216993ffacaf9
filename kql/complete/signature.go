package complete

import (
	"strings"

	"github.com/clew-sec/clew/kql/catalog"
	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/syntax"
)

// Signature is the call that the cursor is in.
type Signature struct {
	Label      string   `json:"label"`
	Parameters []string `json:"parameters"` // each as it occurs in the label
	Active     int      `json:"active"`     // the parameter that the cursor is in
	Text       string   `json:"text"`
}

// SignatureAt finds the call around an offset; false when there is none.
func SignatureAt(text string, at int, opts check.Options) (Signature, bool) {
	d := open(text, at, opts)
	name, argument, plugin := d.callAround()
	if name == "" {
		return Signature{}, false
	}
	if l, doc := d.lambdaNamed(name); l != nil {
		return Signature{Label: lambdaLabel(name, l), Parameters: lambdaParams(l), Active: min(argument, max(0, len(l.Params)-1)), Text: doc}, true
	}
	f := d.functionNamed(name, plugin)
	if f == nil {
		return Signature{}, false
	}
	sig := fitting(f, argument+1)
	out := Signature{Label: label(name, sig), Parameters: []string{}, Active: activeParam(sig, argument), Text: f.Doc}
	for _, p := range sig.Params {
		out.Parameters = append(out.Parameters, paramLabel(p))
	}
	return out, true
}

// callAround finds the innermost open call before the cursor: its name, which
// argument the cursor is in, and whether it is a plugin.
func (d *document) callAround() (name string, argument int, plugin bool) {
	depth := 0
	for i := d.before(d.at); i >= 0; i-- {
		switch t := d.tokens[i]; t.Kind {
		case syntax.RightParen, syntax.RightBracket, syntax.RightBrace:
			depth++
		case syntax.LeftBracket, syntax.LeftBrace:
			depth--
		case syntax.Comma:
			if depth == 0 {
				argument++
			}
		case syntax.Semicolon:
			if depth == 0 {
				return "", 0, false
			}
		case syntax.LeftParen:
			if depth--; depth >= 0 {
				continue
			}
			if i > 0 && (d.tokens[i-1].Kind == syntax.Identifier || d.tokens[i-1].Kind == syntax.Keyword) {
				word := d.textOf(d.tokens[i-1])
				plugin = i > 1 && d.textOf(d.tokens[i-2]) == "evaluate"
				if plugin || d.isFunction(word) {
					return word, argument, plugin
				}
			}
			return "", 0, false
		}
	}
	return "", 0, false
}

func (d *document) isFunction(name string) bool {
	l, _ := d.lambdaNamed(name)
	return l != nil || d.functionNamed(name, false) != nil
}

// lambdaNamed finds a function of the query or a saved one.
func (d *document) lambdaNamed(name string) (*syntax.Lambda, string) {
	for _, s := range d.lets() {
		if l, ok := s.Value.(*syntax.Lambda); ok && s.Name != nil && s.Name.Name == name {
			return l, ""
		}
	}
	if f, ok := d.schema().Function(name); ok {
		return lambdaOf(f.Text), f.Doc
	}
	return nil, ""
}

// functionNamed finds a function of the library; where both a scalar function
// and an aggregate have the name, the place decides.
func (d *document) functionNamed(name string, plugin bool) *catalog.Function {
	if plugin {
		return catalog.PluginFunction(name)
	}
	scalar, aggregate := catalog.ScalarFunction(name), catalog.AggregateFunction(name)
	c := &completer{document: d, prev: d.before(d.at)}
	if aggregate != nil && (scalar == nil || c.inAggregates()) {
		return aggregate
	}
	return scalar
}

// fitting is the first signature that can take so many arguments.
func fitting(f *catalog.Function, n int) *catalog.Signature {
	for i := range f.Signatures {
		if _, high := f.Signatures[i].Bounds(); n <= high {
			return &f.Signatures[i]
		}
	}
	return &f.Signatures[len(f.Signatures)-1]
}

// activeParam is the parameter of an argument; parameters that repeat come
// round again.
func activeParam(sig *catalog.Signature, argument int) int {
	first, last := -1, -1
	for i, p := range sig.Params {
		if p.Repeats() {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 || argument < first {
		return min(argument, max(0, len(sig.Params)-1))
	}
	return first + (argument-first)%(last-first+1)
}

// label writes a signature of the library.
func label(name string, sig *catalog.Signature) string {
	params := make([]string, len(sig.Params))
	repeats := false
	for i, p := range sig.Params {
		params[i] = paramLabel(p)
		repeats = repeats || p.Repeats()
	}
	if repeats {
		params = append(params, "…")
	}
	return name + "(" + strings.Join(params, ", ") + ")"
}

func paramLabel(p catalog.Param) string {
	name := p.Name
	if p.Optional() {
		name += "?"
	}
	return name + ": " + p.Class.String()
}

func lambdaLabel(name string, l *syntax.Lambda) string {
	return name + "(" + strings.Join(lambdaParams(l), ", ") + ")"
}

func lambdaParams(l *syntax.Lambda) []string {
	out := make([]string, 0, len(l.Params))
	for _, p := range l.Params {
		if p.Name == nil {
			continue
		}
		text := p.Name.Name
		if p.Default != nil {
			text += "?"
		}
		out = append(out, text+": "+paramType(p))
	}
	return out
}
