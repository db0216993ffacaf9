package complete

import "github.com/clew-sec/clew/kql/syntax"

// Span is a piece of a text.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Queries cuts a text into its queries. Blank lines part them, but not where a
// statement ends in a semicolon, a pipe goes on, a bracket is open, or only
// comments came before.
func Queries(text string) []Span {
	tokens := syntax.Lex(text)
	var out []Span
	start, depth := -1, 0
	for i, t := range tokens {
		if t.Kind == syntax.EOF {
			break
		}
		if start >= 0 && depth == 0 && blankLine(text[tokens[i-1].End:t.Start]) && parts(tokens[i-1].Kind, t.Kind) {
			out = append(out, Span{start, tokens[i-1].End})
			start = -1
		}
		if start < 0 {
			start = head(text, out, t.Start)
		}
		depth = max(0, depth+turn(t.Kind))
	}
	if start >= 0 {
		out = append(out, Span{start, tokens[len(tokens)-2].End})
	}
	return out
}

// head moves the start of a query back to the comments above it.
func head(text string, before []Span, at int) int {
	low := 0
	if n := len(before); n > 0 {
		low = before[n-1].End
	}
	for low < at && (text[low] == ' ' || text[low] == '\t' || text[low] == '\n' || text[low] == '\r') {
		low++
	}
	return low
}

func turn(k syntax.Kind) int {
	switch k {
	case syntax.LeftParen, syntax.LeftBracket, syntax.LeftBrace:
		return 1
	case syntax.RightParen, syntax.RightBracket, syntax.RightBrace:
		return -1
	}
	return 0
}

// parts tells whether two tokens with a blank line between them belong to two
// queries.
func parts(a, b syntax.Kind) bool {
	switch a {
	case syntax.Semicolon, syntax.Bar, syntax.Comma, syntax.Assign, syntax.Arrow, syntax.Colon:
		return false
	}
	return b != syntax.Bar && b != syntax.Semicolon && b != syntax.Comma
}

// blankLine tells whether white space, comments left out, has an empty line.
func blankLine(gap string) bool {
	breaks, comment := 0, false
	for i := 0; i < len(gap); i++ {
		switch b := gap[i]; {
		case b == '\n':
			comment = false
			if breaks++; breaks >= 2 {
				return true
			}
		case comment || b == ' ' || b == '\t' || b == '\r':
		case b == '/':
			comment, breaks = true, 0
		}
	}
	return false
}

// QueryAt is the query that the cursor is in, or the nearest one before it; the
// whole text when there is none.
func QueryAt(text string, at int) Span {
	all := Queries(text)
	if len(all) == 0 {
		return Span{0, len(text)}
	}
	here := all[0]
	for _, q := range all {
		if q.Start <= at {
			here = q
		}
	}
	if at < here.Start {
		here.Start = 0
	}
	return here
}
