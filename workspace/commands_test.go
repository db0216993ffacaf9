package workspace_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

// two gives a bench with incident 1 (a, b) and incident 2 (c).
func two(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	b.ingest(made("a", "new; see 1,2"), made("b", "into 1; see 2"), made("c", "new; see 3"))
	return b
}

func (b *bench) patch(id correlate.IncidentID, p workspace.Patch) incident.Incident {
	b.t.Helper()
	i, err := b.w.UpdateIncident(b.ctx, ada, id, p)
	if err != nil {
		b.t.Fatal(err)
	}
	return i
}

func TestMergeAndUndoPutEverythingBack(t *testing.T) {
	t.Parallel()
	b := two(t)
	b.patch(2, workspace.Patch{Name: ref("Laptop of Grace"), Owner: ref("grace"), Tags: &[]string{"vip"}, Status: ref("inProgress")})
	if _, err := b.w.Comment(b.ctx, ada, 2, "before the merge"); err != nil {
		t.Fatal(err)
	}
	target, source := b.incident(1), b.incident(2)
	into, merges, err := b.w.Merge(b.ctx, ada, []correlate.IncidentID{2, 1}, workspace.Reason{Text: "same attacker", Reasons: []correlate.Reason{correlate.SameActor}})
	if err != nil || into != 1 || len(merges) != 1 {
		t.Fatalf("%d %+v %v", into, merges, err)
	}
	merged := b.incident(1)
	if merged.Owner != "grace" || merged.Status != incident.InProgress || merged.Tags[0] != "vip" || merged.Tally.Alerts != 3 || b.alert("a").Owner != "grace" {
		t.Errorf("%+v", merged)
	}
	copied := 0
	for _, a := range b.activities(1) {
		if a.Origin == 2 && a.Kind == incident.Commented && a.Text == "before the merge" {
			copied++
		}
	}
	if copied != 1 {
		t.Errorf("%d copies of the comment", copied)
	}
	b.check()
	if _, err := b.w.Comment(b.ctx, ada, 1, "after the merge"); err != nil {
		t.Fatal(err)
	}
	back, stayed, err := b.w.UndoMerge(b.ctx, ada, merges[0].ID, "no")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []struct{ got, want incident.Incident }{{back, source}, {stayed, target}, {b.incident(2), source}, {b.incident(1), target}} {
		p.want.Version, p.want.UpdatedAt, p.want.UpdatedBy = p.got.Version, p.got.UpdatedAt, p.got.UpdatedBy
		if diff := cmp.Diff(p.want, p.got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("incident %d after the undo (-before +after):\n%s", p.want.ID, diff)
		}
	}
	if diff := cmp.Diff([]correlate.IncidentID{1, 1, 2}, b.where("a", "b", "c")); diff != "" {
		t.Error(diff)
	}
	if b.logged(1, incident.Commented) != 1 || b.logged(2, incident.Commented) != 1 {
		t.Errorf("comments: %+v %+v", b.activities(1), b.activities(2))
	}
	if b.alert("a").Owner != "" || b.alert("c").Owner != "grace" {
		t.Errorf("owners of alerts: %q and %q", b.alert("a").Owner, b.alert("c").Owner)
	}
	b.check()
	_, _, err = b.w.UndoMerge(b.ctx, ada, merges[0].ID, "again")
	wantError(t, err, correlate.ErrRefused)
	b.restart()
	b.check()
	if _, _, err := b.w.Merge(b.ctx, ada, []correlate.IncidentID{1, 2}, workspace.Reason{}); err != nil {
		t.Errorf("merging again: %v", err)
	}
	b.check()
}

func TestMergeOfFive(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.ingest(made("a", "new"), made("b", "new"), made("c", "new"), made("d", "into 3"), made("e", "new"), made("f", "new"))
	into, merges, err := b.w.Merge(b.ctx, ada, []correlate.IncidentID{1, 2, 3, 4, 5}, workspace.Reason{})
	if err != nil || into != 3 || len(merges) != 4 {
		t.Fatalf("%d %+v %v", into, merges, err)
	}
	b.check()
	for n, m := range merges {
		if n > 0 && m.ID == merges[n-1].ID {
			t.Errorf("two merges have id %d", m.ID)
		}
		if _, _, err := b.w.UndoMerge(b.ctx, ada, m.ID, ""); err != nil {
			t.Errorf("undoing merge %d: %v", n, err)
		}
		b.check()
	}
}

