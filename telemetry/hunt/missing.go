package hunt

import (
	"slices"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/telemetry"
)

// without is a plan in which tables that the engine has not got are empty:
// built-in tables come into being with their first row.
func without(p *plan.Plan, stored []*telemetry.Table) *plan.Plan {
	if stored == nil {
		return p
	}
	return rewritten(p, func(n plan.Node) plan.Node {
		scan, ok := n.(*plan.Scan)
		if !ok || slices.ContainsFunc(stored, func(t *telemetry.Table) bool { return t.Name == scan.Table }) {
			return nil
		}
		return &plan.Values{Cols: scan.Cols}
	})
}
