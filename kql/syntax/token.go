package syntax

// Kind is the kind of a token.
type Kind uint8

// The kinds of tokens.
const (
	EOF            Kind = iota
	Identifier          // a name that is no keyword
	Keyword             // a word of the language; some may be used as names
	QuotedString        // "…", '…', @"…", h"…", ```…```, ~~~…~~~
	BoolWord            // true, false and their capitalised forms
	IntegerNumber       // 12, 0x1f
	RealNumber          // 1.5, 1e3
	TimespanNumber      // 1d, 2.5h, 10tick
	TypedLiteral        // datetime(…), timespan(…), guid(…), long(…) and such, with the closing bracket
	RawGUID             // a GUID without guid(…), which the language does not take
	Directive           // a line that begins with #
	Invalid             // a byte that begins no token
	LeftParen
	RightParen
	LeftBracket
	RightBracket
	LeftBrace
	RightBrace
	Bar
	Dot
	DotDot
	Comma
	Semicolon
	Colon
	Assign      // =
	Arrow       // =>
	AtSign      // @
	Question    // ?
	CommandPipe // <|
	Plus
	Minus
	Star
	Slash
	Percent
	Lt
	LtEq
	Gt
	GtEq
	EqEq
	BangEq // != and <>
	EqTilde
	BangTilde
)

// Token is a piece of the text without the white space and comments around it.
type Token struct {
	Kind       Kind
	word       word
	Start, End int
}