func TestSplitMoveAndEmptying(t *testing.T) {
	t.Parallel()
	b := two(t)
	i, err := b.w.Move(b.ctx, ada, []string{"b"}, 0, workspace.Reason{Text: "another matter"})
	if err != nil || i.ID != 3 || i.Tally.Alerts != 1 {
		t.Fatalf("%+v %v", i, err)
	}
	if b.logged(1, incident.Split) != 1 || b.logged(3, incident.Created) != 1 || !b.alert("b").Link.Manual {
		t.Errorf("log %+v", b.activities(1))
	}
	b.check()
	if i, err = b.w.Move(b.ctx, ada, []string{"a", "c"}, 3, workspace.Reason{}); err != nil || i.Tally.Alerts != 3 {
		t.Fatalf("%+v %v", i, err)
	}
	for _, id := range []correlate.IncidentID{1, 2} {
		if e := b.incident(id); e.Status != incident.Redirected || e.RedirectTo != 3 {
			t.Errorf("incident %d is %s to %d", id, e.Status, e.RedirectTo)
		}
	}
	b.check()
	b.restart()
	b.ingest(newer(made("a", "new; see 1,2"), func(a *alert.Alert) { a.Title = "Later" }))
	if b.alert("a").Incident != 3 {
		t.Errorf("the update went to incident %d", b.alert("a").Incident)
	}
	b.check()
}

func TestRefusalsChangeNothing(t *testing.T) {
	t.Parallel()
	b := two(t)
	b.ingest(made("d", "new"), made("e", "new"), made("f", "new"))
	b.patch(3, workspace.Patch{Status: ref("resolved")})
	b.patch(4, workspace.Patch{Owner: ref("grace")})
	b.patch(5, workspace.Patch{Owner: ref("linus")})
	reason := workspace.Reason{}
	merge := func(ids ...correlate.IncidentID) func() error {
		return func() error { _, _, err := b.w.Merge(b.ctx, ada, ids, reason); return err }
	}
	move := func(to correlate.IncidentID, ids ...string) func() error {
		return func() error { _, err := b.w.Move(b.ctx, ada, ids, to, reason); return err }
	}
	patch := func(id correlate.IncidentID, p workspace.Patch) func() error {
		return func() error { _, err := b.w.UpdateIncident(b.ctx, ada, id, p); return err }
	}
	alerts := func(p workspace.AlertPatch, ids ...string) func() error {
		return func() error { _, err := b.w.UpdateAlerts(b.ctx, ada, ids, p); return err }
	}
	for name, c := range map[string]struct {
		do   func() error
		want error
	}{
		"merge one":               {merge(1), workspace.ErrInvalid},
		"merge one twice":         {merge(1, 1), workspace.ErrInvalid},
		"merge six":               {merge(1, 2, 3, 4, 5, 6), workspace.ErrInvalid},
		"merge resolved":          {merge(1, 3), correlate.ErrRefused},
		"merge different owners":  {merge(4, 5), correlate.ErrRefused},
		"merge three, two differ": {merge(1, 4, 5), correlate.ErrRefused},
		"merge unknown":           {merge(1, 99), store.ErrNotFound},
		"undo unknown":            {func() error { _, _, err := b.w.UndoMerge(b.ctx, ada, 12345, ""); return err }, store.ErrNotFound},
		"move nothing":            {move(1), workspace.ErrInvalid},
		"move where it is":        {move(1, "a"), workspace.ErrInvalid},
		"move to unknown":         {move(99, "a"), store.ErrNotFound},
		"move unknown":            {move(2, "a", "nobody"), store.ErrNotFound},
		"split off all":           {move(0, "a", "b"), workspace.ErrInvalid},
		"patch unknown":           {patch(99, workspace.Patch{Owner: ref("x")}), store.ErrNotFound},
		"patch nonsense":          {patch(1, workspace.Patch{Owner: ref("x"), Status: ref("nonsense")}), incident.ErrInvalid},
		"patch an old version":    {patch(1, workspace.Patch{Owner: ref("x"), Version: ref(int64(99))}), incident.ErrStale},
		"comment nothing":         {func() error { _, err := b.w.Comment(b.ctx, ada, 1, "  "); return err }, incident.ErrInvalid},
		"comment unknown":         {func() error { _, err := b.w.Comment(b.ctx, ada, 99, "x"); return err }, store.ErrNotFound},
		"alerts unknown":          {alerts(workspace.AlertPatch{Owner: ref("x")}, "a", "nobody"), store.ErrNotFound},
		"alerts none":             {alerts(workspace.AlertPatch{Owner: ref("x")}), workspace.ErrInvalid},
		"alerts nonsense":         {alerts(workspace.AlertPatch{Status: ref("x")}, "a", "c"), incident.ErrInvalid},
	} {
		before := b.image()
		wantError(t, c.do(), c.want)
		if diff := cmp.Diff(before, b.image()); diff != "" {
			t.Errorf("%s changed something:\n%s", name, diff)
		}
	}
	b.check()
	b.ingest(made("g", "into 1; see 1"))
	b.check()
}

