package hunt

import (
	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/telemetry"
)

// Schema is a set of tables and saved functions as the checker sees them. It
// does not change, and may be shared.
type Schema struct {
	tables    map[string]*check.Table
	names     []string
	functions map[string]*check.Function
	saved     []string
}

// NewSchema makes a schema. Of tables or functions of one name the first
// counts.
func NewSchema(tables []*telemetry.Table, functions []check.Function) *Schema {
	s := &Schema{tables: make(map[string]*check.Table, len(tables)), functions: map[string]*check.Function{}}
	for _, t := range tables {
		if _, ok := s.tables[t.Name]; ok {
			continue
		}
		c := &check.Table{Name: t.Name, Doc: t.Doc}
		stored := t.StoredNames()
		for i, col := range t.Columns {
			c.Columns = append(c.Columns, check.Column{Name: col.Name, Stored: stored[i], Type: col.Type, Doc: col.Doc})
		}
		s.tables[t.Name] = c
		s.names = append(s.names, t.Name)
	}
	for _, f := range functions {
		if _, ok := s.functions[f.Name]; !ok {
			s.functions[f.Name] = &f
			s.saved = append(s.saved, f.Name)
		}
	}
	return s
}

// With is the schema with these saved functions in place of its own.
func (s *Schema) With(functions []check.Function) *Schema {
	out := NewSchema(nil, functions)
	out.tables, out.names = s.tables, s.names
	return out
}

// Table implements check.Schema.
func (s *Schema) Table(name string) (*check.Table, bool) { t, ok := s.tables[name]; return t, ok }

// Tables implements check.Schema.
func (s *Schema) Tables() []string { return s.names }

// Function implements check.Schema.
func (s *Schema) Function(name string) (*check.Function, bool) {
	f, ok := s.functions[name]
	return f, ok
}

// Functions implements check.Schema.
func (s *Schema) Functions() []string { return s.saved }
