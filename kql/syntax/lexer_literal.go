package syntax

import (
	"strings"
	"unicode/utf8"
)

// quoted reads a string from its quote, or from the @ before it. It reports a
// missing end. Without a quote it leaves the position alone.
func (l *lexer) quoted() bool {
	start := l.pos
	verbatim := l.peek(0) == '@'
	if verbatim {
		l.pos++
	}
	switch q := l.peek(0); q {
	case '"', '\'':
		l.pos++
		l.stringBody(q, verbatim)
		l.closeQuote(start, string(q))
		return true
	case '`', '~':
		fence := strings.Repeat(string(q), 3)
		if strings.HasPrefix(l.text[l.pos:], fence) {
			l.pos += 3
			if i := strings.Index(l.text[l.pos:], fence); i >= 0 {
				l.pos += i
			} else {
				l.pos = len(l.text)
			}
			l.closeQuote(start, fence)
			return true
		}
	}
	l.pos = start
	return false
}

// closeQuote passes over the end of a string, or reports that it is missing.
func (l *lexer) closeQuote(start int, quote string) {
	if strings.HasPrefix(l.text[l.pos:], quote) {
		l.pos += len(quote)
		return
	}
	l.report(Diagnostic{Start: start, End: l.pos, Code: CodeUnterminated, Message: "The string has no end: " + quote + " is missing."})
}

