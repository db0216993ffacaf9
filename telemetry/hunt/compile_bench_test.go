package hunt

import (
	_ "embed"
	"testing"

	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/sql"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/telemetry"
)

// fiftyLines is a query as detection rules have them: let statements, time
// windows, joins, aggregates, dynamic columns.
//
//go:embed testdata/fifty_lines.kql
var fiftyLines string

// BenchmarkCompile is the whole way of a query of 50 lines from text to SQL.
func BenchmarkCompile(b *testing.B) {
	schema := NewSchema(telemetry.Tables(), nil)
	for b.Loop() {
		checked := check.Check(syntax.Parse(fiftyLines), check.Options{Schema: schema, Now: 638_000_000_000_000_000})
		if !checked.OK() {
			b.Fatal(checked.Diagnostics)
		}
		p, err := sql.Compile(checked.Plan, sql.DuckDB, sql.Options{Now: 638_000_000_000_000_000})
		if err != nil {
			b.Fatal(err)
		}
		if p.Rest != nil {
			b.Fatal(p.Reasons)
		}
	}
}
