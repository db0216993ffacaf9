// Package rows maps records that are rows of a known table already: exports of
// Microsoft Sentinel and Defender XDR, and what their streaming interfaces send.
package rows

import (
	"strings"
	"sync"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/mapping/plan"
	"github.com/valyala/fastjson"
)

// Source maps rows.
type Source struct {
	reader plan.Reader
	record plan.Record
	seen   map[string]*telemetry.Table // by the set of keys
}

// New returns a source.
func New(limits plan.Limits) *Source {
	return &Source{reader: plan.Reader{Limits: limits}, seen: map[string]*telemetry.Table{}}
}

// Name is "rows".
func (s *Source) Name() string { return "rows" }

// Recognises takes records that name their table, and those whose keys are
// nearly all columns of one.
func (s *Source) Recognises(in *plan.Input) bool {
	return in.Record != nil && s.tableOf(in.Record) != nil
}

// streamed is how Defender XDR names a table in its stream of events.
const streamed = "AdvancedHunting-"

func (s *Source) tableOf(r *plan.Record) *telemetry.Table {
	if name, ok := strings.CutPrefix(string(r.Text("category")), streamed); ok && r.Has("properties") {
		t, _ := telemetry.Lookup(name)
		return t
	}
	if !r.Has(telemetry.TimeGenerated) && !r.Has(telemetry.Timestamp) {
		return nil
	}
	if t, ok := telemetry.Lookup(string(r.Text("Type"))); ok {
		return t
	}
	return s.bestTable(r)
}

// bestTable finds the table that has most of the keys that hold something: at
// least five of them, and three in four. Among equals the first by name wins. It
// remembers the answer for each set of keys.
func (s *Source) bestTable(r *plan.Record) *telemetry.Table {
	var keys []string
	for _, p := range r.Pairs {
		if text, ok := p.Value.Bytes(); len(text) > 0 || !ok && p.Value.JSON.Type() != fastjson.TypeNull {
			keys = append(keys, p.Key)
		}
	}
	shape := strings.Join(keys, "\x00")
	if t, known := s.seen[shape]; known {
		return t
	}
	if len(s.seen) > 1000 {
		clear(s.seen)
	}
	var best *telemetry.Table
	most := max(4, len(keys)*3/4-1)
	for _, t := range telemetry.Tables() {
		if hits := columnsOf(t, keys); hits > most {
			best, most = t, hits
		}
	}
	s.seen[shape] = best
	return best
}

func columnsOf(t *telemetry.Table, keys []string) (hits int) {
	for _, key := range keys {
		if _, ok := columnOf(t, key); ok {
			hits++
		}
	}
	return hits
}

// suffixes that exports put behind a name when a column has values of several
// types.
var suffixes = []string{"_string", "_dynamic", "_long", "_int", "_real", "_bool", "_datetime", "_guid"}

// columnOf finds the column that a key means.
func columnOf(t *telemetry.Table, key string) (string, bool) {
	if _, ok := t.Column(key); ok {
		return key, true
	}
	for _, suffix := range suffixes {
		if name, ok := strings.CutSuffix(key, suffix); ok {
			if _, ok := t.Column(name); ok {
				return name, true
			}
		}
	}
	return key, false
}

// Map makes the row.
func (s *Source) Map(w *plan.Writer, in *plan.Input, out *telemetry.Batch) error {
	if in.Record == nil {
		return plan.Refuse("", "not a JSON object")
	}
	t := s.tableOf(in.Record)
	if t == nil {
		return plan.Refuse("Type", "no row of a known table: %.60q", in.Record.Text("Type"))
	}
	r := &s.record
	r.Reset()
	r.Size = in.Record.Size
	if properties, ok := in.Record.Get("properties"); ok && properties.JSON.Type() == fastjson.TypeObject && !in.Record.Has("Type") {
		s.reader.Pairs(properties.JSON, r)
	} else {
		r.Pairs = append(r.Pairs, in.Record.Pairs...)
	}
	for i := range r.Pairs {
		r.Pairs[i].Key, _ = columnOf(t, r.Pairs[i].Key)
	}
	return w.Run(planFor(t), r, out)
}

// catchAll are the columns that take what has no column, in order.
var catchAll = []string{"AdditionalFields", "ExtendedProperties", "RawData", "AdditionalInfo", "EventData", "Properties_d", "ExtraProperties"}

var plans sync.Map // *telemetry.Table → *plan.Plan

// planFor is the plan of a table: each column from the key of its name.
func planFor(t *telemetry.Table) *plan.Plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan.Plan)
	}
	var text strings.Builder
	text.WriteString("plan row\nrow " + t.Name + "\n")
	for _, name := range []string{"TenantId", "_IsBillable"} {
		if _, ok := t.Column(name); ok {
			text.WriteString(name + ": " + name + "\n")
		}
	}
	for _, pair := range [][2]string{{telemetry.Timestamp, telemetry.TimeGenerated}, {telemetry.TimeGenerated, telemetry.Timestamp}} {
		if i, ok := t.Column(pair[0]); ok && t.Columns[i].Type == value.DateTime {
			text.WriteString(pair[0] + ": " + pair[0] + ", " + pair[1] + "\n")
		}
	}
	text.WriteString("drop Type\nsame\n")
	for _, name := range catchAll {
		if i, ok := t.Column(name); ok && (t.Columns[i].Type == value.Dynamic || t.Columns[i].Type == value.String) {
			text.WriteString("rest " + name + "\n")
			break
		}
	}
	set := plan.Set{}
	if err := set.Compile(text.String()); err != nil {
		panic("plan of the rows of " + t.Name + ": " + err.Error()) // made of the schema alone
	}
	plans.Store(t, set["row"])
	return set["row"]
}

// Check compiles the plans of all tables, for tests.
func Check() (n int) {
	for _, t := range telemetry.Tables() {
		planFor(t)
		n++
	}
	return n
}
