package duckdb_test

import (
	"testing"

	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/duckdb"
)

// TestUsage: a query says what it read and what it took.
func TestUsage(t *testing.T) {
	s, err := duckdb.Open(t.Context(), duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	usage := func(sql string) telemetry.Usage {
		rows, err := s.Query(t.Context(), telemetry.Statement{SQL: sql}, telemetry.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range rows.All() {
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		return rows.(telemetry.Costed).Usage()
	}
	large := usage("SELECT count(DISTINCT hash(i)) FROM range(500000) r(i)")
	if large.Scanned != 500_000 || large.Processor <= 0 || large.Memory <= 0 {
		t.Errorf("half a million rows: %+v", large)
	}
	if small := usage("SELECT i FROM range(10) r(i)"); small.Scanned != 10 || small.Processor >= large.Processor {
		t.Errorf("ten rows: %+v", small)
	}
}
