package hunt

import (
	"testing"

	"github.com/clew-sec/clew/kql/check"
)

// TestIngestionTime holds that rows know when they came in, as long as they are
// rows of a table.
func TestIngestionTime(t *testing.T) {
	w := newWorld(t)
	for text, want := range map[string]int64{
		`Events | where ingestion_time() > datetime(2020-01-01) | count`:                                                     300,
		`Events | extend i = ingestion_time() | where isnotnull(i) and i < now() + 36500d | count`:                           300,
		`Events | extend x = Size * 2 | where x > -100 or isnull(x) | take 5 | where ingestion_time() > ago(36500d) | count`: 5,
		`let E = Events | where isnotnull(ingestion_time()); E | join kind=leftsemi (E | where Size > 100) on User | count`:  0,
		`Events | join kind=inner (Devices | take 1) on $left.User == $right.Name | where isnull(ingestion_time()) | count`:  0,
		`Events | summarize arg_max(ingestion_time(), *) by User | where isnull(['$IngestionTime']) | count`:                 0,
		`Events | summarize n = count() | extend i = ingestion_time() | where isnull(i) | count`:                             1,
		`print x = 1 | where isnull(ingestion_time()) | count`:                                                               1,
	} {
		r, err := w.hunter.Run(t.Context(), Request{Text: text, Workspace: "w", Check: check.Options{Schema: w.schema, Now: testNow}})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := r.Rows[0][0].Num; got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}
