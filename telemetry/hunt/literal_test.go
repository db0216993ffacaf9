package hunt

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/clew-sec/clew/kql/check"
)

// kqlString writes a text as a string literal of the language.
func kqlString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 32 || r == 127 || r == utf8.RuneError:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// hostileText draws texts of what means something to SQL, to regular
// expressions, to JSON and to C.
func hostileText() *rapid.Generator[string] {
	piece := rapid.OneOf(rapid.SampledFrom([]string{
		"'", "''", `"`, `""`, `\`, `\'`, "\x00", "--", "/*", "*/", ";", "$1", "%", "_", "`", "\n", "\r", "\t", "E'", "chr(0)", "||", ")", "(", "{", "}", "[", "]",
		"\u2028", "\ufeff", "é", "e\u0301", "İ", "ß", "😀", ".*", "(?i)", "\\p{L}", "$.a", "#-1", "NULL", "'; DROP TABLE Events; --",
	}), rapid.String())
	return rapid.Custom(func(t *rapid.T) string {
		return strings.ToValidUTF8(strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "pieces"), ""), "?")
	})
}

// TestTextsComeBackEqual holds that a text in a query stays the text that it is
// on its way through the engine: as a value, in comparisons and searches, in
// arrays and as the name of a member and of a column.
func TestTextsComeBackEqual(t *testing.T) {
	newWorld(t).textsComeBackEqual(t)
}

func (w *world) textsComeBackEqual(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := hostileText().Draw(rt, "text")
		lit := kqlString(s)
		query := fmt.Sprintf("datatable(k: string, n: long)[%s, 1, 'other', 2] | extend same = k == %s, within = k contains %s, whole = k startswith_cs %s, "+
			"part = k in (%s, 'x'), array = pack_array(k)[0], bag = tostring(bag_pack(%s, k)[%s]), made = strcat(%s, k) | where n == 1", lit, lit, lit, lit, lit, lit, lit, lit)
		r, err := w.hunter.Run(t.Context(), Request{Text: query, Workspace: "w", Check: check.Options{Now: testNow}})
		if err != nil {
			rt.Fatalf("%v\n%s", err, query)
		}
		row := r.Rows[0]
		if row[0].Text != s || row[2].Num != 1 || row[3].Num != 1 || row[4].Num != 1 || row[5].Num != 1 || row[7].Text != s || row[8].Text != s+s {
			rt.Fatalf("%q came back as %v", s, row)
		}
	})
}

// TestNamesComeBackEqual holds the same for names of columns.
func TestNamesComeBackEqual(t *testing.T) {
	newWorld(t).namesComeBackEqual(t)
}

func (w *world) namesComeBackEqual(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, b := hostileText().Draw(rt, "a"), hostileText().Draw(rt, "b")
		if strings.TrimSpace(a) == "" || strings.TrimSpace(b) == "" || a == b || strings.ContainsRune(a+b, 0) {
			rt.Skip()
		}
		query := fmt.Sprintf("datatable([%s]: long, [%s]: long)[1, 2, 3, 4] | sort by [%s] asc | extend x = [%s] + 1 | summarize s = sum(x) by [%s]",
			kqlString(a), kqlString(b), kqlString(a), kqlString(b), kqlString(a))
		r, err := w.hunter.Run(t.Context(), Request{Text: query, Workspace: "w", Check: check.Options{Now: testNow}})
		if _, rejected := err.(*Rejected); rejected {
			return // not every text is a name
		}
		if err != nil {
			rt.Fatalf("%v\n%s", err, query)
		}
		if r.Columns[0].Name != a || len(r.Rows) != 2 {
			rt.Fatalf("%s came back as %s", strconv.Quote(a), strconv.Quote(r.Columns[0].Name))
		}
	})
}
