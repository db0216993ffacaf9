package sqlite

import (
	"context"
	"errors"
	"testing"

	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/store/storetest"
)

func TestSecondOpenIsLockedOut(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Dir: dir}); !errors.Is(err, store.ErrLocked) {
		t.Errorf("second: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err = Open(context.Background(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		s, err := Open(t.Context(), Options{Dir: t.TempDir()})
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
	dir := t.TempDir()
	s := opened(t, Options{Dir: dir})
	want := storetest.WriteRules(t, s)
	if _, err := s.db.writer.Exec("DROP TABLE alert_rule; DROP TABLE alert_rule_incident; DROP TABLE parting; ALTER TABLE alert_log DROP COLUMN record; DELETE FROM clew_migration WHERE version_id >= 70"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	storetest.CheckRules(t, opened(t, Options{Dir: dir}), want)
}

// What people parted before that was kept is found in the log by the migration.
func TestMigrationFindsPartings(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, Options{Dir: dir})
	want := storetest.WriteWords(t, s)
	if _, err := s.db.writer.Exec("DROP TABLE parting; DROP INDEX alert_rule_by_alerts; DELETE FROM clew_migration WHERE version_id >= 90"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	storetest.CheckWords(t, opened(t, Options{Dir: dir}), want)
}

func benchStore(b *testing.B) *Store {
	s, err := Open(b.Context(), Options{Dir: b.TempDir()})
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
