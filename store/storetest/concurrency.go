package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// readersWhileWriting writes changes that each keep a balance, while others read
// and check it: every incident has as many alerts as it says.
func readersWhileWriting(t *testing.T, s store.Store) {
	const rounds, each = 60, 5
	b := newBook(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	errs := make(chan error, 4)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for ctx.Err() == nil {
				if err := balanced(t.Context(), s); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	for n := range rounds {
		c := b.next()
		i := headOf(correlate.IncidentID(n+1), n)
		i.Tally.Alerts = each
		for k := range each {
			c.Alerts = append(c.Alerts, alertOf(strconv.Itoa(n)+"-"+strconv.Itoa(k), n, i.ID))
		}
		c.Incidents = []incident.Incident{i}
		b.commit(c)
	}
	cancel()
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	if n := must1(s.IncidentFacets(t.Context(), store.IncidentQuery{Workspace: home})).Total; n != rounds {
		t.Errorf("%d incidents in the end", n)
	}
	twoWriters(t, s, b.seq)
}

func balanced(ctx context.Context, s store.Store) error {
	page, err := s.Incidents(ctx, store.IncidentQuery{Workspace: home})
	if err != nil {
		return err
	}
	for _, i := range page.Items {
		ids, err := s.AlertIDs(ctx, home, i.ID)
		if err != nil {
			return err
		}
		if len(ids) != i.Tally.Alerts {
			return fmt.Errorf("incident %d says %d alerts and has %d", i.ID, i.Tally.Alerts, len(ids))
		}
	}
	return nil
}

// twoWriters plans changes on the same position: exactly one of each pair may win.
func twoWriters(t *testing.T, s store.Store, seq int64) {
	for round := range 10 {
		results := make(chan error, 2)
		for k := range 2 {
			go func() {
				a := alertOf(fmt.Sprintf("race-%d-%d", round, k), 1, 1)
				a.Seq = seq + 1
				results <- s.Commit(t.Context(), &store.Change{Workspace: home, PrevSeq: seq, Seq: seq + 1, Alerts: []store.Alert{a}})
			}()
		}
		one, two := <-results, <-results
		if (one == nil) == (two == nil) || !errors.Is(errors.Join(one, two), store.ErrConflict) {
			t.Fatalf("round %d: %v and %v", round, one, two)
		}
		seq++
	}
}
