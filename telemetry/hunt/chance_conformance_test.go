//go:build conformance

package hunt

import (
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/sql"
)

// fortuitous are queries that read rows which are a matter of chance in several
// places, and give 0 as long as these are the same rows everywhere.
var fortuitous = []string{
	// Rows are numbered in any order; each must keep its own list.
	`Events | sample 250 | extend e = tostring(Fields.list[0]) | mv-apply f = Fields.list on (where tostring(f) == e | summarize n = count()) | where isnotempty(e) and n == 0 | count`,
	`Events | take 250 | extend e = tostring(Fields.list[0]) | mv-apply f = Fields.list on (where tostring(f) != "" | top 9 by tostring(f) asc | summarize m = make_set(tostring(f))) | where isnotempty(e) and not(set_has_element(m, e)) | count`,
	`Events | sample 250 | extend g = User | partition hint.strategy=native by User (where Size > 100 | summarize n = count(), m = max(g)) | where n > 0 | count`,
	// A materialized table is one table.
	`let s = materialize(Events | sample 50); s | join kind=leftanti s on Timestamp, User, Size, Command | count`,
	`let s = materialize(Events | sample 50 | project Timestamp, User); s | where User !in ((s | project User)) | count`,
	`let s = materialize(Events | sample 1); let a = toscalar(s | project Timestamp); s | where Timestamp != a | count`,
	`let s = materialize(Events | serialize | extend r = row_number() | where r < 100); s | join kind=inner s on r | where User != User1 or Command != Command1 | count`,
	`let s = materialize(range x from 1 to 9000 step 1 | sample 6000); s | join kind=leftanti s on x | count`,
	// The axis of a series spans its own rows.
	`Events | where isnotnull(Timestamp) | sample 20 | make-series n = count() on Timestamp step 1h | mv-expand n to typeof(long) | summarize n = sum(n) | where n != 20 | count`,
}

// TestConformanceChance holds that rows which are a matter of chance are the same
// wherever a query reads them.
func TestConformanceChance(t *testing.T) {
	hunters := map[string]*world{"duckdb": newWorld(t)}
	if store := clickHouse(t); store != nil {
		hunters["clickhouse"] = worldOn(t, store, sql.ClickHouse)
	}
	for name, w := range hunters {
		for _, text := range fortuitous {
			r, err := w.hunter.Run(t.Context(), Request{Text: text, Workspace: "w", Check: check.Options{Schema: w.schema, Now: testNow}})
			switch {
			case err != nil:
				t.Errorf("%s: %s: %v", name, text, err)
			case len(r.Rows) != 1 || r.Rows[0][0].Num != 0:
				t.Errorf("%s: %s: %v rows differ", name, text, r.Rows)
			case len(r.InMemory) > 0:
				t.Logf("%s: %s: in memory: %s", name, text, strings.Join(r.InMemory, "; "))
			}
		}
	}
}
