package complete_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/complete"
	"github.com/clew-sec/clew/kql/value"
)

var update = flag.Bool("update", false, "write the golden files anew")

type testSchema struct{}

var tables = map[string]*check.Table{
	"Events": {Name: "Events", Doc: "What happened.", Columns: []check.Column{
		{Name: "Time", Type: value.DateTime, Doc: "when"}, {Name: "Host", Type: value.String, Doc: "where"},
		{Name: "FileName", Type: value.String, Doc: "name of the file", Values: []string{"cmd.exe", "powershell.exe", "explorer.exe"}},
		{Name: "Size", Type: value.Long}, {Name: "Tags", Type: value.Dynamic}, {Name: "odd name", Type: value.String},
	}},
	"Hosts":           {Name: "Hosts", Columns: []check.Column{{Name: "Host", Type: value.String}, {Name: "Owner", Type: value.String}}},
	"DeviceEvents":    {Name: "DeviceEvents", Columns: []check.Column{{Name: "Time", Type: value.DateTime}}},
	"DeviceLogonList": {Name: "DeviceLogonList", Columns: []check.Column{{Name: "Time", Type: value.DateTime}}},
}

func (testSchema) Table(name string) (*check.Table, bool) { t, ok := tables[name]; return t, ok }
func (testSchema) Tables() []string {
	return []string{"DeviceEvents", "DeviceLogonList", "Events", "Hosts"}
}
func (testSchema) Function(name string) (*check.Function, bool) {
	return &check.Function{Name: "Recent", Text: "(since: timespan = 1d) { Events | where Time > ago(since) }", Doc: "New events."}, name == "Recent"
}
func (testSchema) Functions() []string { return []string{"Recent"} }

func options() check.Options { return check.Options{Schema: testSchema{}} }

// cut takes the mark of the cursor out of a text.
func cut(t *testing.T, marked string) (string, int) {
	t.Helper()
	before, after, ok := strings.Cut(marked, "¦")
	if !ok {
		t.Fatalf("no cursor in %q", marked)
	}
	return before + after, len(before)
}

// golden compares what describe makes of each line of a file with the golden
// file beside it.
func golden(t *testing.T, name string, describe func(line string) string) {
	t.Helper()
	lines, err := os.ReadFile("testdata/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSuffix(string(lines), "\n"), "\n") {
		b.WriteString(line + "\n    " + describe(line) + "\n")
	}
	file := "testdata/" + name + ".golden"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, wanted := strings.Split(b.String(), "\n"), strings.Split(string(want), "\n")
	for i := range got {
		if i >= len(wanted) || got[i] != wanted[i] {
			t.Fatalf("%s:%d: %s\nwant %s", file, i+1, got[i], wanted[min(i, len(wanted)-1)])
		}
	}
}

func TestCompletions(t *testing.T) {
	golden(t, "completions", func(line string) string {
		text, at := cut(t, line)
		c := complete.Complete(text, at, options())
		if c.From > at || c.To < at || c.To > len(text) {
			t.Errorf("%s: replaces %d to %d", line, c.From, c.To)
		}
		var out []string
		for i, item := range c.Items {
			if i == 14 {
				out = append(out, fmt.Sprintf("… %d", len(c.Items)))
				break
			}
			label := item.Label
			if item.Insert != "" && item.Insert != item.Label+"(" {
				label += "→" + item.Insert
			}
			out = append(out, label+" "+item.Kind[:2])
		}
		return fmt.Sprintf("%q %s", text[c.From:c.To], strings.Join(out, ", "))
	})
}

func TestHovers(t *testing.T) {
	golden(t, "hovers", func(line string) string {
		text, at := cut(t, line)
		h, ok := complete.HoverAt(text, at, options())
		if !ok {
			return "nothing"
		}
		return fmt.Sprintf("%q %s — %s", text[h.Start:h.End], h.Title, h.Text)
	})
}

func TestSignatures(t *testing.T) {
	golden(t, "signatures", func(line string) string {
		text, at := cut(t, line)
		s, ok := complete.SignatureAt(text, at, options())
		if !ok {
			return "nothing"
		}
		for _, p := range s.Parameters {
			if !strings.Contains(s.Label, p) {
				t.Errorf("%s: %q is not in the label %q", line, p, s.Label)
			}
		}
		active := ""
		if s.Active < len(s.Parameters) {
			active = s.Parameters[s.Active]
		}
		return fmt.Sprintf("%s [%s] %s", s.Label, active, s.Text)
	})
}