// badEscape reports a backslash that begins no escape.
func (l *lexer) badEscape() {
	end := runeEnd(l.text, min(l.pos+2, len(l.text)))
	l.report(Diagnostic{Start: l.pos, End: end, Code: CodeEscape, Suggestions: []string{`\\` + l.text[l.pos+1:end]},
		Message: `\` + escapeShown(l.text[l.pos:]) + ` is no escape: write \\ for a backslash, or put @ before the string.`})
}

// curlyQuoted reads a string in the quotes of word processors, with an error.
func (l *lexer) curlyQuoted() bool {
	start := l.pos
	if !isCurly(firstRune(l.text[start:])) {
		return false
	}
	i := strings.IndexFunc(l.text[start+3:], func(r rune) bool { return isCurly(r) || r == '"' || r == '\n' })
	if i < 0 || l.text[start+3+i] == '\n' {
		return false
	}
	end := start + 3 + i
	_, size := utf8.DecodeRuneInString(l.text[end:])
	l.pos = end + size
	straight := `"` + l.text[start+3:end] + `"`
	l.report(Diagnostic{Start: start, End: l.pos, Code: CodeQuotes, Suggestions: []string{straight},
		Message: "These quotes are not part of the language: use straight ones, " + quoteForMessage(straight) + "."})
	return true
}

func isCurly(r rune) bool { return r >= 0x2018 && r <= 0x201f }

// escapeShown is the character behind a backslash, for a message.
func escapeShown(s string) string {
	if len(s) < 2 || s[1] < ' ' || s[1] > '~' {
		return ""
	}
	return s[1:2]
}

// runeEnd moves an offset on to the end of the character it is in.
func runeEnd(s string, i int) int {
	for i < len(s) && s[i]&0xc0 == 0x80 {
		i++
	}
	return i
}

// stringBody passes over the content of a string up to its quote or the end of
// the line.
func (l *lexer) stringBody(quote byte, verbatim bool) {
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		switch {
		case c == quote && verbatim && l.peek(1) == quote:
			l.pos += 2
		case c == '\\' && !verbatim:
			n := escapeLength(l.text[l.pos:])
			if n == 0 {
				l.badEscape()
				n = 1
			}
			l.pos += n
		case c == quote || c == '\n' || c == '\r':
			return
		default:
			l.pos++
		}
	}
}

// escapeLength is the length of the escape that s begins with, 0 if it is none.
func escapeLength(s string) int {
	if len(s) < 2 {
		return 0
	}
	switch c := s[1]; c {
	case '\\', '\'', '"', 'a', 'b', 'f', 'n', 'r', 't', 'v':
		return 2
	case 'u':
		return hexEscape(s, 4)
	case 'U':
		return hexEscape(s, 8)
	case 'x':
		return hexEscape(s, 2)
	default:
		return octalEscape(s)
	}
}

func hexEscape(s string, digits int) int {
	if len(s) < 2+digits || !allHex(s[2:2+digits]) {
		return 0
	}
	return 2 + digits
}

func octalEscape(s string) int {
	octal := func(i int) bool { return i < len(s) && s[i] >= '0' && s[i] <= '7' }
	switch {
	case !octal(1):
		return 0
	case !octal(2):
		return 2
	case !octal(3) || s[1] > '3':
		return 3
	}
	return 4
}

func allHex(s string) bool {
	for i := range len(s) {
		if !isHex(s[i]) {
			return false
		}
	}
	return true
}

// typedLiteral reads datetime(…) and its like: everything up to the closing
// bracket on the same line.
func (l *lexer) typedLiteral(start int, w word) Token {
	stop := lineEnd(l.text, l.pos)
	if i := strings.IndexByte(l.text[l.pos:stop], ')'); i >= 0 {
		l.pos += i + 1
	} else {
		l.pos = stop
		l.report(Diagnostic{Start: start, End: stop, Code: CodeUnterminated,
			Message: "The literal has no end: ) is missing. A literal stands on one line."})
	}
	return Token{Kind: TypedLiteral, word: w, Start: start, End: l.pos}
}

// rawGUID passes over 8-4-4-4-12 hexadecimal digits.
func (l *lexer) rawGUID() bool {
	if l.pos+36 > len(l.text) || l.text[l.pos+8] != '-' || !isGUID(l.text[l.pos:l.pos+36]) {
		return false
	}
	l.pos += 36
	return true
}

func isGUID(s string) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' &&
		allHex(s[:8]) && allHex(s[9:13]) && allHex(s[14:18]) && allHex(s[19:23]) && allHex(s[24:])
}

// number reads what begins with a digit: a GUID, a real, a timespan, an integer,
// or a name such as 3des.
func (l *lexer) number() Token {
	start := l.pos
	if l.rawGUID() {
		return Token{Kind: RawGUID, Start: start, End: l.pos}
	}
	for _, scan := range []struct {
		kind Kind
		end  func(string, int) int
	}{{RealNumber, realEnd}, {TimespanNumber, timespanEnd}, {IntegerNumber, integerEnd}} {
		if end := scan.end(l.text, start); end > start {
			l.pos = end
			return Token{Kind: scan.kind, Start: start, End: end}
		}
	}
	end := start
	for end < len(l.text) && isNameByte(l.text[end]) {
		end++
	}
	l.pos = end
	return l.digitName(start, end)
}

func digitsEnd(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

// boundary tells whether a number may end at i.
func boundary(s string, i int) bool { return i >= len(s) || !isNameByte(s[i]) }

func at(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

// realEnd is the end of a real such as 1.5, 1. and 1e-3 that begins at start, or
// -1. The dots of a range, as in 1..5, do not belong to it.
func realEnd(s string, start int) int {
	i := digitsEnd(s, start)
	if at(s, i) == '.' && (at(s, i+1) != '.' || at(s, i+2) == '.') {
		i = digitsEnd(s, i+1)
		if e := exponentEnd(s, i); e > 0 {
			i = e
		}
	} else if i = exponentEnd(s, i); i < 0 {
		return -1
	}
	if !boundary(s, i) {
		return -1
	}
	return i
}

func exponentEnd(s string, i int) int {
	if at(s, i)|0x20 != 'e' {
		return -1
	}
	i++
	if c := at(s, i); c == '+' || c == '-' {
		i++
	}
	if end := digitsEnd(s, i); end > i {
		return end
	}
	return -1
}

// timespanEnd is the end of a timespan such as 1d or 2.5h, or -1.
func timespanEnd(s string, start int) int {
	i := digitsEnd(s, start)
	if at(s, i) == '.' && isDigit(at(s, i+1)) {
		i = digitsEnd(s, i+1)
	}
	end := i
	for end < len(s) && isNameByte(s[end]) {
		end++
	}
	if end == i || !timespanUnits[s[i:end]] {
		return -1
	}
	return end
}

// integerEnd is the end of an integer such as 12 or 0x1f, or -1.
func integerEnd(s string, start int) int {
	i := digitsEnd(s, start)
	if s[start] == '0' && at(s, start+1)|0x20 == 'x' && isHex(at(s, start+2)) {
		for i = start + 2; i < len(s) && isHex(s[i]); i++ {
		}
	}
	if !boundary(s, i) {
		return -1
	}
	return i
}

// digitName is a name that begins with a digit; one of them is a keyword.
func (l *lexer) digitName(start, end int) Token {
	if w := keywords[l.text[start:end]]; w != noWord {
		return Token{Kind: Keyword, word: w, Start: start, End: end}
	}
	return Token{Kind: Identifier, Start: start, End: end}
}

// timespanUnits are the suffixes of timespans.
var timespanUnits = unitSet("d day days h hr hrs hour hours m min minute minutes s sec second seconds " +
	"ms milli millis millisec millisecond milliseconds micro micros microsec microsecond microseconds " +
	"nano nanos nanosec nanosecond nanoseconds tick ticks")

func unitSet(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}
