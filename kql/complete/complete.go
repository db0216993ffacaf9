// Package complete is what an editor asks of the query language: completions,
// help on hover, the signature of the call that is being written, findings with
// corrections, colours, and which of several queries the cursor is in.
//
// All functions are pure: text, offset and schema in, answer out. Offsets are
// bytes of the text. Nothing here runs a query.
package complete

import (
	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/syntax"
)

// Finding is a diagnostic with what could be done about it.
type Finding struct {
	Start    int    `json:"start"`
	End      int    `json:"end"`
	Severity string `json:"severity"` // error, warning or info
	Code     string `json:"code"`
	Message  string `json:"message"`
	Fixes    []Fix  `json:"fixes"`
}

// Fix is a correction: Text in the place of Start to End.
type Fix struct {
	Title string `json:"title"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	Text  string `json:"text"`
}

// Check finds what is wrong in a text, which may hold several queries.
func Check(text string, opts check.Options) []Finding {
	out := []Finding{}
	for _, q := range Queries(text) {
		r := check.Check(syntax.Parse(text[q.Start:q.End]), opts)
		for _, d := range r.Diagnostics {
			out = append(out, finding(d, q.Start))
		}
	}
	return out
}

var severities = map[syntax.Severity]string{syntax.Error: "error", syntax.Warning: "warning", syntax.Information: "info"}

func finding(d syntax.Diagnostic, shift int) Finding {
	f := Finding{Start: d.Start + shift, End: d.End + shift, Severity: severities[d.Severity], Code: d.Code, Message: d.Message, Fixes: []Fix{}}
	for _, s := range d.Suggestions {
		f.Fixes = append(f.Fixes, Fix{Title: "Change to " + s, Start: f.Start, End: f.End, Text: s})
	}
	return f
}

// document is the query around the cursor, bound as far as it goes.
type document struct {
	text   string // of this query
	shift  int    // where it begins in the whole text
	at     int    // the cursor, within the query
	tokens []syntax.Token
	script *syntax.Script
	trace  *check.Trace
	opts   check.Options
}

func open(text string, at int, opts check.Options) *document {
	at = min(max(at, 0), len(text))
	q := QueryAt(text, at)
	if at > q.End {
		q.End = at
	}
	d := &document{text: text[q.Start:q.End], shift: q.Start, at: max(at-q.Start, 0), opts: opts}
	d.tokens = syntax.Lex(d.text)
	d.script = syntax.Parse(d.text)
	opts.Trace = true
	d.trace = check.Check(d.script, opts).Trace
	return d
}

func (d *document) textOf(t syntax.Token) string { return d.text[t.Start:t.End] }

// before is the index of the last token that ends at or before an offset, -1
// for none.
func (d *document) before(at int) int {
	out := -1
	for i, t := range d.tokens {
		if t.Kind == syntax.EOF || t.End > at {
			break
		}
		out = i
	}
	return out
}

// scope finds the columns that can be seen at the cursor: of the innermost
// operator that it is in, or the last one that ended just before it.
func (d *document) scope() *check.RowScope {
	var best *check.RowScope
	for i := range d.trace.Scopes {
		s := &d.trace.Scopes[i]
		if s.Start > d.at || !d.reaches(s.End) {
			continue
		}
		if best == nil || s.Start >= best.Start {
			best = s
		}
	}
	return best
}

// reaches tells whether nothing but white space is between an offset and the
// cursor.
func (d *document) reaches(end int) bool {
	if d.at <= end {
		return true
	}
	for _, b := range []byte(d.text[min(end, len(d.text)):d.at]) {
		if b != ' ' && b != '\t' && b != '\n' && b != '\r' {
			return false
		}
	}
	return true
}

// schema is the schema that was handed in, or an empty one.
func (d *document) schema() check.Schema {
	if d.opts.Schema == nil {
		return noSchema{}
	}
	return d.opts.Schema
}

type noSchema struct{}

func (noSchema) Table(string) (*check.Table, bool)       { return nil, false }
func (noSchema) Tables() []string                        { return nil }
func (noSchema) Function(string) (*check.Function, bool) { return nil, false }
func (noSchema) Functions() []string                     { return nil }

// storedColumn finds a column of the tables that the query reads by its name,
// for its description and the values that it is known to hold.
func (d *document) storedColumn(name string) (*check.Table, *check.Column) {
	for _, u := range d.trace.Names {
		if u.Kind != check.UseTable {
			continue
		}
		for i := range u.Table.Columns {
			if u.Table.Columns[i].Name == name {
				return u.Table, &u.Table.Columns[i]
			}
		}
	}
	return nil, nil
}
