package app_test

import (
	"strings"
	"testing"
)

type huntResult struct {
	Columns []struct{ Name, Type string }
	Rows    [][]any
}

// TestHuntingInTheProduct runs queries as the portal does: a literal table, a
// stored one, a saved function, and rows that become alerts of an incident.
func TestHuntingInTheProduct(t *testing.T) {
	p := serve(t, t.TempDir())
	defer p.stop()
	p.becomeAdministrator()
	hunt := func(query string) huntResult {
		return call[huntResult](p, 200, "POST", "/api/v1/hunting/query", map[string]any{"query": query})
	}
	if r := hunt("DeviceProcessEvents | count"); len(r.Rows) != 1 || r.Rows[0][0] != 0.0 {
		t.Errorf("an empty table: %+v", r)
	}
	send := map[string]any{"name": "loud", "query": "datatable(h:string, n:long)['a',1,'b',2,'b',3] | where n > least", "function": "Loud", "parameters": "(least:long)", "shared": true}
	p.send(201, "POST", "/api/v1/hunting/queries", send)
	r := hunt("Loud(1) | project Timestamp=datetime(2026-03-04T05:06:07Z), DeviceName=strcat(h,'.corp.example')")
	if len(r.Rows) != 2 || r.Columns[1].Name != "DeviceName" {
		t.Fatalf("a saved function: %+v", r)
	}
	link := map[string]any{
		"title": "Loud hosts", "severity": "high", "query": "Loud(1)", "columns": []string{"Timestamp", "DeviceName"}, "rows": r.Rows, "impacted": map[string]string{"device": "DeviceName"},
	}
	type linked struct {
		IncidentID int64
		Alerts     int
	}
	first := call[linked](p, 200, "POST", "/api/v1/hunting/link", link)
	if first.Alerts != 1 || first.IncidentID == 0 {
		t.Fatalf("two rows about one device: %+v", first)
	}
	again := call[linked](p, 200, "POST", "/api/v1/hunting/link", link)
	if again.IncidentID != first.IncidentID {
		t.Errorf("the same rows again went to incident %d, not %d", again.IncidentID, first.IncidentID)
	}
	link["title"], link["incidentId"] = "More", first.IncidentID
	if more := call[linked](p, 200, "POST", "/api/v1/hunting/link", link); more.IncidentID != first.IncidentID {
		t.Errorf("went to incident %d, not %d", more.IncidentID, first.IncidentID)
	}
	text := string(p.send(200, "GET", "/api/v1/incidents/1/alerts", nil))
	if !strings.Contains(text, "Loud hosts") || !strings.Contains(text, "More") || !strings.Contains(text, `"manual"`) {
		t.Errorf("the incident's alerts: %s", text)
	}
	wrong := string(p.send(422, "POST", "/api/v1/hunting/query", map[string]any{"query": "DeviceProcessEvents | wehre FileName == 'x'"}))
	if !strings.Contains(wrong, `"where"`) {
		t.Errorf("a typing error: %s", wrong)
	}
}
