package syslog

import (
	"bytes"

	"github.com/clew-sec/clew/telemetry/mapping/plan"
)

// cefStart finds where a line begins to be CEF, -1 when it is none.
func cefStart(p []byte) int {
	for from := 0; ; {
		i := bytes.Index(p[from:], []byte("CEF:"))
		if i < 0 {
			return -1
		}
		i += from
		if i+5 < len(p) && p[i+4] >= '0' && p[i+4] <= '9' && bytes.IndexByte(p[i+5:min(len(p), i+8)], '|') >= 0 {
			return i
		}
		from = i + 4
	}
}

var cefHeader = []string{"Header.cef", "Header.vendor", "Header.product", "Header.version", "Header.class", "Header.name", "Header.severity"}

// readCEF adds the fields of an event in Common Event Format.
func readCEF(p []byte, r *plan.Record, limits plan.Limits) error {
	p = p[len("CEF:"):]
	var values [7][]byte
	for i := range values {
		end := pipe(p)
		if end < 0 {
			if i < len(values)-1 {
				return plan.Refuse(cefHeader[i+1], "the head of the CEF event ends before it")
			}
			end = len(p)
		}
		values[i] = unescapeHeader(p[:end])
		p = p[min(end+1, len(p)):]
	}
	if err := readExtension(p, r, limits); err != nil {
		return err
	}
	r.Own = max(len(r.Pairs), 1)
	for i, name := range cefHeader[1:] {
		if len(values[i+1]) > 0 {
			r.Add(name, plan.TextOf(values[i+1]))
		}
	}
	return nil
}

// pipe finds the next bar that is not escaped.
func pipe(p []byte) int {
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '\\':
			i++
		case '|':
			return i
		}
	}
	return -1
}

func unescapeHeader(p []byte) []byte {
	if bytes.IndexByte(p, '\\') < 0 {
		return p
	}
	out := make([]byte, 0, len(p))
	for i := 0; i < len(p); i++ {
		if p[i] == '\\' && i+1 < len(p) && (p[i+1] == '|' || p[i+1] == '\\') {
			i++
		}
		out = append(out, p[i])
	}
	return out
}

// readExtension reads "key=value key=value". Values hold blanks: one ends where
// a blank, a word and an equals sign follow.
func readExtension(p []byte, r *plan.Record, limits plan.Limits) error {
	for len(p) > 0 {
		p = bytes.TrimLeft(p, " ")
		eq := bytes.IndexByte(p, '=')
		if eq <= 0 {
			if len(p) > 0 {
				r.Add("extension", plan.TextOf(p))
			}
			return nil
		}
		key := p[:eq]
		p = p[eq+1:]
		end := valueEnd(p)
		if len(r.Pairs) >= limits.Fields {
			return plan.Refuse(string(key), "too many fields")
		}
		r.Add(string(key), plan.TextOf(unescapeValue(bytes.TrimRight(p[:end], " "))))
		p = p[end:]
	}
	return nil
}

// valueEnd finds the blank before the next key.
func valueEnd(p []byte) int {
	for i := 0; i < len(p); i++ {
		if p[i] == '\\' {
			i++
			continue
		}
		if p[i] != ' ' {
			continue
		}
		j := i + 1
		for j < len(p) && keyByte(p[j]) {
			j++
		}
		if j > i+1 && j < len(p) && p[j] == '=' {
			return i
		}
	}
	return len(p)
}

func keyByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '-' || c == '[' || c == ']'
}

func unescapeValue(p []byte) []byte {
	if bytes.IndexByte(p, '\\') < 0 {
		return p
	}
	out := make([]byte, 0, len(p))
	for i := 0; i < len(p); i++ {
		if p[i] == '\\' && i+1 < len(p) {
			switch p[i+1] {
			case '=', '\\', '|':
				i++
			case 'n':
				out = append(out, '\n')
				i++
				continue
			case 'r':
				out = append(out, '\r')
				i++
				continue
			}
		}
		out = append(out, p[i])
	}
	return out
}
