package app

import (
	"strings"
	"testing"
	"time"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/server/api"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/telemetry"
)

// fill adds a row of texts to a batch; texts of datetime columns are RFC 3339.
func fill(t *testing.T, b *telemetry.Batch, table string, cells map[string]string) {
	t.Helper()
	tab, ok := telemetry.Lookup(table)
	if !ok {
		t.Fatalf("no table %s", table)
	}
	b.Begin(tab)
	for name, text := range cells {
		i, ok := tab.Column(name)
		if !ok {
			t.Fatalf("%s has no column %s", table, name)
		}
		b.Set(i, value.Convert(value.StringOf(text), tab.Columns[i].Type))
	}
	b.End()
}

// TestSurroundings calls every function that the product adds to the language.
func TestSurroundings(t *testing.T) {
	ctx := t.Context()
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	cfg := Config{Data: t.TempDir(), Now: func() time.Time { return now }}
	cfg.complete()
	st, err := openStore(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	tele, err := openTelemetry(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer tele.Close()
	hash, rare := strings.Repeat("a1", 20), strings.Repeat("b2", 20)
	var b telemetry.Batch
	for i, host := range []string{"ws1", "ws2", "ws2"} {
		fill(t, &b, "DeviceProcessEvents", map[string]string{
			"Timestamp": now.Add(-time.Duration(i+1) * time.Hour).Format(time.RFC3339), "DeviceName": host, "SHA1": hash, "FileName": "a.exe",
		})
	}
	fill(t, &b, "DeviceFileCertificateInfo", map[string]string{"Timestamp": "2026-03-01T00:00:00Z", "SHA1": hash, "Signer": "Harbor <b>", "IsTrusted": "true"})
	fill(t, &b, "DeviceNetworkInfo", map[string]string{
		"Timestamp": "2026-03-04T11:00:00Z", "DeviceId": "d1", "DeviceName": "ws1", "IPAddresses": `[{"IPAddress":"10.0.0.7","AddressType":"Private"}]`,
	})
	fill(t, &b, "DeviceInfo", map[string]string{"Timestamp": "2026-03-04T11:00:00Z", "DeviceId": "d1", "DiscoverySources": "sensor"})
	if err := (telemetry.Making{Store: tele}).Append(ctx, DefaultWorkspace, b.Rows); err != nil {
		t.Fatal(err)
	}
	if err := st.PutWatchlist(ctx, DefaultWorkspace, store.Watchlist{
		Name: "vip", SearchKey: "Upn", Columns: []string{"Upn", "Why"}, Items: [][]string{{"amy@corp.example", `the "boss"`}, {"bo@corp.example", "pays"}}, UpdatedAt: now,
	}); err != nil {
		t.Fatal(err)
	}
	h := newHunter(cfg, tele, st, nil)
	for query, want := range map[string]string{
		`_GetWatchlist('vip') | where Why has 'boss' | project SearchKey, tostring(WatchlistItem.Why)`: `amy@corp.example|the "boss"`,
		`print u = 'bo@corp.example' | where u in ((_GetWatchlist('vip') | project SearchKey))`:        `bo@corp.example`,
		`_GetWatchlistAlias()`:                                             `vip`,
		`DeviceFromIP('10.0.0.7')`:                                         `10.0.0.7|d1`,
		`DeviceFromIP('10.0.0.8') | count`:                                 `0`,
		`AssignedIPAddresses('d1') | project IPAddress, IPType`:            `10.0.0.7|Private`,
		`DeviceInfo | project DeviceId | invoke SeenBy() | project SeenBy`: `["sensor"]`,
		`DeviceProcessEvents | distinct SHA1 | invoke FileProfile(SHA1, 1000) | project GlobalPrevalence, Signer, SignatureState`:   `2|Harbor <b>|SignedValid`,
		`print h = '` + rare + `' | invoke FileProfile('h') | project ProfileAvailability, GlobalPrevalence`:                        `Missing|`,
		`DeviceProcessEvents | invoke FileProfile(SHA1) | where GlobalPrevalence < 3 | summarize n = count(), min(GlobalFirstSeen)`: `3|2026-03-04T09:00:00.0000000Z`,
	} {
		r, err := h.Run(ctx, api.Hunt{Workspace: DefaultWorkspace, User: "test", Text: query, MaxRows: 10})
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		var rows []string
		for _, row := range r.Rows {
			var cells []string
			for _, v := range row {
				cells = append(cells, v.String())
			}
			rows = append(rows, strings.Join(cells, "|"))
		}
		if got := strings.Join(rows, "; "); got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
	if _, err := h.Run(ctx, api.Hunt{Workspace: DefaultWorkspace, User: "test", Text: "_GetWatchlist('none')", MaxRows: 1}); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("a watchlist that is not there: %v", err)
	}
}
