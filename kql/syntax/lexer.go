package syntax

import (
	"strings"
	"unicode/utf8"
)

// lexer cuts a text into tokens. It never fails: what is no token is Invalid,
// with a diagnostic.
type lexer struct {
	text     string
	pos      int
	comments []Comment
	report   func(Diagnostic)
}

// Lex cuts a text into its tokens. The last one is EOF. An editor colours with
// it; the comments are in Parse(text).Comments.
func Lex(text string) []Token {
	l := lexer{text: text, report: func(Diagnostic) {}}
	return l.all()
}

func (l *lexer) all() []Token {
	out := make([]Token, 0, len(l.text)/5+2)
	for {
		t := l.next()
		out = append(out, t)
		if t.Kind == EOF {
			return out
		}
	}
}

// peek returns the byte at an offset from the present one, 0 behind the end.
func (l *lexer) peek(n int) byte {
	if l.pos+n < len(l.text) {
		return l.text[l.pos+n]
	}
	return 0
}

func (l *lexer) next() Token {
	l.skipTrivia()
	start := l.pos
	if start >= len(l.text) {
		return Token{Kind: EOF, Start: start, End: start}
	}
	c := l.text[start]
	switch {
	case isLetter(c) || c == '_' || c == '$':
		return l.nameOrLiteral()
	case isDigit(c):
		return l.number()
	case c == '"' || c == '\'' || c == '`' || c == '~' || c == '@':
		if l.quoted() {
			return Token{Kind: QuotedString, Start: start, End: l.pos}
		}
	case c >= utf8.RuneSelf:
		if l.curlyQuoted() {
			return Token{Kind: QuotedString, Start: start, End: l.pos}
		}
	case c == '#':
		l.pos = lineEnd(l.text, start)
		end := start + len(strings.TrimRight(l.text[start:l.pos], " \t\f"))
		return Token{Kind: Directive, Start: start, End: end}
	case c == '!':
		if t, ok := l.negated(); ok {
			return t
		}
	}
	if k, n := l.punctuation(c); n > 0 {
		l.pos += n
		return Token{Kind: k, Start: start, End: l.pos}
	}
	return l.invalid()
}

func (l *lexer) invalid() Token {
	start := l.pos
	_, n := utf8.DecodeRuneInString(l.text[start:])
	l.pos += n
	l.report(Diagnostic{Start: start, End: l.pos, Code: CodeUnexpected,
		Message: "The character " + quoteForMessage(l.text[start:l.pos]) + " is not part of the language here."})
	return Token{Kind: Invalid, Start: start, End: l.pos}
}

// skipTrivia passes over white space and comments.
func (l *lexer) skipTrivia() {
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		switch {
		case c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f':
			l.pos++
		case c == '/' && l.peek(1) == '/':
			start := l.pos
			l.pos = lineEnd(l.text, start)
			l.comments = append(l.comments, Comment{Span{start, l.pos}})
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(l.text[l.pos:])
			if !isWideSpace(r) {
				return
			}
			l.pos += n
		default:
			return
		}
	}
}

// isWideSpace tells which characters beyond ASCII separate tokens. Line and
// paragraph separators do not.
func isWideSpace(r rune) bool {
	switch {
	case r >= 0x2000 && r <= 0x200b:
		return true
	case r == 0xa0, r == 0x1680, r == 0x180e, r == 0x202f, r == 0x205f, r == 0x3000, r == 0xfeff:
		return true
	}
	return false
}

// lineEnd is the offset of the next line break, or the end of the text.
func lineEnd(text string, from int) int {
	for i := from; i < len(text); i++ {
		switch text[i] {
		case '\n', '\r':
			return i
		case 0xe2: // U+2028 and U+2029
			if strings.HasPrefix(text[i:], "\u2028") || strings.HasPrefix(text[i:], "\u2029") {
				return i
			}
		}
	}
	return len(text)
}

