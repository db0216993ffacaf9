package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
)

// MaxEvents bounds the raw events of a scenario: they are handed over at once,
// so that a store can keep all of them or none.
const MaxEvents = 250_000

// EventSource marks every row of raw events that is made up, in the column
// SourceSystem.
const EventSource = "demo"

// Telemetry appends the raw events of the scenario to out, sorted by time: those
// behind the alerts of the attacks, and an everyday life that fills up to about
// n rows, at most MaxEvents. None is later than until. The same scenario gives
// the same rows. The attacks' rows come even when there are more than n.
func (s *Scenario) Telemetry(n int, until time.Time, out *telemetry.Batch) error {
	r := &recorder{Company: s.Company, d: newDice(s.Options.Seed, 4), until: until, out: out}
	first := out.Mark()
	t := newTracer(r, s)
	t.attacks()
	r.d = newDice(s.Options.Seed, 5)
	newRoutine(r, s).fill(min(n, MaxEvents) - (len(out.Rows) - first))
	if r.err != nil {
		return r.err
	}
	// The time is the first cell of each row.
	slices.SortStableFunc(out.Rows[first:], func(a, b telemetry.Row) int {
		return int(max(min(a.Cells[0].Value.Num-b.Cells[0].Value.Num, 1), -1))
	})
	return nil
}

// recorder writes rows of raw events.
type recorder struct {
	*Company
	d      *dice
	until  time.Time
	out    *telemetry.Batch
	report int64
	err    error // the first row that no table takes
}

// row adds a row of a table: cells are names of columns and their values in turn.
// A row behind the end is dropped.
func (r *recorder) row(table string, at time.Time, cells ...any) {
	if at.After(r.until) || r.err != nil {
		return
	}
	t, ok := telemetry.Lookup(table)
	if !ok {
		r.err = fmt.Errorf("there is no table %s for a made-up row", table)
		return
	}
	r.report++
	r.out.Begin(t)
	r.put(t, t.Time, at)
	for _, c := range [...]struct {
		name string
		v    any
	}{{telemetry.TimeGenerated, at}, {"Type", table}, {"TenantId", r.TenantID}, {"AADTenantId", r.TenantID}, {"SourceSystem", EventSource}, {"ReportId", r.report}} {
		if _, ok := t.Column(c.name); ok && c.name != t.Time {
			r.put(t, c.name, c.v)
		}
	}
	for i := 0; i+1 < len(cells); i += 2 {
		r.put(t, cells[i].(string), cells[i+1])
	}
	r.out.End()
}

func (r *recorder) put(t *telemetry.Table, column string, v any) {
	i, ok := t.Column(column)
	if !ok {
		r.err = fmt.Errorf("the table %s has no column %s for a made-up row", t.Name, column)
		return
	}
	if text, ok := v.(string); ok && text == "" {
		return
	}
	r.out.Set(i, cell(v, t.Columns[i].Type))
}

// cell is v as a value of a column. Texts of dynamic columns are JSON.
func cell(v any, as value.Type) value.Value {
	switch v := v.(type) {
	case string:
		if as == value.Dynamic {
			return value.Value{Type: value.Dynamic, Text: v}
		}
		return value.Convert(value.Value{Type: value.String, Text: v}, as)
	case time.Time:
		return value.Value{Type: value.DateTime, Num: value.TicksOf(v)}
	case bool:
		return value.Convert(value.BoolOf(v), as)
	case int64:
		return value.Convert(value.LongOf(v), as)
	case int:
		return value.Convert(value.LongOf(int64(v)), as)
	}
	return value.NullOf(as)
}

// bag is a JSON object of texts: keys and values in turn.
func bag(pairs ...string) string {
	j := value.JSON{Kind: value.KindBag}
	for i := 0; i+1 < len(pairs); i += 2 {
		j.Set(pairs[i], value.TextJSON(pairs[i+1]))
	}
	return j.String()
}

func list(items ...string) string {
	j := value.ArrayOf()
	for _, s := range items {
		j.Items = append(j.Items, value.TextJSON(s))
	}
	return j.String()
}

// stranger is an address outside the company that everyday life meets.
func (r *recorder) stranger() string {
	return fmt.Sprintf("198.18.%d.%d", r.d.count(0, 255), r.d.count(1, 254))
}

// country is where an address is said to be. Those of strangers are codes that
// stand for no country.
func (r *recorder) country(address string) string {
	switch {
	case strings.HasPrefix(address, "198.19."), slices.Contains(r.Egress, address):
		return "NL"
	case strings.HasPrefix(address, "10."):
		return "NL"
	}
	return "X" + string(rune('A'+digest(address)[0]%5))
}

func outside(address string) bool {
	for _, p := range []string{"203.0.113.", "198.51.100.", "198.18."} {
		if strings.HasPrefix(address, p) {
			return true
		}
	}
	return false
}

func windows(dev *Device) bool { return strings.HasPrefix(dev.OS, "Windows") }
