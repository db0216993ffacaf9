package workspace_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

// TestEngineDecisions plays what the engine may decide, with the alerts in one
// batch and each in a batch of its own: the outcome is the same.
func TestEngineDecisions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		scripts  []string               // alerts a1, a2, ...
		where    []correlate.IncidentID // of each alert in the end
		redirect map[int]int            // of incidents
		entities map[int]map[int64]int  // of incidents
	}{
		"merge": {
			scripts: []string{"new; see 1", "new; see 2", "into 1; see 3; merge 2>1"},
			where:   []correlate.IncidentID{1, 1, 1}, redirect: map[int]int{2: 1},
			entities: map[int]map[int64]int{1: {1: 1, 2: 1, 3: 1}, 2: {}},
		},
		"merge what the alert came to": {
			scripts: []string{"new; see 1", "new; see 2", "into 2; see 2,3; merge 2>1"},
			where:   []correlate.IncidentID{1, 1, 1}, redirect: map[int]int{2: 1},
			entities: map[int]map[int64]int{1: {1: 1, 2: 2, 3: 1}},
		},
		"merge an incident of the same batch that grew": {
			scripts: []string{"new; see 1", "new; see 2", "into 2; see 1,2", "into 1; merge 2>1", "into 2; see 5"},
			where:   []correlate.IncidentID{1, 1, 1, 1, 1}, redirect: map[int]int{2: 1},
			entities: map[int]map[int64]int{1: {1: 2, 2: 2, 5: 1}},
		},
		"chain": {
			scripts: []string{"new; see 1", "new; see 2", "new; see 3", "into 2; see 4; merge 3>2", "into 1; see 5; merge 2>1", "into 3; see 1"},
			where:   []correlate.IncidentID{1, 1, 1, 1, 1, 1}, redirect: map[int]int{3: 2, 2: 1},
			entities: map[int]map[int64]int{1: {1: 2, 2: 1, 3: 1, 4: 1, 5: 1}},
		},
		"two merges by one alert": {
			scripts: []string{"new; see 1", "new; see 2", "new; see 2", "into 1; see 2; merge 2>1; merge 3>1"},
			where:   []correlate.IncidentID{1, 1, 1, 1}, redirect: map[int]int{2: 1, 3: 1},
			entities: map[int]map[int64]int{1: {1: 1, 2: 3}},
		},
		"move": {
			scripts:  []string{"new; see 1", "into 1; see 1,2", "new; see 3; move a2>2"},
			where:    []correlate.IncidentID{1, 2, 2},
			entities: map[int]map[int64]int{1: {1: 1}, 2: {1: 1, 2: 1, 3: 1}},
		},
		"move into a new incident": {
			scripts:  []string{"new; see 1", "into 1; see 2", "into 1; see 3; move a1>new"},
			where:    []correlate.IncidentID{2, 1, 1},
			entities: map[int]map[int64]int{1: {2: 1, 3: 1}, 2: {1: 1}},
		},
		"move of the last alert": {
			scripts: []string{"new; see 1", "new; see 2", "into 2; see 2; move a1>2"},
			where:   []correlate.IncidentID{2, 2, 2}, redirect: map[int]int{1: 2},
			entities: map[int]map[int64]int{1: {}, 2: {1: 1, 2: 2}},
		},
		"move of the alert itself": {
			scripts:  []string{"new; see 1", "new; see 2", "into 1; see 2; move a3>2"},
			where:    []correlate.IncidentID{1, 2, 2},
			entities: map[int]map[int64]int{1: {1: 1}, 2: {2: 2}},
		},
		"join": {
			scripts:  []string{"new; see 1,2", "new; see 2", "new; see 1", "into 1; see 1; join 2>1"},
			where:    []correlate.IncidentID{1, 2, 3, 1},
			entities: map[int]map[int64]int{1: {1: 2}, 2: {1: 1}, 3: {1: 1}},
		},
		"join in an incident of which several alerts mention both": {
			scripts:  []string{"new; see 1,2", "into 1; see 1,2", "into 1; see 2", "into 1; see 3", "into 1; see 2,3; join 2>1"},
			where:    []correlate.IncidentID{1, 1, 1, 1, 1},
			entities: map[int]map[int64]int{1: {1: 4, 3: 2}},
		},
		"join and merge by one alert": {
			scripts: []string{"new; see 1,4", "new; see 1,2", "into 1; see 4; join 2>1; merge 2>1"},
			where:   []correlate.IncidentID{1, 1, 1}, redirect: map[int]int{2: 1},
			entities: map[int]map[int64]int{1: {1: 2, 4: 2}},
		},
		"join after a merge": {
			scripts: []string{"new; see 1,4", "new; see 1,2", "into 1; see 4; merge 2>1", "into 1; see 9; join 2>1"},
			where:   []correlate.IncidentID{1, 1, 1, 1}, redirect: map[int]int{2: 1},
			entities: map[int]map[int64]int{1: {1: 2, 4: 2, 9: 1}},
		},
		"join after a move": {
			scripts:  []string{"new; see 1,2", "into 1; see 1,2", "new; see 1; move a2>2", "into 1; see 9; join 2>1"},
			where:    []correlate.IncidentID{1, 2, 2, 1},
			entities: map[int]map[int64]int{1: {1: 1, 9: 1}, 2: {1: 2}},
		},
		"chain of joins": {
			scripts:  []string{"new; see 1,3", "into 1; see 2", "into 1; see 1,2,3", "into 1; see 9; join 3>2; join 2>1"},
			where:    []correlate.IncidentID{1, 1, 1, 1},
			entities: map[int]map[int64]int{1: {1: 3, 9: 1}},
		},
		"join, then another in the same batch": {
			scripts:  []string{"new; see 1,3", "into 1; see 2", "new; see 3,1", "into 1; see 9; join 3>2", "into 1; see 9; join 2>1"},
			where:    []correlate.IncidentID{1, 1, 2, 1, 1},
			entities: map[int]map[int64]int{1: {1: 2, 9: 2}, 2: {1: 1}},
		},
		"join, merge, join": {
			scripts: []string{"new; see 1,3", "new; see 2,3", "into 1; see 5; join 3>2; merge 2>1", "into 1; see 6; join 2>1; move a2>new"},
			where:   []correlate.IncidentID{1, 3, 1, 1}, redirect: map[int]int{2: 1},
			entities: map[int]map[int64]int{1: {1: 1, 5: 1, 6: 1}, 3: {1: 1}},
		},
	} {
		for size := 1; size <= len(c.scripts); size++ {
			t.Run(fmt.Sprintf("%s/%d at once", name, size), func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				var all []*alert.Alert
				var ids []string
				for n, s := range c.scripts {
					ids = append(ids, fmt.Sprintf("a%d", n+1))
					all = append(all, made(ids[n], s))
				}
				for chunk := range slices.Chunk(all, size) {
					b.ingest(chunk...)
					b.check()
				}
				if diff := cmp.Diff(c.where, b.where(ids...)); diff != "" {
					t.Errorf("where (-want +got):\n%s", diff)
				}
				for from, to := range c.redirect {
					if i := b.incident(correlate.IncidentID(from)); i.Status != incident.Redirected || i.RedirectTo != correlate.IncidentID(to) {
						t.Errorf("incident %d is %s to %d", from, i.Status, i.RedirectTo)
					}
				}
				for id, want := range c.entities {
					if diff := cmp.Diff(want, b.entityCounts(correlate.IncidentID(id))); diff != "" {
						t.Errorf("entities of incident %d (-want +got):\n%s", id, diff)
					}
				}
				b.restart()
				b.check()
			})
		}
	}
}