// nameOrLiteral reads what begins with a letter: an identifier, a keyword, a
// typed literal such as datetime(…), true and false, a hidden string, or a GUID.
func (l *lexer) nameOrLiteral() Token {
	start := l.pos
	if l.rawGUID() {
		return Token{Kind: RawGUID, Start: start, End: l.pos}
	}
	end := start + 1
	for end < len(l.text) && isNameByte(l.text[end]) {
		end++
	}
	if end == start+1 && (l.text[start] == 'h' || l.text[start] == 'H') {
		l.pos = end
		if l.quoted() {
			return Token{Kind: QuotedString, Start: start, End: l.pos}
		}
	}
	l.pos = end
	return l.classify(start, end)
}

// classify tells keywords from names.
func (l *lexer) classify(start, end int) Token {
	name := l.text[start:end]
	if isLongHead(name) {
		if w, n := l.longKeyword(start, name); n > 0 {
			l.pos = n
			return Token{Kind: Keyword, word: w, Start: start, End: n}
		} else if n < 0 {
			return Token{Kind: Identifier, Start: start, End: end}
		}
	}
	w := keywords[name]
	if w == noWord {
		switch name {
		case "true", "True", "TRUE", "false", "False", "FALSE":
			return Token{Kind: BoolWord, Start: start, End: end}
		}
		return Token{Kind: Identifier, Start: start, End: end}
	}
	if w == wordIn && l.peek(0) == '~' && !isNameByte(l.peek(1)) {
		l.pos++
		return Token{Kind: Keyword, word: wordInCI, Start: start, End: l.pos}
	}
	if l.peek(0) == '(' && typedLiterals[w] {
		return l.typedLiteral(start, w)
	}
	return Token{Kind: Keyword, word: w, Start: start, End: end}
}

// longKeyword looks for the longest keyword with a hyphen, dot or space that
// begins at start with the word head. It returns its end, 0 when there is none,
// and -1 when the text only begins like one, as project-awayy does: then head is
// a plain name.
func (l *lexer) longKeyword(start int, head string) (word, int) {
	for _, long := range longKeywords[head] {
		if strings.HasPrefix(l.text[start:], long) {
			if end := start + len(long); boundary(l.text, end) {
				return keywords[long], end
			}
			return noWord, -1
		}
	}
	return noWord, 0
}

// negated reads !has, !in~ and their like.
func (l *lexer) negated() (Token, bool) {
	end := l.pos + 1
	for end < len(l.text) && isNameByte(l.text[end]) {
		end++
	}
	w := keywords[l.text[l.pos:end]]
	if w == noWord {
		return Token{}, false
	}
	start := l.pos
	l.pos = end
	if w == wordNotIn && l.peek(0) == '~' && !isNameByte(l.peek(1)) {
		w = wordNotInCI
		l.pos++
	}
	return Token{Kind: Keyword, word: w, Start: start, End: l.pos}, true
}

var singlePunctuation = [128]Kind{
	'(': LeftParen, ')': RightParen, '[': LeftBracket, ']': RightBracket, '{': LeftBrace, '}': RightBrace, '|': Bar, '.': Dot,
	',': Comma, ';': Semicolon, ':': Colon, '=': Assign, '@': AtSign, '?': Question, '+': Plus, '-': Minus, '*': Star, '/': Slash,
	'%': Percent, '<': Lt, '>': Gt,
}

var doublePunctuation = map[string]Kind{
	"..": DotDot, "<=": LtEq, "<|": CommandPipe, "<>": BangEq, ">=": GtEq, "==": EqEq, "=>": Arrow, "=~": EqTilde, "!=": BangEq,
	"!~": BangTilde,
}

func (l *lexer) punctuation(c byte) (Kind, int) {
	if c >= utf8.RuneSelf {
		return EOF, 0
	}
	switch c {
	case '.', '<', '>', '=', '!':
		if l.pos+1 < len(l.text) {
			if k, ok := doublePunctuation[l.text[l.pos:l.pos+2]]; ok {
				return k, 2
			}
		}
	}
	if k := singlePunctuation[c]; k != EOF {
		return k, 1
	}
	return EOF, 0
}

func isLetter(c byte) bool   { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool    { return c >= '0' && c <= '9' }
func isHex(c byte) bool      { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
func isNameByte(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' }

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}
