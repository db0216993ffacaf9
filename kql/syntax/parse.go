package syntax

import (
	"slices"
	"strings"
)

// Parse parses a text. It never fails: what could not be understood is in
// Diagnostics, all of it at once, and the tree holds the rest. Without an Error
// among the diagnostics the text is a query of the language. The time is linear
// in the length of the text; the caller limits the length.
func Parse(text string) *Script {
	p := &parser{text: text}
	l := lexer{text: text, report: p.report}
	p.toks = l.all()
	s := &Script{Text: text, Comments: l.comments}
	if p.at(Dot) {
		p.management()
	} else {
		p.directives()
		s.Statements = p.script()
	}
	slices.SortStableFunc(p.diags, func(a, b Diagnostic) int { return a.Start - b.Start })
	s.Diagnostics = p.diags
	return s
}

// parser reads tokens from left to right. Its methods return nil when what they
// look for does not begin here; they never move back.
type parser struct {
	text  string
	toks  []Token
	pos   int
	depth int // of nested expressions
	open  int // how many brackets are open
	diags []Diagnostic
	// failed is the token that the latest error was about, plus one: one error a
	// token is enough.
	failed  int
	inFork  bool // in a branch of fork
	aborted bool // nested too deep: everything else is left out
}

// maxDiagnostics is how many findings are told; more help nobody.
const maxDiagnostics = 100

func (p *parser) report(d Diagnostic) {
	if len(p.diags) < maxDiagnostics {
		p.diags = append(p.diags, d)
	}
}

// fail reports an error at the present token, unless there is one already.
func (p *parser) fail(code, message string, suggestions ...string) {
	if p.quiet() {
		return
	}
	p.failed = p.pos + 1
	start, end := p.place()
	p.report(Diagnostic{Start: start, End: end, Code: code, Message: message, Suggestions: suggestions})
}

// quiet tells whether an error here would not be told, so that nobody works on
// its message.
func (p *parser) quiet() bool {
	return p.aborted || p.failed == p.pos+1 || len(p.diags) >= maxDiagnostics
}

// suggest is Suggest, unless nobody would read it.
func (p *parser) suggest(typed string, candidates []string) []string {
	if p.quiet() {
		return nil
	}
	return Suggest(typed, candidates)
}

// place is where an error about the present token is shown: the token, or the
// end of the line before it when the token stands on a later line.
func (p *parser) place() (int, int) {
	t := p.tok()
	if p.pos > 0 {
		end := p.toks[p.pos-1].End
		if t.Kind == EOF || strings.ContainsAny(p.text[end:t.Start], "\n\r") {
			return end, end
		}
	}
	return t.Start, t.End
}

func (p *parser) tok() Token { return p.toks[p.pos] }

// ahead is the token n places further; behind the end it is EOF.
func (p *parser) ahead(n int) Token { return p.toks[min(p.pos+n, len(p.toks)-1)] }

func (p *parser) at(k Kind) bool      { return p.toks[p.pos].Kind == k }
func (p *parser) atWord(w word) bool  { return p.toks[p.pos].word == w && p.toks[p.pos].Kind == Keyword }
func (p *parser) raw(t Token) string  { return p.text[t.Start:t.End] }
func (p *parser) adjacent(i int) bool { return i > 0 && p.ahead(i).Start == p.ahead(i-1).End }

// next returns the present token and moves on; it stays at EOF.
func (p *parser) next() Token {
	t := p.toks[p.pos]
	if t.Kind != EOF {
		p.pos++
	}
	return t
}

// accept moves on when the present token is of the kind.
func (p *parser) accept(k Kind) bool {
	if !p.at(k) {
		return false
	}
	p.next()
	return true
}

func (p *parser) acceptWord(w word) bool {
	if !p.atWord(w) {
		return false
	}
	p.next()
	return true
}

// expect moves over a token that must be here.
func (p *parser) expect(k Kind, shown string) bool {
	if p.accept(k) {
		return true
	}
	p.fail(CodeExpected, "Expected "+shown+" here"+p.found()+".")
	return false
}

