package duckdb

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
)

func TestSettlesOnceAppendsAreQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var settled, failures atomic.Int32
		var full atomic.Bool
		s := newSettler(func(context.Context) error {
			settled.Add(1)
			if full.Load() {
				return errors.New("disk full")
			}
			return nil
		}, func(error) { failures.Add(1) })
		wait := func(d time.Duration) {
			<-time.After(d)
			synctest.Wait()
		}
		wait(10 * quiet)
		if settled.Load() != 1 {
			t.Fatalf("%d times without an append, want once after the start", settled.Load())
		}
		for range 10 {
			s.touch()
			wait(quiet / 2)
		}
		if settled.Load() != 1 {
			t.Fatal("settled in between appends")
		}
		full.Store(true)
		wait(quiet)
		if settled.Load() != 2 || failures.Load() != 1 {
			t.Fatalf("%d times, %d failures", settled.Load(), failures.Load())
		}
		s.stop()
		s.touch() // does not block
	})
}

func TestSettlingMovesTheLogIntoTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "t.duckdb")
	s, err := Open(t.Context(), Options{File: file})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	table, err := telemetry.NewTable("Events", "", "", []telemetry.Column{{Name: "N", Type: value.Long}, {Name: "Text", Type: value.String}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Ensure(t.Context(), "w", []*telemetry.Table{table}); err != nil {
		t.Fatal(err)
	}
	appended := func(n int) []telemetry.Row {
		rows := make([]telemetry.Row, n)
		for i := range rows {
			rows[i] = telemetry.Row{Table: table, Cells: []telemetry.Cell{{Column: 0, Value: value.LongOf(int64(i))}, {Column: 1, Value: value.StringOf(strings.Repeat("event ", 30))}}}
		}
		return rows
	}
	if err := s.Append(t.Context(), "w", appended(20_000)); err != nil {
		t.Fatal(err)
	}
	if i, err := os.Stat(file + ".wal"); err != nil || i.Size() < worthwhile {
		t.Fatalf("the log is not worth a checkpoint: %v", err)
	}
	var beside sync.WaitGroup
	beside.Go(func() {
		for range 5 {
			if err := s.Append(t.Context(), "w", appended(10)); err != nil {
				t.Error(err)
			}
		}
	})
	if err := s.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	beside.Wait()
	if i, err := os.Stat(file + ".wal"); err == nil && i.Size() >= worthwhile {
		t.Errorf("the log still has %d bytes", i.Size())
	}
	stats, err := s.Stats(t.Context(), "w")
	if err != nil || len(stats) != 1 || stats[0].Rows != 20_050 {
		t.Errorf("%+v %v", stats, err)
	}
}
