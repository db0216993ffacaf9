package syntax

import "strings"

// isName tells whether a token is a name wherever names stand.
func isName(t Token) bool {
	return t.Kind == Identifier || t.Kind == Keyword && nameWords[t.word]
}

// isExtendedName tells whether a token is a name where an equals sign, a colon
// or a star follows.
func isExtendedName(t Token) bool {
	return t.Kind == Identifier || t.Kind == Keyword && extendedWords[t.word]
}

// nameLength is how many tokens the name takes that begins n places ahead, 0
// when there is none.
func (p *parser) nameLength(n int) int {
	switch t := p.ahead(n); t.Kind {
	case Identifier:
		return 1
	case Keyword:
		if nameWords[t.word] {
			return 1
		}
	case LeftBracket:
		return p.bracketedLength(n)
	case LeftBrace:
		return p.bracedLength(n)
	}
	return 0
}

func (p *parser) extendedNameLength(n int) int {
	if length := p.nameLength(n); length > 0 {
		return length
	}
	if isExtendedName(p.ahead(n)) {
		return 1
	}
	return 0
}

// bracketedLength measures ['a b'].
func (p *parser) bracketedLength(n int) int {
	i := n + 1
	for p.ahead(i).Kind == QuotedString {
		i++
	}
	if i == n+1 || p.ahead(i).Kind != RightBracket {
		return 0
	}
	return i + 1 - n
}

// bracedLength measures {name} and {name[0]}, in which there is no space.
func (p *parser) bracedLength(n int) int {
	t := p.ahead(n + 1)
	if t.Kind != Identifier && t.Kind != Keyword || !p.adjacent(n+1) {
		return 0
	}
	i := n + 2
	if p.ahead(i).Kind == LeftBracket && p.adjacent(i) {
		i++
		if p.ahead(i).Kind == Minus && p.adjacent(i) {
			i++
		}
		if p.ahead(i).Kind != IntegerNumber || !p.adjacent(i) || p.ahead(i+1).Kind != RightBracket || !p.adjacent(i+1) {
			return 0
		}
		i += 2
	}
	if p.ahead(i).Kind != RightBrace || !p.adjacent(i) {
		return 0
	}
	return i + 1 - n
}

// name reads a name, or returns nil.
func (p *parser) name() *Ident {
	if n := p.nameLength(0); n > 0 {
		return p.nameOf(n)
	}
	return nil
}

// extendedName reads a name where more keywords may be names.
func (p *parser) extendedName() *Ident {
	if n := p.extendedNameLength(0); n > 0 {
		return p.nameOf(n)
	}
	return nil
}

// nameOf makes a name of the next n tokens.
func (p *parser) nameOf(n int) *Ident {
	first := p.tok()
	id := &Ident{Span: Span{first.Start, p.ahead(n - 1).End}}
	switch first.Kind {
	case LeftBracket:
		id.Quoted = true
		var b strings.Builder
		for i := 1; i < n-1; i++ {
			text, _ := decodeString(p.raw(p.ahead(i)))
			b.WriteString(text)
		}
		id.Name = b.String()
	case LeftBrace:
		id.Client = true
		id.Name = p.text[first.End : id.Stop-1]
	default:
		id.Name = p.raw(first)
	}
	p.pos += n
	return id
}

// word makes a name of the present token, whatever it is.
func (p *parser) word() *Ident {
	t := p.next()
	return &Ident{Span: Span{t.Start, t.End}, Name: p.raw(t)}
}

// requiredName reads a name, or reports that it is missing and returns an empty
// one.
func (p *parser) requiredName(what string) *Ident {
	if id := p.name(); id != nil {
		return id
	}
	return p.missingName(what)
}

func (p *parser) missingName(what string) *Ident {
	if t := p.tok(); t.Kind == Keyword {
		shown := p.raw(t)
		p.fail(CodeKeyword, quoteForMessage(shown)+" is a keyword. To use it as "+what+" write ['"+shown+"'].", "['"+shown+"']")
	} else {
		p.fail(CodeExpected, "Expected "+what+" here"+p.found()+".")
	}
	at := p.lastEnd()
	return &Ident{Span: Span{at, at}}
}

// wildcardLength is how many tokens the name with stars takes that begins here.
func (p *parser) wildcardLength() int {
	n := 0
	switch t := p.tok(); {
	case t.Kind == Star:
		n = 1
	case isExtendedName(t) && p.ahead(1).Kind == Star && p.adjacent(1):
		n = 2
	default:
		return 0
	}
	for t := p.ahead(n); p.adjacent(n) && (t.Kind == Star || t.Kind == IntegerNumber || isExtendedName(t)); t = p.ahead(n) {
		n++
	}
	return n
}

// wildcard reads a name with stars, or returns nil.
func (p *parser) wildcard() Expr {
	n := p.wildcardLength()
	if n == 0 {
		return nil
	}
	start := p.tok().Start
	p.pos += n
	span := p.from(start)
	return &Wildcard{Span: span, Pattern: p.text[span.Start:span.Stop]}
}

// columnPattern reads a name with or without stars.
func (p *parser) columnPattern() Expr {
	if w := p.wildcard(); w != nil {
		return w
	}
	if id := p.name(); id != nil {
		return id
	}
	return nil
}
