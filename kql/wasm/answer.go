// Command wasm is the language for an editor: in a browser as WebAssembly,
// elsewhere as a process that answers lines of JSON. It knows a schema that it
// is told, and nothing else; it runs no query.
//
// In a browser it sets globalThis.clewKql with one function of each name in
// methods. Arguments are those of request, answers are JSON texts. Offsets are
// bytes of UTF-8. Build:
//
//	GOOS=js GOARCH=wasm go build -trimpath -ldflags='-s -w' -o kql.wasm ./kql/wasm
package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/complete"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// request asks for one thing about one text.
type request struct {
	Method string          `json:"method"`
	Text   string          `json:"text"`
	At     int             `json:"at"`
	Now    int64           `json:"now"` // ticks
	Schema json.RawMessage `json:"schema"`
}

// service answers requests. It keeps the schema that it was told last.
type service struct{ schema *schema }

// methods are what can be asked for.
var methods = map[string]func(*service, request) (any, error){
	"schema": (*service).setSchema,
	"check":  func(s *service, r request) (any, error) { return complete.Check(r.Text, s.options(r)), nil },
	"complete": func(s *service, r request) (any, error) {
		return complete.Complete(r.Text, r.At, s.options(r)), nil
	},
	"hover": func(s *service, r request) (any, error) {
		h, ok := complete.HoverAt(r.Text, r.At, s.options(r))
		return orNull(h, ok), nil
	},
	"signature": func(s *service, r request) (any, error) {
		h, ok := complete.SignatureAt(r.Text, r.At, s.options(r))
		return orNull(h, ok), nil
	},
	"format":  func(_ *service, r request) (any, error) { return format(r.Text), nil },
	"tokens":  func(s *service, r request) (any, error) { return complete.Tokens(r.Text, s.options(r)), nil },
	"queryAt": func(_ *service, r request) (any, error) { return complete.QueryAt(r.Text, r.At), nil },
	"columns": (*service).columns,
}

func orNull[T any](v T, ok bool) any {
	if !ok {
		return nil
	}
	return v
}

// answer serves one request: its answer as JSON, or {"error": …}.
func (s *service) answer(r request) []byte {
	method, ok := methods[r.Method]
	if !ok {
		return failure(fmt.Errorf("no method %q", r.Method))
	}
	out, err := method(s, r)
	if err != nil {
		return failure(err)
	}
	b, err := json.Marshal(out)
	if err != nil {
		return failure(err)
	}
	return b
}

func failure(err error) []byte {
	b, _ := json.Marshal(map[string]string{"error": err.Error()})
	return b
}

func (s *service) options(r request) check.Options {
	o := check.Options{Now: r.Now, AllowExternalData: true}
	if s.schema != nil {
		o.Schema, o.Watchlist = s.schema, s.schema.watchlist
	}
	return o
}

// format formats each query of a text and leaves what is between them.
func format(text string) string {
	out, last := "", 0
	for _, q := range complete.Queries(text) {
		formatted := syntax.Format(syntax.Parse(text[q.Start:q.End]), syntax.Options{})
		out += text[last:q.Start] + strings.TrimRight(formatted, "\n")
		last = q.End
	}
	return out + text[last:]
}

// columns are the names and types of a query's result.
func (s *service) columns(r request) (any, error) {
	q := complete.QueryAt(r.Text, r.At)
	result := check.Check(syntax.Parse(r.Text[q.Start:q.End]), s.options(r))
	out := []columnText{}
	for _, c := range result.Columns {
		out = append(out, columnText{Name: c.Name, Type: c.Type.String()})
	}
	return out, nil
}

// columnText, tableText and functionText are the schema as the API lists it.
type columnText struct {
	Name        string   `json:"name"`
	Type        string   `json:"type"`
	Description string   `json:"description,omitempty"`
	Values      []string `json:"values,omitempty"`
}

type tableText struct {
	Name        string       `json:"name"`
	Description string       `json:"description"`
	Columns     []columnText `json:"columns"`
}

type functionText struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	// Body is set for saved functions only: the right side of a let statement.
	Body string `json:"body"`
}

type schemaText struct {
	Tables     []tableText             `json:"tables"`
	Functions  []functionText          `json:"functions"`
	Watchlists map[string][]columnText `json:"watchlists"`
}

// schema is a check.Schema made of its text.
type schema struct {
	tables     map[string]*check.Table
	names      []string
	functions  map[string]*check.Function
	saved      []string
	watchlists map[string][]check.Column
}

func (s *service) setSchema(r request) (any, error) {
	var text schemaText
	if err := json.Unmarshal(r.Schema, &text); err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	out := &schema{tables: map[string]*check.Table{}, functions: map[string]*check.Function{}, watchlists: map[string][]check.Column{}}
	for _, t := range text.Tables {
		out.tables[t.Name] = &check.Table{Name: t.Name, Doc: t.Description, Columns: columnsOf(t.Columns)}
		out.names = append(out.names, t.Name)
	}
	for _, f := range text.Functions {
		if f.Body != "" {
			out.functions[f.Name] = &check.Function{Name: f.Name, Doc: f.Description, Text: f.Body}
			out.saved = append(out.saved, f.Name)
		}
	}
	for name, cols := range text.Watchlists {
		out.watchlists[name] = columnsOf(cols)
	}
	s.schema = out
	return len(out.names), nil
}

func columnsOf(list []columnText) []check.Column {
	out := make([]check.Column, 0, len(list))
	for _, c := range list {
		t, _ := value.ParseType(c.Type)
		out = append(out, check.Column{Name: c.Name, Type: t, Doc: c.Description, Values: c.Values})
	}
	return out
}

func (s *schema) Table(name string) (*check.Table, bool) {
	t, ok := s.tables[name]
	return t, ok
}

func (s *schema) Tables() []string { return s.names }

func (s *schema) Function(name string) (*check.Function, bool) {
	f, ok := s.functions[name]
	return f, ok
}

func (s *schema) Functions() []string { return s.saved }

func (s *schema) watchlist(name string) ([]check.Column, bool) {
	cols, ok := s.watchlists[name]
	return cols, ok
}
