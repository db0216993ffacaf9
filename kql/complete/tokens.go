package complete

import (
	"slices"

	"github.com/clew-sec/clew/kql/catalog"
	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// Token is a piece of the text with its kind: keyword, function, table, column,
// variable, string, number, comment, operator, type, punctuation or invalid.
type Token struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Kind  string `json:"kind"`
}

// Tokens colours a text, which may hold several queries. The tokens are in
// order and do not overlap.
func Tokens(text string, opts check.Options) []Token {
	out := comments(text, 0, len(text))
	opts.Trace = true
	for _, q := range Queries(text) {
		script := syntax.Parse(text[q.Start:q.End])
		names := useKinds(check.Check(script, opts).Trace)
		tokens := syntax.Lex(text[q.Start:q.End])
		for i, t := range tokens {
			if kind := tokenKind(script.Text, tokens, i, names); kind != "" {
				out = append(out, Token{t.Start + q.Start, t.End + q.Start, kind})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Token) int { return a.Start - b.Start })
	last := 0
	return slices.DeleteFunc(out, func(t Token) bool {
		if t.Start < last || t.End <= t.Start {
			return true
		}
		last = t.End
		return false
	})
}

// comments lists the comments of a text.
func comments(text string, start, end int) []Token {
	out := []Token{}
	for _, c := range syntax.Parse(text[start:end]).Comments {
		out = append(out, Token{c.Start + start, c.Stop + start, "comment"})
	}
	return out
}

// useKinds maps the offset of each resolved name to its kind.
func useKinds(trace *check.Trace) map[int]string {
	out := make(map[int]string, len(trace.Names))
	for _, u := range trace.Names {
		switch u.Kind {
		case check.UseColumn:
			out[u.Start] = "column"
		case check.UseTable:
			out[u.Start] = "table"
		case check.UseFunction:
			out[u.Start] = "function"
		case check.UseVariable:
			out[u.Start] = variableKind(u)
		}
	}
	return out
}

func variableKind(u check.NameUse) string {
	switch {
	case u.Lambda != nil:
		return "function"
	case u.Columns != nil:
		return "table"
	}
	return "variable"
}

func tokenKind(text string, tokens []syntax.Token, i int, names map[int]string) string {
	t := tokens[i]
	switch t.Kind {
	case syntax.EOF:
		return ""
	case syntax.Identifier, syntax.Keyword:
		return wordKind(text, tokens, i, names)
	case syntax.QuotedString:
		return "string"
	case syntax.BoolWord:
		return "keyword"
	case syntax.IntegerNumber, syntax.RealNumber, syntax.TimespanNumber, syntax.TypedLiteral, syntax.RawGUID:
		return "number"
	case syntax.Invalid:
		return "invalid"
	case syntax.Directive:
		return "comment"
	case syntax.LeftParen, syntax.RightParen, syntax.LeftBracket, syntax.RightBracket, syntax.LeftBrace, syntax.RightBrace,
		syntax.Comma, syntax.Semicolon, syntax.Colon, syntax.Dot:
		return "punctuation"
	}
	return "operator"
}

func wordKind(text string, tokens []syntax.Token, i int, names map[int]string) string {
	t := tokens[i]
	word := text[t.Start:t.End]
	if kind, ok := names[t.Start]; ok {
		return kind
	}
	called := i+1 < len(tokens) && tokens[i+1].Kind == syntax.LeftParen
	if called && (catalog.ScalarFunction(word) != nil || catalog.AggregateFunction(word) != nil || catalog.PluginFunction(word) != nil || check.EnvironmentHelp(word) != "") {
		return "function"
	}
	if _, ok := value.ParseType(word); ok && i > 0 && (tokens[i-1].Kind == syntax.Colon || tokens[i-1].Kind == syntax.LeftParen) {
		return "type"
	}
	if t.Kind == syntax.Keyword || catalog.OperatorNamed(word) != nil && i > 0 && tokens[i-1].Kind == syntax.Bar {
		return "keyword"
	}
	return "variable"
}
