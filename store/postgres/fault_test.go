package postgres

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/store/internal/pgtest"
)

func opened(t *testing.T, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{URL: url, Connections: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func execute(t *testing.T, url, query string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(t.Context(), query); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func change(seq int64) *store.Change {
	return &store.Change{Workspace: "w", PrevSeq: seq, Seq: seq + 1, Alerts: []store.Alert{{Seq: seq + 1, ID: fmt.Sprint(seq)}}}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	url := pgtest.Database(t)
	if err := opened(t, url).Close(); err != nil {
		t.Fatal(err)
	}
	execute(t, url, "INSERT INTO clew_migration (version_id, is_applied) VALUES (9999, true)")
	if _, err := Open(t.Context(), Options{URL: url}); !errors.Is(err, store.ErrNewerSchema) {
		t.Errorf("opened: %v", err)
	}
}

func TestReadOnlyDatabase(t *testing.T) {
	url := pgtest.Database(t)
	s := opened(t, url)
	execute(t, url, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$`)
	if _, err := s.db.pool.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"); err != nil {
		t.Fatal(err)
	}
	s.db.pool.Reset() // connections made before keep their setting
	if err := s.Commit(t.Context(), change(0)); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("commit: %v", err)
	}
	if n, err := s.Position(t.Context(), "w"); n != 0 || err != nil {
		t.Errorf("position %d, %v", n, err)
	}
}

func TestErrorsOfTheServer(t *testing.T) {
	for code, want := range map[string]error{"53100": store.ErrFull, "23505": store.ErrConflict, "40001": store.ErrConflict, "25006": store.ErrReadOnly, "42501": store.ErrReadOnly} {
		if err := known(fmt.Errorf("x: %w", &pgconn.PgError{Code: code})); !errors.Is(err, want) {
			t.Errorf("%s: %v", code, err)
		}
	}
	if err := known(&pgconn.PgError{Code: "42601"}); errors.Is(err, store.ErrFull) || err == nil {
		t.Errorf("a syntax error became %v", err)
	}
}

// TestManyNodesStartAtOnce: each must come up, one of them migrates.
func TestManyNodesStartAtOnce(t *testing.T) {
	url := pgtest.Database(t)
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for n := range errs {
		wg.Go(func() {
			s, err := Open(t.Context(), Options{URL: url, Connections: 3})
			if err == nil {
				err = s.Close()
			}
			errs[n] = err
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

// TestTwoNodesShareTheQueue: what one node commits, the other lists and counts.
func TestTwoNodesShareTheQueue(t *testing.T) {
	url := pgtest.Database(t)
	one, two := opened(t, url), opened(t, url)
	for n := range int64(5) {
		node := []*Store{one, two}[n%2]
		c := change(n)
		c.Incidents = incidents(n)
		if err := node.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		for name, s := range map[string]*Store{"one": one, "two": two} {
			page, err := s.Incidents(t.Context(), store.IncidentQuery{Workspace: "w"})
			facets, ferr := s.IncidentFacets(t.Context(), store.IncidentQuery{Workspace: "w"})
			if err != nil || ferr != nil || len(page.Items) != int(n)+1 || facets.Total != int(n)+1 {
				t.Fatalf("node %s after %d changes: %d listed, %d counted, %v %v", name, n+1, len(page.Items), facets.Total, err, ferr)
			}
		}
	}
}

func TestAConnectionThatBreaksLeavesNothing(t *testing.T) {
	url := pgtest.Database(t)
	s := opened(t, url)
	if err := s.Commit(t.Context(), change(0)); err != nil {
		t.Fatal(err)
	}
	execute(t, url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()")
	// The pool may hand out a dead connection first; after that it has new ones.
	var err error
	for range 10 {
		if err = s.Commit(t.Context(), change(1)); err == nil {
			break
		}
		if n, perr := s.Position(t.Context(), "w"); perr == nil && n != 1 {
			t.Fatalf("a failed commit left position %d", n)
		}
	}
	if err != nil {
		t.Errorf("no commit went through again: %v", err)
	}
}

func TestAddressIsNotShown(t *testing.T) {
	_, err := Open(t.Context(), Options{URL: "postgres://mara:hunter2@127.0.0.1:1/none?connect_timeout=2"})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}

func incidents(n int64) []incident.Incident {
	return []incident.Incident{incident.New(correlate.IncidentID(n+1), time.Unix(n, 0))}
}
