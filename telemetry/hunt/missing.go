package hunt

import "github.com/clew-sec/clew/kql/plan"

// without is a plan in which tables that the engine has not got are empty:
// built-in tables come into being with their first row.
func without(p *plan.Plan, stored func(string) bool) *plan.Plan {
	if stored == nil {
		return p
	}
	return rewritten(p, func(n plan.Node) plan.Node {
		scan, ok := n.(*plan.Scan)
		if !ok || stored(scan.Table) {
			return nil
		}
		return &plan.Values{Cols: scan.Cols}
	})
}
