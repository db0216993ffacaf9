// Package telemetry is the schema and the rows of the hunting store: which
// tables there are, which columns of which types they have, and what a row of
// one looks like on its way from an event to the engine that keeps it.
//
// The tables are those that hunters know from Microsoft Defender XDR and
// Microsoft Sentinel, by name, column and type, so that their queries run
// unchanged. Event mappings (package mapping) fill them; the engines (duckdb,
// clickhouse) keep them.
package telemetry

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/clew-sec/clew/kql/value"
)

// Names of the two columns that can hold the time of an event. Tables of
// Defender XDR have both: queries of either portal name the one they know.
// The two always hold the same instant.
const (
	Timestamp     = "Timestamp"
	TimeGenerated = "TimeGenerated"
)

// Limits of a table that a user declares or that is inferred from events.
const (
	MaxColumns    = 1000
	MaxNameLength = 128
)

// Column is one column of a table. Doc is one line for people.
type Column struct {
	Name string
	Type value.Type
	Doc  string
}

// Table is the schema of one table. It is never changed once it is in use: a
// user-defined table that gains columns becomes a new Table whose first columns
// are the old ones, so that positions of columns stay what they were.
//
// Column names are unique, but two of one table may differ in case only (ISP and
// Isp, for the two portals spell it differently). An engine whose identifiers
// ignore case must name its stored columns by position or keep a mapping.
type Table struct {
	Name    string
	Columns []Column
	// Time is the column that retention and time ranges go by; empty for lists
	// that have none.
	Time string
	// Family groups tables for people, such as "devices" or "email".
	Family string
	Doc    string

	index map[string]int
	time  int
}

// Column returns the position of a column.
func (t *Table) Column(name string) (int, bool) {
	i, ok := t.index[name]
	return i, ok
}

// TimeColumn returns the position of the time column, -1 when there is none.
func (t *Table) TimeColumn() int { return t.time }

var tableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// NewTable makes a table after checking what engines and the language rely on:
// plain names, each column once, a known type. The time column is Timestamp,
// else TimeGenerated, and must be a datetime.
func NewTable(name, family, doc string, columns []Column) (*Table, error) {
	if err := checkName(name); err != nil {
		return nil, fmt.Errorf("table %q: %w", name, err)
	}
	if len(columns) == 0 || len(columns) > MaxColumns {
		return nil, fmt.Errorf("table %s has %d columns, want 1 to %d", name, len(columns), MaxColumns)
	}
	t := &Table{Name: name, Family: family, Doc: doc, Columns: columns, index: make(map[string]int, len(columns)), time: -1}
	for i, c := range columns {
		if err := checkName(c.Name); err != nil {
			return nil, fmt.Errorf("table %s, column %q: %w", name, c.Name, err)
		}
		if _, twice := t.index[c.Name]; twice {
			return nil, fmt.Errorf("table %s has the column %s twice", name, c.Name)
		}
		if c.Type == value.Unknown {
			return nil, fmt.Errorf("table %s, column %s: unknown type", name, c.Name)
		}
		t.index[c.Name] = i
	}
	for _, n := range []string{Timestamp, TimeGenerated} {
		if i, ok := t.index[n]; ok && columns[i].Type == value.DateTime {
			t.Time, t.time = n, i
			break
		}
	}
	return t, nil
}

func checkName(name string) error {
	if len(name) > MaxNameLength {
		return fmt.Errorf("longer than %d characters", MaxNameLength)
	}
	if !tableName.MatchString(name) {
		return fmt.Errorf("want a letter or underscore, then letters, digits and underscores")
	}
	return nil
}

// Tables returns all built-in tables by name. The slice is the caller's, the
// tables are shared.
func Tables() []*Table {
	return slices.Clone(builtin().list)
}

// Lookup finds a built-in table. Names are compared exactly, as the language does.
func Lookup(name string) (*Table, bool) {
	t, ok := builtin().byName[name]
	return t, ok
}

// Families returns the groups of the built-in tables by name.
func Families() []string {
	var out []string
	for _, t := range builtin().list {
		out = append(out, t.Family)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func byName(a, b *Table) int { return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) }