// image is the whole visible state.
func (b *bench) image() map[string]any {
	b.t.Helper()
	all := store.Paging{Limit: 500}
	heads := must(b.st.Incidents(b.ctx, store.IncidentQuery{Workspace: "default", Statuses: []string{"active", "inProgress", "resolved", "redirected"}, Sort: store.ByID, Paging: all}))
	alerts := must(b.st.Alerts(b.ctx, store.AlertQuery{Workspace: "default", Paging: all}))
	log := must(b.st.Activities(b.ctx, store.ActivityQuery{Workspace: "default", Paging: all}))
	return map[string]any{"heads": heads.Items, "alerts": alerts.Items, "log": log.Items, "position": b.position(), "rejects": b.rejects()}
}

func TestVersionsAndUnchangedPatches(t *testing.T) {
	t.Parallel()
	b := two(t)
	i := b.incident(1)
	j := b.patch(1, workspace.Patch{Owner: ref("grace"), Version: &i.Version})
	if j.Version != i.Version+1 || j.Owner != "grace" || b.alert("a").Owner != "grace" {
		t.Errorf("%+v", j)
	}
	before := b.image()
	if k := b.patch(1, workspace.Patch{Owner: ref("grace")}); k.Version != j.Version {
		t.Errorf("a patch that changes nothing makes version %d", k.Version)
	}
	if diff := cmp.Diff(before, b.image()); diff != "" {
		t.Error(diff)
	}
}

func TestResolvingResolvesTheAlerts(t *testing.T) {
	t.Parallel()
	b := two(t)
	b.patch(1, workspace.Patch{Status: ref("resolved"), Classification: ref("truePositive"), Determination: ref("malware"), ResolvingComment: ref("cleaned")})
	if a := b.alert("b"); a.Status != "resolved" || a.Classification != "truePositive" || a.Determination != "malware" {
		t.Errorf("%+v", a)
	}
	if i := b.incident(1); i.Tally.Statuses["resolved"] != 2 || i.ResolvedAt.IsZero() || i.ResolvingComment != "cleaned" {
		t.Errorf("%+v", i)
	}
	b.check()
	n, err := b.w.UpdateAlerts(b.ctx, ada, []string{"a", "c", "a"}, workspace.AlertPatch{Status: ref("inProgress"), Comment: ref("looking")})
	if err != nil || n != 2 {
		t.Errorf("%d %v", n, err)
	}
	if i := b.incident(1); i.Tally.Statuses["resolved"] != 1 || i.Tally.Statuses["inProgress"] != 1 || b.logged(2, incident.Commented) != 1 {
		t.Errorf("%+v", i.Tally.Statuses)
	}
	b.check()
}

func TestCommandThatTheEngineRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *workspace.Options) {
		o.NewEngine = func() correlate.Correlator { return refusing{newScripted()} }
	})
	b.ingest(made("a", "new"), made("c", "new"))
	before := b.image()
	_, _, err := b.w.Merge(b.ctx, ada, []correlate.IncidentID{1, 2}, workspace.Reason{})
	if !errors.Is(err, correlate.ErrRefused) {
		t.Error(err)
	}
	if diff := cmp.Diff(before, b.image()); diff != "" {
		t.Error(diff)
	}
	b.ingest(made("d", "into 2"))
	b.check()
}

type refusing struct{ correlate.Correlator }

func (refusing) Apply(correlate.Command) (correlate.Outcome, error) {
	return correlate.Outcome{}, correlate.ErrRefused
}

// What opened an incident that is merged gets the link of the merge, which tells of
// the alert that tied the two; the link of that alert stays its own.
func TestOpenersOfAMergedIncidentNameWhatTiedIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.ingest(made("a", "new"), made("b", "new"))
	b.ingest(made("c", "into 1; merge 2>1"))
	want := correlate.Link{Score: 0.9, Through: &correlate.LinkedAlert{ID: "c", Title: "Alert c", Score: 0.9}}
	if diff := cmp.Diff(want, b.alert("b").Link); diff != "" {
		t.Error(diff)
	}
	for id, score := range map[string]float64{"a": 0, "c": 0.75} {
		if diff := cmp.Diff(correlate.Link{Score: score}, b.alert(id).Link); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
	merges := must(b.st.MergesInto(b.ctx, "default", 1))
	if _, _, err := b.w.UndoMerge(b.ctx, ada, merges[0].ID, ""); err != nil {
		t.Fatal(err)
	}
	if l := b.alert("b").Link; l.Score != 0 || l.Through != nil {
		t.Errorf("after the undo: %+v", l)
	}
	b.check()
}