func (p *parser) expectWord(w word, shown string) bool {
	if p.acceptWord(w) {
		return true
	}
	p.fail(CodeExpected, "Expected the word "+shown+" here"+p.found()+".", shown)
	return false
}

// found is " but found X" for messages.
func (p *parser) found() string {
	if p.at(EOF) {
		return ", but the text ends"
	}
	return ", but found " + quoteForMessage(p.raw(p.tok()))
}

// lastEnd is where the latest token ended.
func (p *parser) lastEnd() int {
	if p.pos == 0 {
		return 0
	}
	return p.toks[p.pos-1].End
}

// from is what was read since start; when that is nothing, an empty place behind
// the latest token.
func (p *parser) from(start int) Span {
	end := p.lastEnd()
	return Span{min(start, end), end}
}

// enter guards against deep nesting. Where it returns false, the parser has
// moved to the end of the text.
func (p *parser) enter() bool {
	p.depth++
	if p.depth <= MaxDepth {
		return true
	}
	p.fail(CodeDepth, "The query is nested too deep: more than "+maxDepthShown+" expressions inside one another.")
	p.aborted = true
	p.pos = len(p.toks) - 1
	return false
}

func (p *parser) leave() { p.depth-- }

// bracket moves over an opening bracket that is here.
func (p *parser) bracket() Token {
	p.open++
	return p.next()
}

var closers = map[Kind]string{RightParen: ")", RightBracket: "]", RightBrace: "}"}

// close moves over the closing bracket. When something else stands here it
// reports and skips to the bracket, if that comes before the operator ends.
func (p *parser) close(k Kind, opened int) bool {
	defer func() { p.open-- }()
	if p.accept(k) {
		return true
	}
	if !p.quiet() {
		p.fail(CodeExpected, "Expected "+closers[k]+" here"+p.found()+". It closes the bracket in line "+p.line(opened)+".", closers[k])
	}
	p.skipTo(k)
	return p.accept(k)
}

// skipTo moves on to a closing bracket of the kind, or to where it can't be any
// more: a bar, a semicolon, another closing bracket, the end.
func (p *parser) skipTo(k Kind) {
	for nested := 0; !p.at(EOF) && !p.at(Semicolon); p.next() {
		switch p.tok().Kind {
		case LeftParen, LeftBracket, LeftBrace:
			nested++
		case RightParen, RightBracket, RightBrace:
			if nested == 0 {
				return
			}
			nested--
		case Bar:
			if nested == 0 && k != EOF {
				return
			}
		}
	}
}

// skipOperator moves on to where the next operator or statement begins, and
// reports what it passes over as one.
func (p *parser) skipOperator() {
	for nested := 0; !p.at(EOF) && !p.at(Semicolon); p.next() {
		switch p.tok().Kind {
		case LeftParen, LeftBracket, LeftBrace:
			nested++
		case RightParen, RightBracket, RightBrace:
			if nested == 0 && p.open > 0 {
				return
			}
			nested = max(nested-1, 0)
		case Bar:
			if nested == 0 {
				return
			}
		case Keyword:
			if nested == 0 && p.beginsStatement() {
				return
			}
		}
	}
}

// beginsStatement tells whether a let or set stands on a line of its own, which
// ends whatever is before it even without a semicolon.
func (p *parser) beginsStatement() bool {
	w := p.tok().word
	if w != wordLet && w != wordDeclare && w != wordSet || p.pos == 0 || p.nameLength(1) == 0 {
		return false
	}
	return strings.ContainsAny(p.text[p.lastEnd():p.tok().Start], "\n\r")
}

// atEnd tells whether a list can't go on here.
func (p *parser) atEnd() bool {
	switch p.tok().Kind {
	case RightParen, RightBracket, RightBrace, Bar, Semicolon, EOF:
		return true
	}
	return false
}

func (p *parser) line(offset int) string { return itoa(1 + strings.Count(p.text[:offset], "\n")) }
