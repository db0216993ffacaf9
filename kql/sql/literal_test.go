package sql

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// readText reads a string literal back as the engine's lexer does, and what is
// left after it. DuckDB knows no escapes but the doubled quote; a NUL is put in
// by concat and chr.
func readText(t *testing.T, d Dialect, s string) (text, rest string) {
	t.Helper()
	if d.Name() == "duckdb" && strings.HasPrefix(s, "concat(") {
		var parts []string
		s = s[len("concat("):]
		for {
			var p string
			p, s = readQuoted(t, s, '\'', false)
			parts = append(parts, p)
			var ok bool
			if s, ok = strings.CutPrefix(s, ", chr(0), "); !ok {
				break
			}
		}
		return strings.Join(parts, "\x00"), strings.TrimPrefix(s, ")")
	}
	return readQuoted(t, s, '\'', d.Name() == "clickhouse")
}

// readQuoted reads what is between quotes, and returns what is left.
func readQuoted(t *testing.T, s string, quote byte, escapes bool) (text, rest string) {
	t.Helper()
	if s == "" || s[0] != quote {
		t.Fatalf("%q does not begin with a quote", s)
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == 0:
			t.Fatalf("a NUL ends the text of the query: %q", s)
		case escapes && s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(unescaped(s[i]))
		case s[i] == quote && i+1 < len(s) && s[i+1] == quote:
			b.WriteByte(quote)
			i++
		case s[i] == quote:
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	t.Fatalf("the literal does not end: %q", s)
	return "", ""
}

func unescaped(c byte) byte {
	switch c {
	case '0':
		return 0
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'r':
		return '\r'
	}
	return c
}

// FuzzSQLText holds that a text comes back equal and that nothing of it gets
// out of its quotes, whatever it is.
func FuzzSQLText(f *testing.F) {
	for _, s := range []string{"", "'", "''", `\`, `\'`, "'; DROP TABLE x; --", "a\x00b", "\x00", "\xff'", "é", "\n", "\\\x00'"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, d := range dialectsForTests() {
			var b strings.Builder
			d.WriteText(&b, s)
			text, rest := readText(t, d, b.String())
			if want := strings.ToValidUTF8(s, string(utf8.RuneError)); rest != "" || text != want {
				t.Errorf("%s: %q came back as %q, with %q left", d.Name(), s, text, rest)
			}
		}
	})
}

// FuzzSQLIdent holds the same for names.
func FuzzSQLIdent(f *testing.F) {
	for _, s := range []string{"a", `"`, `""`, "`", "a\x00b", `x" FROM secrets --`, `\"`, "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, d := range dialectsForTests() {
			var b strings.Builder
			d.WriteIdent(&b, s)
			quote := b.String()[0]
			if quote != '"' && quote != '`' {
				t.Fatalf("%s: %q is not quoted", d.Name(), b.String())
			}
			if _, rest := readQuoted(t, b.String(), quote, d.Name() == "clickhouse"); rest != "" {
				t.Errorf("%s: %q leaves %q", d.Name(), s, rest)
			}
		}
	})
}

func dialectsForTests() []Dialect { return []Dialect{DuckDB, ClickHouse} }