// TestEngineMergeIsLoggedAndCanBeUndone undoes what the engine decided.
func TestEngineMergeIsLoggedAndCanBeUndone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.ingest(made("a", "new; see 1"), made("b", "new; see 2"))
	b.ingest(made("c", "into 1; see 1; merge 2>1"))
	if b.logged(1, incident.Merged) != 1 || b.logged(2, incident.MergedInto) != 1 {
		t.Errorf("log %+v", b.activities(1))
	}
	merges, err := b.st.MergesInto(b.ctx, "default", 1)
	if err != nil || len(merges) != 1 {
		t.Fatalf("%+v %v", merges, err)
	}
	if m := merges[0]; m.Actor != incident.Correlation || m.Link == nil || m.Link.Score != 0.9 || !slices.Equal(m.Alerts, []string{"b"}) {
		t.Errorf("%+v", m)
	}
	if _, _, err := b.w.UndoMerge(b.ctx, ada, merges[0].ID, "not the same"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]correlate.IncidentID{1, 2, 1}, b.where("a", "b", "c")); diff != "" {
		t.Error(diff)
	}
	b.check()
}

// TestPanicBuriesOneAlertAlone: the alert at which the engine fails becomes a
// dead letter, the others of its batch are accepted.
func TestPanicBuriesOneAlertAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.ingest(made("before", "new; see 1"))
	bad := made("bad", "into 1; see 1; panic")
	r := b.ingest(made("a", "into 1; see 2"), bad, made("c", "new; see 3"), bad, made("d", "into 2"))
	if r.Received != 5 || r.New != 3 || r.Rejected != 2 || r.Records[1].Status != workspace.StatusRejected || r.Records[4].Status != workspace.StatusNew {
		t.Errorf("%+v", r)
	}
	if _, err := b.st.Alert(b.ctx, "default", "bad"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the bad alert: %v", err)
	}
	dead := b.rejects()
	if len(dead) != 2 || dead[0].Source != "graph" || dead[0].Record == 0 || !strings.Contains(dead[0].Reason, "as the script says") ||
		!strings.Contains(string(dead[0].Raw), `"bad"`) || dead[0].RawBytes == 0 {
		t.Errorf("%+v", dead)
	}
	if diff := cmp.Diff([]correlate.IncidentID{1, 1, 2, 2}, b.where("before", "a", "c", "d")); diff != "" {
		t.Error(diff)
	}
	b.check()
	b.restart()
	b.ingest(made("e", "new"))
	b.check()
}
