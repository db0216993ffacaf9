package custom

import (
	"bytes"
	"slices"

	"github.com/valyala/fastjson"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/mapping/plan"
)

// Sample finds the columns that a table needs to hold what it is shown. It maps
// records to no rows. A key gets the narrowest type that holds all its values:
// whole numbers and others are real, values of different kinds are text, and
// dynamic where an object or a list is among them.
type Sample struct {
	reader  plan.Reader
	record  plan.Record
	columns []telemetry.Column
}

// NewSample makes an empty one.
func NewSample() *Sample { return &Sample{reader: plan.Reader{Limits: plan.DefaultLimits}} }

// Columns are those found so far, in the order in which their keys came, without
// the standard ones.
func (s *Sample) Columns() []telemetry.Column {
	out := slices.Clone(s.columns)
	for i := range out {
		if out[i].Type == value.Unknown {
			out[i].Type = value.String // a key that was null every time
		}
	}
	return out
}

// Name is that of no format.
func (s *Sample) Name() string { return "sample" }

// Flush has nothing to add.
func (s *Sample) Flush(*telemetry.Batch) error { return nil }

// Map looks at a record.
func (s *Sample) Map(record []byte, _ *telemetry.Batch) error {
	record = bytes.TrimSpace(record)
	if len(record) == 0 {
		return nil
	}
	if record[0] != '{' {
		return plan.Refuse("", "not a JSON object")
	}
	if err := s.reader.Read(record, &s.record); err != nil {
		return err
	}
	for _, p := range s.record.Pairs {
		if err := s.see(columnName(p.Key), p); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sample) see(name string, p plan.Pair) error {
	if _, ok := isStandard(name); ok || slices.Contains(timeKeys, p.Key) {
		return nil
	}
	t := value.Unknown
	if p.Value.JSON == nil || p.Value.JSON.Type() != fastjson.TypeNull {
		t = infer(p.Value)
	}
	at := slices.IndexFunc(s.columns, func(c telemetry.Column) bool { return c.Name == name })
	if at >= 0 {
		s.columns[at].Type = joined(s.columns[at].Type, t)
		return nil
	}
	if len(s.columns) >= MaxDeclared {
		return plan.Refuse(p.Key, "the sample has too many keys for one table")
	}
	s.columns = append(s.columns, telemetry.Column{Name: name, Type: t})
	return nil
}

// joined is the type that holds the values of both.
func joined(a, b value.Type) value.Type {
	number := func(t value.Type) bool { return t == value.Long || t == value.Real }
	switch {
	case a == b, b == value.Unknown:
		return a
	case a == value.Unknown:
		return b
	case number(a) && number(b):
		return value.Real
	case a == value.Dynamic || b == value.Dynamic:
		return value.Dynamic
	}
	return value.String
}
