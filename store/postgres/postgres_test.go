package postgres

import (
	"testing"

	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/store/internal/pgtest"
	"github.com/clew-sec/clew/store/storetest"
)

func TestMain(m *testing.M) { pgtest.Main(m.Run) }

func TestOpenTwice(t *testing.T) {
	url := pgtest.Database(t)
	for range 2 {
		s, err := Open(t.Context(), Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
	}
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		s, err := Open(t.Context(), Options{URL: pgtest.Database(t), Connections: 4})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return s
	})
}

// What was written before rules were counted is counted by the migration.
func TestMigrationCountsRules(t *testing.T) {
	url := pgtest.Database(t)
	s := opened(t, url)
	want := storetest.WriteRules(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	execute(t, url, "DROP TABLE alert_rule; DROP TABLE alert_rule_incident; DROP TABLE parting; ALTER TABLE alert_log DROP COLUMN record; DELETE FROM clew_migration WHERE version_id >= 70")
	storetest.CheckRules(t, opened(t, url), want)
}

// What people parted before that was kept is found in the log by the migration.
func TestMigrationFindsPartings(t *testing.T) {
	url := pgtest.Database(t)
	s := opened(t, url)
	want := storetest.WriteWords(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	execute(t, url, "DROP TABLE parting; DROP INDEX alert_rule_by_alerts; DELETE FROM clew_migration WHERE version_id >= 90")
	storetest.CheckWords(t, opened(t, url), want)
}

func benchStore(b *testing.B) *Store {
	s, err := Open(b.Context(), Options{URL: pgtest.Database(b)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

func BenchmarkRules(b *testing.B) { storetest.BenchmarkRules(b, benchStore(b)) }

func BenchmarkCommit(b *testing.B) { storetest.BenchmarkCommit(b, benchStore(b)) }

// BenchmarkQueue takes minutes to fill the store: 1,000,000 alerts.
func BenchmarkQueue(b *testing.B) { storetest.BenchmarkQueue(b, benchStore(b), storetest.QueueSize()) }
