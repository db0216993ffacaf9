package hunt

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/sql"
	"github.com/clew-sec/clew/telemetry"
)

// hostile are queries that would use up a machine if nothing held them.
var hostile = map[string]string{
	"endless range":       `range x from 1 to 9000000000000 step 1 | summarize sum(x)`,
	"tiny steps":          `range x from 1 to 9000000000000000000 step 1 | take 3`,
	"cross join":          `let R = range x from 1 to 200000 step 1 | extend k = 1; R | join kind=inner R on k | join kind=inner (R) on k | summarize max(x)`,
	"mv-expand bomb":      `range x from 1 to 100000 step 1 | extend a = range(1, 100000) | mv-expand a | mv-expand b = range(1, 100000) | count`,
	"sort of too much":    `range x from 1 to 900000000 step 1 | extend s = strcat("a text of some length ", x) | sort by s asc`,
	"series of ticks":     `range t from ago(365d) to now() step 1d | make-series count() on t from ago(365d) to now() step 1tick`,
	"in memory too large": `range x from 1 to 90000000 step 1 | reduce by tostring(x)`,
	"paths of a thicket":  `let R = range x from 1 to 100 step 1 | extend k = 1; R | join kind=inner (R | project y = x, k) on k | make-graph x --> y with_node_id=n | graph-match cycles=all (a)-[e*1..1000]->(b) where a.n + b.n == 0 project a.n`,
	"all shortest paths":  `range x from 1 to 99000 step 1 | extend y = x + 1 | make-graph x -- y with_node_id=n | graph-shortest-paths output=all (a)-[e*1..1000]-(b) project a.n`,
	"endless labyrinth":   `let R = range x from 1 to 100 step 1 | extend k = 1; R | join kind=inner (R | project y = x, k) on k | make-graph x --> y with_node_id=n | graph-shortest-paths (a)-[e*1..1000]->(b) where any(e, x == 0) project a.n`,
	"deep brackets":       `print x = ` + strings.Repeat("(", 10_000) + "1" + strings.Repeat(")", 10_000),
	"long sum":            `print x = ` + strings.Repeat("1 + ", 30_000) + "1",
	"long condition":      `T | where ` + strings.Repeat("n == 1 or ", 10_000) + "n == 2",
	"long text":           `print "` + strings.Repeat("a", 1<<20) + `"`,
	"powers of bin":       `T | extend x = ` + strings.Repeat("bin(", 40) + "n" + strings.Repeat(", 3)", 40),
	"doubling lets":       doublingLets(60),
}

// doublingLets is a chain of values of which each is twice the one before.
func doublingLets(n int) string {
	var b strings.Builder
	b.WriteString("let a00 = 1; ")
	for i := 1; i <= n; i++ {
		last := "a" + itoa(i-1)
		b.WriteString("let a" + itoa(i) + " = " + last + " + " + last + "; ")
	}
	return b.String() + "print a" + itoa(n)
}

func itoa(n int) string { return string(rune('0'+n/10)) + string(rune('0'+n%10)) }

// TestHostileQueriesEnd holds that such a query ends soon, by its result or by
// an error that says why.
func TestHostileQueriesEnd(t *testing.T) {
	w := newWorld(t)
	for name, text := range hostile {
		began := time.Now()
		_, err := w.hunter.Run(t.Context(), Request{
			Text: "let T = datatable(n: long)[1, 2, 3];" + text, Workspace: "w", Check: check.Options{Now: testNow},
			Limits: Limits{Time: 2 * time.Second, Rows: 1000, Intermediate: 100_000},
		})
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s took %s", name, took)
		}
		var limit *telemetry.LimitError
		var rejected *Rejected
		var large *TooLarge
		if err != nil && !errors.As(err, &limit) && !errors.As(err, &rejected) && !errors.As(err, &large) && !errors.Is(err, telemetry.ErrQuery) && !errors.Is(err, sql.ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
		t.Logf("%-20s %v", name, shortened(err))
	}
}

func shortened(err error) string {
	if err == nil {
		return "answered"
	}
	return err.Error()[:min(len(err.Error()), 150)]
}
