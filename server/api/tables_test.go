package api

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/ingest"
)

// shelf has the table Things_CL.
type shelf struct{ oneEvent }

func (shelf) CreateTable(_ context.Context, _ string, t *telemetry.Table) error {
	if t.Name == "Things_CL" {
		return ingest.ErrTableExists
	}
	return nil
}

func (shelf) AddColumns(_ context.Context, _, name string, columns []telemetry.Column) (*telemetry.Table, error) {
	return telemetry.NewTable(name, "custom", "", columns)
}

func (shelf) DropTable(_ context.Context, _, name string) error {
	if name != "Things_CL" {
		return telemetry.ErrNoTable
	}
	return nil
}

func (s shelf) DeliverTo(ctx context.Context, workspace, table string, body io.Reader, d ingest.Delivery) (ingest.Receipt, error) {
	return s.Deliver(ctx, workspace, body, d)
}

// tablesOf answers with the tables that a store has.
type tablesOf struct {
	pack
	store telemetry.Store
}

func (h *tablesOf) Tables(ctx context.Context, workspace string) ([]*telemetry.Table, []telemetry.TableStats, error) {
	tables, err := h.store.Tables(ctx, workspace)
	if err != nil {
		return nil, nil, err
	}
	stats, err := h.store.Stats(ctx, workspace)
	return telemetry.WithBuiltin(tables), stats, err
}

func columnNames(t HuntingTable) string {
	var out []string
	for _, c := range t.Columns {
		out = append(out, c.Name+":"+c.Type)
	}
	return strings.Join(out, " ")
}

const standardColumns = "TimeGenerated:datetime TenantId:string Type:string _BilledSize:real AdditionalFields:dynamic "

// TestTableOfAUser goes through the life of one.
func TestTableOfAUser(t *testing.T) {
	with, store := withTelemetry(t)
	b := newBench(t, with, func(o *Options) { o.Hunter = &tablesOf{store: store} })
	made := read[HuntingTable](t, b.call("admin", "POST /hunting/tables", `{"name":"Badge_CL","description":"A door opened.","columns":[{"name":"door","type":"string","description":"Which"},{"name":"badge","type":"long"}]}`), 201)
	if columnNames(made) != standardColumns+"door:string badge:long" || made.Family != "custom" || made.Time != "TimeGenerated" || made.Description != "A door opened." {
		t.Errorf("made %+v", made)
	}
	r := read[EventReceipt](t, b.call("token:ingest", "POST /telemetry/tables/Badge_CL", `[{"time":"2026-11-01T10:00:00Z","door":"east","badge":4711,"hall":"A"},{"door":"west","badge":"none"}]`), 202)
	if r.Received != 2 || r.Stored != 2 || r.Tables["Badge_CL"] != 2 {
		t.Errorf("delivered: %+v", r)
	}
	r = read[EventReceipt](t, b.call("token:ingest", "POST /telemetry/tables/Badge_CL", packed("{\"door\":\"n\"}\nnot json\n"), "Content-Encoding", "gzip"), 202)
	if r.Stored != 1 || r.Rejected != 1 || r.Rejects[0].Record != 2 {
		t.Errorf("with a bad record: %+v", r)
	}
	grown := read[HuntingTable](t, b.call("admin", "POST /hunting/tables/Badge_CL/columns", `{"columns":[{"name":"hall","type":"string"}]}`), 200)
	if columnNames(grown) != standardColumns+"door:string badge:long hall:string" {
		t.Errorf("grown to %s", columnNames(grown))
	}
	list := read[List[HuntingTable]](t, b.call("viewer", "GET /hunting/tables", ""), 200)
	if len(list.Items) != 1 || list.Items[0].Rows != 3 || list.Items[0].Oldest.Format("2006-01-02") != "2026-11-01" {
		t.Errorf("listed: %+v", list.Items)
	}
	if w := b.call("admin", "DELETE /hunting/tables/Badge_CL", ""); w.Code != 204 {
		t.Errorf("removing: %d %s", w.Code, w.Body)
	}
	for route, body := range map[string]string{
		"DELETE /hunting/tables/Badge_CL": "", "POST /telemetry/tables/Badge_CL": `{"door":"x"}`, "POST /hunting/tables/Badge_CL/columns": `{"columns":[{"name":"x","type":"int"}]}`,
	} {
		if w := b.call("admin", route, body); w.Code != 404 {
			t.Errorf("%s when it is gone: %d %s", route, w.Code, w.Body)
		}
	}
}

