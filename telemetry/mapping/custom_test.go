package mapping

import (
	"fmt"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/mapping/custom"
	"github.com/clew-sec/clew/telemetry/mapping/rows"
	"github.com/clew-sec/clew/telemetry/rowtest"
)

func customMapper(t *testing.T, grow bool, declared ...telemetry.Column) TableMapper {
	t.Helper()
	table, err := custom.NewTable("Badge_CL", declared)
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewCustom(table, grow, Options{Tenant: "acme", Received: value.UnixEpoch + 20_500*value.Day})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mapLines(t *testing.T, m Mapper, lines ...string) string {
	t.Helper()
	var out strings.Builder
	for _, line := range lines {
		var batch telemetry.Batch
		if err := m.Map([]byte(line), &batch); err != nil {
			fmt.Fprintln(&out, "error", err)
		}
		for _, row := range batch.Rows {
			rowtest.Check(t, row)
			rowtest.Print(&out, m.Name(), row)
		}
	}
	return out.String()
}

func TestInferredTable(t *testing.T) {
	m := customMapper(t, true)
	got := mapLines(t, m,
		`{"time":"2026-03-02T07:00:00Z","door":"east","badge":4711,"ok":true,"temp":20.5,"who":{"name":"Anna"},"seen at":"2026-03-02T06:59:00Z","nothing":null}`,
		`{"door":7,"badge":"unreadable","extra":[1],"nothing":"now known","AdditionalFields":{"given":1}}`,
		`not json`)
	want := `Badge_CL -> Badge_CL
  TimeGenerated: 2026-03-02T07:00:00.0000000Z
  door: "east"
  badge: 4711
  ok: true
  temp: 20.5
  who: {"name":"Anna"}
  seen_at: 2026-03-02T06:59:00.0000000Z

Badge_CL -> Badge_CL
  TimeGenerated: 2026-02-16T00:00:00.0000000Z
  AdditionalFields: {"given":1,"badge":"unreadable"}
  door: "7"
  extra: [1]
  nothing: "now known"

error not a JSON object
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var names []string
	for _, c := range m.Table().Columns {
		names = append(names, c.Name+":"+c.Type.String())
	}
	if s := strings.Join(names, " "); !strings.Contains(s, "door:string badge:long ok:bool temp:real who:dynamic seen_at:datetime extra:dynamic nothing:string") {
		t.Errorf("columns are %s", s)
	}
}

func TestDeclaredTable(t *testing.T) {
	m := customMapper(t, false, telemetry.Column{Name: "door", Type: value.String}, telemetry.Column{Name: "badge", Type: value.Int})
	got := mapLines(t, m, `{"ts":1772435646,"door":"east","badge":"12","other":1,"a>b, c | d":2}`)
	want := `Badge_CL -> Badge_CL
  TimeGenerated: 2026-03-02T07:14:06.0000000Z
  AdditionalFields: {"other":1,"a>b, c | d":2}
  door: "east"
  badge: 12

`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if n := len(m.Table().Columns); n != 7 {
		t.Errorf("a declared table has %d columns, want the 5 standard and 2 declared ones", n)
	}
}

func TestCustomTablesAreChecked(t *testing.T) {
	if _, err := custom.NewTable("Badge", nil); err == nil {
		t.Error("a name without the suffix is taken")
	}
	if _, err := custom.NewTable("Badge_CL", []telemetry.Column{{Name: "TimeGenerated", Type: value.String}}); err == nil {
		t.Error("a standard column of another type is taken")
	}
	if _, err := custom.NewTable("Badge_CL", []telemetry.Column{{Name: "a b", Type: value.String}}); err == nil {
		t.Error("a column with a blank is taken")
	}
}

// TestColumnsAreBounded: a sender who makes up keys cannot grow a table without
// end; what has no column is kept as a whole.
func TestColumnsAreBounded(t *testing.T) {
	m := customMapper(t, true)
	var batch telemetry.Batch
	for i := range 30 {
		var b strings.Builder
		b.WriteString(`{"time":"2026-03-02T07:00:00Z"`)
		for j := range 100 {
			fmt.Fprintf(&b, `,"k%d_%d":1`, i, j)
		}
		b.WriteString("}")
		if err := m.Map([]byte(b.String()), &batch); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(m.Table().Columns); n != telemetry.MaxColumns {
		t.Errorf("%d columns", n)
	}
	last := batch.Rows[len(batch.Rows)-1]
	if v, _ := last.Field(custom.Rest); strings.Count(v.Text, `":1`) != 100 {
		t.Errorf("the last row keeps %s", v.Text)
	}
}

func TestEveryTableTakesRows(t *testing.T) {
	if n := rows.Check(); n != len(telemetry.Tables()) {
		t.Errorf("%d plans", n)
	}
}
