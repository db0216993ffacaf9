package telemetry

import (
	"encoding/json"
	"fmt"

	"github.com/clew-sec/clew/kql/value"
)

// definition is how a store keeps the schema of a table, as JSON.
type definition struct {
	Name    string             `json:"name"`
	Family  string             `json:"family,omitempty"`
	Doc     string             `json:"doc,omitempty"`
	Columns []columnDefinition `json:"columns"`
}

type columnDefinition struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Doc  string `json:"doc,omitempty"`
}

// MarshalDefinition writes the schema of a table as JSON, for stores that keep
// it beside the rows.
func MarshalDefinition(t *Table) (string, error) {
	d := definition{Name: t.Name, Family: t.Family, Doc: t.Doc}
	for _, c := range t.Columns {
		d.Columns = append(d.Columns, columnDefinition{c.Name, c.Type.String(), c.Doc})
	}
	text, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("writing the definition of %s: %w", t.Name, err)
	}
	return string(text), nil
}

// UnmarshalDefinition reads what MarshalDefinition wrote.
func UnmarshalDefinition(text string) (*Table, error) {
	var d definition
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return nil, fmt.Errorf("reading the definition of a table: %w", err)
	}
	columns := make([]Column, 0, len(d.Columns))
	for _, c := range d.Columns {
		t, ok := value.ParseType(c.Type)
		if !ok {
			return nil, fmt.Errorf("table %s, column %s: no type %q", d.Name, c.Name, c.Type)
		}
		columns = append(columns, Column{Name: c.Name, Type: t, Doc: c.Doc})
	}
	return NewTable(d.Name, d.Family, d.Doc, columns)
}
