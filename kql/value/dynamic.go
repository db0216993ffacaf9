package value

import "strings"

// Member reads a property of a bag; null where v is no bag or lacks it. It
// walks over the text and allocates only for keys with escapes.
func (v Value) Member(key string) Value {
	if v.Null || v.Type != Dynamic {
		return NullOf(Dynamic)
	}
	p := jsonParser{s: v.Text}
	if p.next() != '{' {
		return NullOf(Dynamic)
	}
	p.i++
	found := ""
	for p.next() == '"' {
		k, ok := p.text()
		if !ok || p.next() != ':' {
			break
		}
		p.i++
		p.space()
		from := p.i
		if !p.skip() {
			break
		}
		if k == key {
			found = p.s[from:p.i]
		}
		if p.next() == ',' {
			p.i++
		}
	}
	return element(found)
}

// Element reads an item of an array, from the end where i is negative; null
// where there is none.
func (v Value) Element(i int64) Value {
	if v.Null || v.Type != Dynamic {
		return NullOf(Dynamic)
	}
	if i < 0 {
		n, ok := v.Len()
		if i += n; !ok || i < 0 {
			return NullOf(Dynamic)
		}
	}
	out := ""
	at := int64(0)
	v.eachItem(func(text string) bool {
		if at == i {
			out = text
		}
		at++
		return at <= i
	})
	return element(out)
}

// Len is the number of items of an array; ok is false for everything else.
func (v Value) Len() (n int64, ok bool) {
	ok = v.eachItem(func(string) bool { n++; return true })
	return n, ok
}

// eachItem calls do with the text of each item until it returns false.
func (v Value) eachItem(do func(text string) bool) bool {
	if v.Null || v.Type != Dynamic {
		return false
	}
	p := jsonParser{s: v.Text}
	if p.next() != '[' {
		return false
	}
	p.i++
	for c := p.next(); c != ']' && c != 0; c = p.next() {
		from := p.i
		if !p.skip() || !do(p.s[from:p.i]) {
			break
		}
		if p.next() == ',' {
			p.i++
		}
	}
	return true
}

// element makes a dynamic of a piece of JSON; nothing and null are null.
func element(text string) Value {
	if text = strings.TrimSpace(text); text == "" || text == "null" {
		return NullOf(Dynamic)
	}
	return JSONOf(text)
}

// Normal is v, or the null of dynamic where its text is the JSON null.
func (v Value) Normal() Value {
	if v.Type == Dynamic && !v.Null && (v.Text == "null" || v.Text == "") {
		return NullOf(Dynamic)
	}
	return v
}

// Scalar is what a dynamic holds as a value of its own: bool, long, real or
// string. Arrays and bags stay dynamic; v of another type is returned as it is.
func (v Value) Scalar() Value {
	v = v.Normal()
	if v.Type != Dynamic || v.Null {
		return v
	}
	if c := strings.TrimLeft(v.Text, " \t\r\n"); c == "" || c[0] == '{' || c[0] == '[' {
		return v
	}
	switch j := v.JSON(); j.Kind {
	case KindBool:
		return BoolOf(j.Num != 0)
	case KindLong:
		return LongOf(j.Num)
	case KindReal:
		return RealOf(j.Float)
	case KindString:
		return StringOf(j.Text)
	}
	return v
}
