// Package custom maps JSON records into tables that users name themselves: with
// the columns that they declare, or with columns that are inferred from the
// records.
package custom

import (
	"fmt"
	"slices"
	"strings"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/mapping/plan"
	"github.com/valyala/fastjson"
)

// Suffix is how the names of user-defined tables end.
const Suffix = "_CL"

// Family is that of user-defined tables.
const Family = "custom"

// MaxDeclared is how many columns a table may have beside the standard ones.
const MaxDeclared = telemetry.MaxColumns - 5

// Rest is the column of a user-defined table for what has no column, or does
// not fit its column.
const Rest = "AdditionalFields"

// standard are the columns that every user-defined table begins with.
var standard = []telemetry.Column{
	{Name: telemetry.TimeGenerated, Type: value.DateTime, Doc: "When it happened, UTC"},
	{Name: "TenantId", Type: value.String, Doc: "Workspace that the row belongs to"},
	{Name: "Type", Type: value.String, Doc: "Name of the table"},
	{Name: "_BilledSize", Type: value.Real, Doc: "Size of the record as it arrived, in bytes"},
	{Name: Rest, Type: value.Dynamic, Doc: "What has no column of its own, as a JSON object"},
}

// NewTable makes a user-defined table of declared columns. Standard columns may
// be among them, with their own types only.
func NewTable(name string, declared []telemetry.Column) (*telemetry.Table, error) {
	if !strings.HasSuffix(name, Suffix) {
		return nil, fmt.Errorf("the name of a user-defined table ends in %s: %q", Suffix, name)
	}
	columns := append([]telemetry.Column(nil), standard...)
	for _, c := range declared {
		if s, ok := isStandard(c.Name); ok {
			if s.Type != c.Type {
				return nil, fmt.Errorf("column %s of table %s has the type %s", c.Name, name, s.Type)
			}
			continue
		}
		columns = append(columns, c)
	}
	return telemetry.NewTable(name, Family, "", columns)
}

// Declared are the columns of a user-defined table without the standard ones.
func Declared(t *telemetry.Table) []telemetry.Column {
	var out []telemetry.Column
	for _, c := range t.Columns {
		if _, ok := isStandard(c.Name); !ok {
			out = append(out, c)
		}
	}
	return out
}

func isStandard(name string) (telemetry.Column, bool) {
	for _, c := range standard {
		if c.Name == name {
			return c, true
		}
	}
	return telemetry.Column{}, false
}

// Source maps records into one table. With Grow, keys without a column become
// new columns: the table is replaced by one that has them at its end, and rows
// from then on refer to that.
type Source struct {
	table  *telemetry.Table
	grow   bool
	plan   *plan.Plan
	record plan.Record
}

// New returns a source for a table, as NewTable made it or a later version of
// it.
func New(table *telemetry.Table, grow bool) (*Source, error) {
	s := &Source{grow: grow}
	return s, s.use(table)
}

// Table returns the table with the columns it has by now.
func (s *Source) Table() *telemetry.Table { return s.table }

// Name is the table's.
func (s *Source) Name() string { return s.table.Name }

// Recognises takes any JSON object: a user has said which table it is for.
func (s *Source) Recognises(in *plan.Input) bool { return in.Record != nil }

// timeKeys are where records of unknown origin keep their time.
var timeKeys = []string{"TimeGenerated", "Timestamp", "@timestamp", "timestamp", "time", "eventTime", "event_time", "ts", "date", "datetime", "created_at"}

func (s *Source) use(t *telemetry.Table) error {
	var text strings.Builder
	text.WriteString(telemetry.TimeGenerated + ": " + strings.Join(timeKeys, ", ") + "\n")
	for _, c := range t.Columns {
		if _, ok := isStandard(c.Name); !ok {
			text.WriteString(c.Name + ": " + c.Name + "\n")
		}
	}
	if i, ok := t.Column(Rest); ok && t.Columns[i].Type == value.Dynamic {
		text.WriteString(Rest + ": " + Rest + "\nrest " + Rest + "\n")
	}
	p, err := plan.New(t, text.String())
	if err != nil {
		return fmt.Errorf("table %s: %w", t.Name, err)
	}
	s.table, s.plan = t, p
	return nil
}

// Map makes the row of a record.
func (s *Source) Map(w *plan.Writer, in *plan.Input, out *telemetry.Batch) error {
	if in.Record == nil {
		return plan.Refuse("", "not a JSON object")
	}
	r := &s.record
	r.Reset()
	r.Size = in.Record.Size
	var added []telemetry.Column
	for _, p := range in.Record.Pairs {
		name := columnName(p.Key)
		if _, ok := s.table.Column(name); !ok {
			if !s.grow || !canBecome(p.Value) || slices.Contains(timeKeys, p.Key) || len(s.table.Columns)+len(added) >= telemetry.MaxColumns || has(added, name) {
				name = p.Key
			} else {
				added = append(added, telemetry.Column{Name: name, Type: infer(p.Value)})
			}
		}
		r.Add(name, p.Value)
	}
	if len(added) > 0 {
		if err := s.extend(added); err != nil {
			return err
		}
	}
	return w.Run(s.plan, r, out)
}

func has(columns []telemetry.Column, name string) bool {
	for _, c := range columns {
		if c.Name == name {
			return true
		}
	}
	return false
}

func (s *Source) extend(added []telemetry.Column) error {
	columns := append(append([]telemetry.Column(nil), s.table.Columns...), added...)
	t, err := telemetry.NewTable(s.table.Name, s.table.Family, s.table.Doc, columns)
	if err != nil {
		return err
	}
	return s.use(t)
}

// columnName makes a name that the language takes bare out of a key.
func columnName(key string) string {
	var b strings.Builder
	for _, c := range key {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c >= '0' && c <= '9' && b.Len() > 0:
			b.WriteRune(c)
		default:
			b.WriteByte('_')
		}
		if b.Len() >= telemetry.MaxNameLength {
			break
		}
	}
	if b.Len() == 0 {
		return "_"
	}
	return b.String()
}

// canBecome tells whether a value shows the type of a column; null does not.
func canBecome(v plan.Value) bool { return v.JSON == nil || v.JSON.Type() != fastjson.TypeNull }

// infer is the type of a column whose first value this is.
func infer(v plan.Value) value.Type {
	if v.JSON == nil {
		return value.String
	}
	switch v.JSON.Type() {
	case fastjson.TypeTrue, fastjson.TypeFalse:
		return value.Bool
	case fastjson.TypeNumber:
		if text, _ := v.Bytes(); strings.ContainsAny(string(text), ".eE") {
			return value.Real
		}
		return value.Long
	case fastjson.TypeObject, fastjson.TypeArray:
		return value.Dynamic
	}
	text := v.JSON.GetStringBytes()
	if len(text) >= 19 && text[4] == '-' {
		if _, ok := plan.ParseTime(text); ok {
			return value.DateTime
		}
	}
	return value.String
}
