package syntax

// noParams is for operators without parameters of their own.
var noParams []string

// params reads the parameters behind the word of an operator: kind=inner,
// hint.strategy=shuffle. Own names the parameters that only this operator has.
// Where strict is set, a name without an equals sign is no parameter.
func (p *parser) params(own []string, strict bool) []*Property {
	var out []*Property
	for p.atParam(own) {
		if strict && p.ahead(1).Kind != Assign {
			break
		}
		out = append(out, p.param1())
	}
	return out
}

// atParam tells whether the present token names a parameter.
func (p *parser) atParam(own []string) bool {
	t := p.tok()
	if t.Kind == Keyword {
		switch t.word {
		case wordParameter, wordKind, wordWithsource, wordWithSource:
			return true
		}
	} else if t.Kind != Identifier {
		return false
	}
	for _, name := range own {
		if p.raw(t) == name {
			return true
		}
	}
	return false
}

// param1 reads name=value.
func (p *parser) param1() *Property {
	out := &Property{Name: p.word()}
	if p.expect(Assign, "=") {
		out.Value = p.paramValue()
		if out.Value == nil {
			out.Value = p.missing("The value of " + out.Name.Name)
		}
	}
	out.Span = p.from(out.Name.Start)
	return out
}

// paramValue reads a literal or a word, or returns nil.
func (p *parser) paramValue() Expr {
	if l := p.literal(); l != nil {
		return l
	}
	switch {
	case p.atWord(wordSimple), p.atWord(wordRelaxed), p.atWord(wordNooptimization), isName(p.tok()):
		return p.word()
	}
	if id := p.name(); id != nil {
		return id
	}
	return nil
}

// properties reads name=value, … with names of the operator only, up to the end
// of the list.
func (p *parser) properties(own []string) []*Property {
	return list(p, func() *Property {
		if !p.atOwn(own) {
			return p.unknownProperty(own)
		}
		return p.param1()
	}, "a property", false)
}

func (p *parser) atOwn(own []string) bool {
	t := p.tok()
	if t.Kind != Identifier && t.Kind != Keyword {
		return false
	}
	for _, name := range own {
		if p.raw(t) == name {
			return true
		}
	}
	return false
}

// unknownProperty reads a property that the operator does not have, with an
// error; nil when it is none.
func (p *parser) unknownProperty(own []string) *Property {
	if p.ahead(1).Kind != Assign {
		return nil
	}
	typed := p.raw(p.tok())
	s := p.suggest(typed, own)
	p.fail(CodeParameterValue, "There is no property "+quoteForMessage(typed)+" here."+DidYouMean(s), s...)
	out := &Property{Name: p.word()}
	p.next()
	out.Value = p.required(p.scalar())
	out.Span = p.from(out.Name.Start)
	return out
}
