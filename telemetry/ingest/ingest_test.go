package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/duckdb"
	"github.com/clew-sec/clew/telemetry/ingest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// slowStore takes a second for each append and refuses rows that say so.
type slowStore struct {
	mu      sync.Mutex
	commits [][]int64
	took    time.Duration
}

var errBad = errors.New("a bad row")

func (s *slowStore) Append(ctx context.Context, _ string, rows []telemetry.Row) error {
	if err := sleep(ctx, s.took); err != nil {
		return err
	}
	var numbers []int64
	for _, r := range rows {
		n := r.Cells[0].Value.Num
		if n < 0 {
			return errBad
		}
		numbers = append(numbers, n)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commits = append(s.commits, numbers)
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func rowsOf(numbers ...int64) []telemetry.Row {
	var out []telemetry.Row
	for _, n := range numbers {
		out = append(out, telemetry.Row{Cells: []telemetry.Cell{{Value: value.LongOf(n)}}})
	}
	return out
}

// TestGroups commits together what arrives while commits are under way.
func TestGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{took: time.Second}
		w := ingest.NewWriter(s, "w", ingest.Limits{})
		var g sync.WaitGroup
		for i := range 10 {
			g.Go(func() {
				if err := w.Write(t.Context(), rowsOf(int64(i))); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		g.Wait()
		w.Close()
		var all []int64
		for _, c := range s.commits {
			all = append(all, c...)
		}
		slices.Sort(all)
		if len(s.commits) > 4 || !slices.Equal(all, []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
			t.Errorf("ten requests made the commits %v", s.commits)
		}
	})
}

// TestOneBadRequest fails alone.
func TestOneBadRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{took: time.Second}
		w := ingest.NewWriter(s, "w", ingest.Limits{})
		errs := make([]error, 6)
		var g sync.WaitGroup
		for i := range errs {
			n := int64(i)
			if i == 4 {
				n = -1
			}
			g.Go(func() { errs[i] = w.Write(t.Context(), rowsOf(n)) })
			synctest.Wait()
		}
		g.Wait()
		w.Close()
		for i, err := range errs {
			if (i == 4) != errors.Is(err, errBad) {
				t.Errorf("request %d: %v", i, err)
			}
		}
	})
}

// TestPressure turns requests away when too much waits, and takes them again
// afterwards; a request whose sender has gone is withdrawn.
func TestPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{took: time.Minute}
		w := ingest.NewWriter(s, "w", ingest.Limits{Waiting: 3})
		var g sync.WaitGroup
		for i := range 2 { // both commits that may be under way
			g.Go(func() {
				if err := w.Write(t.Context(), rowsOf(int64(i))); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		ctx, cancel := context.WithCancel(t.Context())
		g.Go(func() {
			if err := w.Write(ctx, rowsOf(100, 101, 102)); !errors.Is(err, context.Canceled) {
				t.Errorf("a request that was given up: %v", err)
			}
		})
		synctest.Wait()
		if err := w.Write(t.Context(), rowsOf(200)); !errors.Is(err, telemetry.ErrBusy) {
			t.Errorf("a request too many: %v", err)
		}
		cancel()
		synctest.Wait()
		if n := w.Waiting(); n != 0 {
			t.Errorf("%d rows wait", n)
		}
		g.Go(func() {
			if err := w.Write(t.Context(), rowsOf(300)); err != nil {
				t.Error(err)
			}
		})
		g.Wait()
		w.Close()
		if err := w.Write(t.Context(), rowsOf(400)); !errors.Is(err, telemetry.ErrClosed) {
			t.Errorf("after the end: %v", err)
		}
		for _, c := range s.commits {
			for _, n := range c {
				if n == 100 || n == 200 {
					t.Errorf("%d was stored", n)
				}
			}
		}
	})
}

func service(t *testing.T) (*ingest.Service, telemetry.Store) {
	t.Helper()
	store, err := duckdb.Open(t.Context(), duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &ingest.Service{Store: store, Now: time.Now}
	t.Cleanup(func() {
		s.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, store
}

// TestDeliver keeps the balance and the refused records.
func TestDeliver(t *testing.T) {
	s, store := service(t)
	body := string(processEvents(3)) + "{\"what\":\"is this\"}\n{broken\n" + string(processEvents(2))
	r, err := s.Deliver(t.Context(), "default", strings.NewReader(body), ingest.Delivery{Origin: "192.0.2.1"})
	if err != nil {
		t.Fatal(err)
	}
	if r.Received != 7 || r.Stored != 5 || r.Rejected != 2 || r.Tables["DeviceProcessEvents"] != 5 || len(r.Rejects) != 2 || r.Rejects[0].Record != 4 || r.Rejects[1].Record != 5 {
		t.Errorf("the receipt is %+v", r)
	}
	for sql, want := range map[string]int64{
		`SELECT count(*) FROM ` + store.TableSQL("default", "DeviceProcessEvents"):                                                            5,
		`SELECT count(*) FROM ` + store.TableSQL("default", "RejectedEvents") + ` WHERE "Origin" = '192.0.2.1' AND "Reason" <> ''`:            2,
		`SELECT sum("Record") FROM ` + store.TableSQL("default", "RejectedEvents") + ` WHERE "RawRecord" IN ('{"what":"is this"}','{broken')`: 9,
	} {
		rows, err := store.Query(t.Context(), telemetry.Statement{SQL: sql, Columns: []telemetry.ResultColumn{{Name: "n", Type: value.Long}}}, telemetry.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for row, err := range rows.All() {
			if err != nil || row[0].Num != want {
				t.Errorf("%s = %d, %v; want %d", sql, row[0].Num, err, want)
			}
		}
		rows.Close()
	}
}

func TestDeliverOneFormat(t *testing.T) {
	s, _ := service(t)
	if _, err := s.Deliver(t.Context(), "default", strings.NewReader("{}"), ingest.Delivery{Format: "nonsense"}); err == nil {
		t.Error("an unknown format was taken")
	}
	r, err := s.Deliver(t.Context(), "default", bytes.NewReader(processEvents(2)), ingest.Delivery{Format: "windows"})
	if err != nil || r.Stored != 2 || r.Tables["DeviceProcessEvents"] != 2 {
		t.Errorf("events of Windows as such: %+v, %v", r, err)
	}
}