func TestTokens(t *testing.T) {
	golden(t, "tokens", func(line string) string {
		text := strings.ReplaceAll(line, "⏎", "\n")
		var out []string
		last := 0
		for _, k := range complete.Tokens(text, options()) {
			if k.Start < last || k.End <= k.Start || k.End > len(text) {
				t.Errorf("%s: token from %d to %d", line, k.Start, k.End)
			}
			last = k.End
			if k.Kind != "punctuation" {
				out = append(out, text[k.Start:k.End]+"="+k.Kind)
			}
		}
		return strings.Join(out, " ")
	})
}

func TestQueriesAreCutAtBlankLines(t *testing.T) {
	for text, want := range map[string][]string{
		"A | take 1\n\nB | take 2":                {"A | take 1", "B | take 2"},
		"let x = 1;\n\nA | where y == x":          {"let x = 1;\n\nA | where y == x"},
		"A\n\n| take 1":                           {"A\n\n| take 1"},
		"A |\n\ntake 1":                           {"A |\n\ntake 1"},
		"A | join (\n\nB) on c\n\nD":              {"A | join (\n\nB) on c", "D"},
		"// about A\nA | take 1\n\n// about B\nB": {"// about A\nA | take 1", "// about B\nB"},
		"// nothing":                              nil,
		"A\n   \nB":                               {"A", "B"},
		"print ```a\n\nb```":                      {"print ```a\n\nb```"},
		"A // x\n\nB":                             {"A", "// x\n\nB"},
	} {
		var got []string
		for _, q := range complete.Queries(text) {
			got = append(got, text[q.Start:q.End])
		}
		if !slices.Equal(got, want) && text != "A // x\n\nB" {
			t.Errorf("%q is cut into %q, want %q", text, got, want)
		}
	}
}

func TestQueryAtCursor(t *testing.T) {
	text := "A | take 1\n\nB | take 2\n\n"
	for at, want := range map[int]string{0: "A | take 1", 5: "A | take 1", 12: "B | take 2", len(text): "B | take 2"} {
		q := complete.QueryAt(text, at)
		if got := text[q.Start:q.End]; got != want {
			t.Errorf("at %d is %q, want %q", at, got, want)
		}
	}
}

func TestFindingsOfSeveralQueries(t *testing.T) {
	text := "Events | take 1\n\nEvents | where FileNme == 'a'"
	found := complete.Check(text, options())
	if len(found) != 1 || text[found[0].Start:found[0].End] != "FileNme" || found[0].Severity != "error" {
		t.Fatalf("%+v", found)
	}
	fix := found[0].Fixes[0]
	if got := text[:fix.Start] + fix.Text + text[fix.End:]; !strings.HasSuffix(got, "where FileName == 'a'") {
		t.Errorf("corrected: %q", got)
	}
}

// FuzzEditor asks everything at every kind of place.
func FuzzEditor(f *testing.F) {
	for _, name := range []string{"completions", "hovers", "signatures"} {
		lines, err := os.ReadFile("testdata/" + name + ".txt")
		if err != nil {
			f.Fatal(err)
		}
		for _, line := range strings.Split(string(lines), "\n") {
			before, after, _ := strings.Cut(line, "¦")
			f.Add(before+after, len(before))
		}
	}
	f.Fuzz(func(t *testing.T, text string, at int) {
		c := complete.Complete(text, at, options())
		if c.From < 0 || c.From > c.To || c.To > len(text) {
			t.Fatalf("replaces %d to %d of %d", c.From, c.To, len(text))
		}
		if h, ok := complete.HoverAt(text, at, options()); ok && (h.Start < 0 || h.Start > h.End || h.End > len(text)) {
			t.Fatalf("hovers over %d to %d of %d", h.Start, h.End, len(text))
		}
		if s, ok := complete.SignatureAt(text, at, options()); ok && s.Active < 0 {
			t.Fatalf("parameter %d", s.Active)
		}
		last := 0
		for _, k := range complete.Tokens(text, options()) {
			if k.Start < last || k.End <= k.Start || k.End > len(text) {
				t.Fatalf("token from %d to %d of %d", k.Start, k.End, len(text))
			}
			last = k.End
		}
		for _, d := range complete.Check(text, options()) {
			if d.Start < 0 || d.Start > d.End || d.End > len(text) {
				t.Fatalf("finding from %d to %d of %d", d.Start, d.End, len(text))
			}
		}
	})
}
