package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
)

// ClickHouse stores the rows of one table whole or not at all, but knows nothing
// of several tables. So an append that fails on the way is undone: its rows are
// those with its time of ingestion, which no other append of this store has. What
// can't be undone yet is owed, and undone before anything else is stored: a
// sender that repeats what failed doubles nothing. So is what a kill interrupted,
// by its note (see notes).

// undoTime is how long undoing one append may take.
const undoTime = time.Minute

// debt is the rows of a failed append that may be in a table. Query is what
// the identities of its inserts begin with.
type debt struct {
	workspace, table, query string
	ingested                int64
}

// stamp is the time of ingestion of an append, later than any before.
func (s *Store) stamp() int64 {
	now := value.TicksOf(s.opt.Now())
	for {
		last := s.last.Load()
		next := max(now, last+1)
		if s.last.CompareAndSwap(last, next) {
			return next
		}
	}
}

// undo removes what an append has stored, or may have.
func (s *Store) undo(ctx context.Context, f failed) {
	s.owing.Lock()
	defer s.owing.Unlock()
	s.owed = append(s.owed, f)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
	defer cancel()
	if err := s.pay(ctx); err != nil {
		s.opt.Log.Warn("a failed append could not be undone yet", "error", err)
	}
}

// recover undoes what processes that are gone had begun.
func (s *Store) recover(ctx context.Context) error {
	left, err := s.notes.open()
	if err != nil {
		return err
	}
	if len(left) > 0 {
		s.opt.Log.Warn("removing what is stored of events whose taking in was interrupted; their senders repeat them", "appends", len(left))
	}
	s.owed = left
	return s.settled(ctx)
}

// settled undoes what is owed.
func (s *Store) settled(ctx context.Context) error {
	s.owing.Lock()
	defer s.owing.Unlock()
	return s.pay(ctx)
}

// pay undoes one after the other.
func (s *Store) pay(ctx context.Context) error {
	for len(s.owed) > 0 {
		f := &s.owed[0]
		for len(f.debts) > 0 {
			if err := s.remove(ctx, f.debts[0]); err != nil {
				return err
			}
			f.debts = f.debts[1:]
		}
		if err := s.notes.end(f.note); err != nil {
			return err
		}
		s.owed = s.owed[1:]
	}
	return nil
}

// remove removes the rows of one insert. One that the server still works at is
// stopped first, else its rows would come after they were removed.
func (s *Store) remove(ctx context.Context, d debt) error {
	var answered *serverError
	if err := s.http.exec(ctx, "KILL QUERY WHERE startsWith(query_id, "+text(d.query)+") SYNC", nil); err != nil && !errors.As(err, &answered) {
		return fmt.Errorf("stopping a failed append: %w", err)
	}
	sql := fmt.Sprintf("DELETE FROM %s WHERE %s = %d", s.TableSQL(d.workspace, d.table), ident(telemetry.Ingested), d.ingested)
	switch err := s.http.exec(ctx, sql, url.Values{"lightweight_deletes_sync": {"2"}}); {
	case errors.As(err, &answered) && (answered.code == codeUnknownTable || answered.code == codeUnknownDatabase):
		return nil // The table was dropped, and the rows with it.
	case err != nil:
		return fmt.Errorf("undoing a failed append to %s: %w", d.table, err)
	}
	return nil
}

// leave lets go of the notes of what is still owed, for whoever opens the store
// next.
func (s *Store) leave() error {
	var faults []error
	for _, f := range s.owed {
		if f.note != nil {
			faults = append(faults, f.note.Close())
		}
	}
	s.owed = nil
	return errors.Join(faults...)
}