// TestTableOfASample finds the columns in records.
func TestTableOfASample(t *testing.T) {
	with, _ := withTelemetry(t)
	b := newBench(t, with)
	sample := `"{\"time\":\"2026-11-01T10:00:00Z\",\"n\":1,\"who\":{\"a\":1},\"a b\":true}\n{\"n\":1.5,\"seen\":\"2026-11-01T10:00:00Z\",\"void\":null}"`
	found := read[SampleColumns](t, b.call("admin", "POST /hunting/tables/sample", `{"sample":`+sample+`}`), 200)
	want := []HuntingColumn{{"n", "real"}, {"who", "dynamic"}, {"a_b", "bool"}, {"seen", "datetime"}, {"void", "string"}}
	if !slices.Equal(found.Columns, want) {
		t.Errorf("found %v", found.Columns)
	}
	made := read[HuntingTable](t, b.call("admin", "POST /hunting/tables", `{"name":"Sampled_CL","sample":`+sample+`}`), 201)
	if columnNames(made) != standardColumns+"n:real who:dynamic a_b:bool seen:datetime void:string" {
		t.Errorf("made %s", columnNames(made))
	}
}

func TestTablesThatAreRefused(t *testing.T) {
	with, store := withTelemetry(t)
	b := newBench(t, with)
	columns := `"columns":[{"name":"x","type":"string"}]`
	read[HuntingTable](t, b.call("admin", "POST /hunting/tables", `{"name":"Taken_CL",`+columns+`}`), 201)
	for _, c := range []struct {
		who, route, body string
		status           int
	}{
		{"analyst", "POST /hunting/tables", `{"name":"New_CL",` + columns + `}`, 403},
		{"token:write", "DELETE /hunting/tables/Taken_CL", "", 403},
		{"viewer", "POST /telemetry/tables/Taken_CL", "{}", 403},
		{"admin", "POST /hunting/tables", `{"name":"Taken_CL",` + columns + `}`, 409},
		{"admin", "POST /hunting/tables", `{"name":"TAKEN_CL",` + columns + `}`, 409},
		{"admin", "POST /hunting/tables", `{"name":"Okta_CL",` + columns + `}`, 409},
		{"admin", "POST /hunting/tables", `{"name":"New",` + columns + `}`, 422},
		{"admin", "POST /hunting/tables", `{"name":"x\"; DROP_CL",` + columns + `}`, 422},
		{"admin", "POST /hunting/tables", `{"name":"` + strings.Repeat("x", 64) + `_CL",` + columns + `}`, 422},
		{"admin", "POST /hunting/tables", `{"name":"New_CL"}`, 422},
		{"admin", "POST /hunting/tables", `{"name":"New_CL","sample":"{}"}`, 422},
		{"admin", "POST /hunting/tables", `{"name":"New_CL","sample":"[1]"}`, 422},
		{"admin", "POST /hunting/tables", `{"name":"New_CL","sample":"{\"a\":1}",` + columns + `}`, 422},
		{"admin", "POST /hunting/tables", `{"name":"New_CL","columns":[{"name":"a b","type":"string"}]}`, 422},
		{"admin", "POST /hunting/tables", `{"name":"New_CL","columns":[{"name":"a","type":"text"}]}`, 422},
		{"admin", "POST /hunting/tables", `{"name":"New_CL","columns":[{"name":"a","type":"int"},{"name":"A","type":"int"}]}`, 422},
		{"admin", "POST /hunting/tables", `{"name":"New_CL","columns":[{"name":"TimeGenerated","type":"string"}]}`, 422},
		{"admin", "POST /hunting/tables/Taken_CL/columns", `{"columns":[{"name":"x","type":"string"}]}`, 422},
		{"admin", "DELETE /hunting/tables/Okta_CL", "", 404},
		{"token:ingest", "POST /telemetry/tables/Nowhere_CL", "{}", 404},
		{"token:ingest", "POST /telemetry/tables/DeviceEvents", "{}", 422},
		{"token:ingest", "POST /telemetry/tables/Taken_CL", "", 400},
	} {
		if w := b.call(c.who, c.route, c.body); w.Code != c.status {
			t.Errorf("%s %s %s: %d, want %d: %s", c.who, c.route, c.body, w.Code, c.status, w.Body)
		}
	}
	var many []*telemetry.Table
	for i := range ingest.MaxTables {
		x, err := telemetry.NewTable(fmt.Sprintf("Many%d_CL", i), "custom", "", []telemetry.Column{{Name: "x", Type: value.String}})
		if err != nil {
			t.Fatal(err)
		}
		many = append(many, x)
	}
	if err := store.Ensure(t.Context(), "default", many); err != nil {
		t.Fatal(err)
	}
	if w := b.call("admin", "POST /hunting/tables", `{"name":"New_CL",`+columns+`}`); w.Code != 409 || !strings.Contains(w.Body.String(), "200") {
		t.Errorf("one too many: %d %s", w.Code, w.Body)
	}
}
