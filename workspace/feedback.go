package workspace

import (
	"context"
	"fmt"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/correlate/backtest"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// ReadFeedback gathers what people decided about alerts: the incidents that they
// closed with a classification, into which they merged others or moved alerts,
// and what they took apart.
func ReadFeedback(ctx context.Context, st store.Cases, workspace string) (backtest.Feedback, error) {
	r := feedbackReader{ctx: ctx, st: st, workspace: workspace, attack: map[correlate.IncidentID]bool{}}
	r.out.Decisions = map[string]backtest.Decision{}
	for _, step := range []func() error{r.closed, r.handled, r.decide} {
		if err := step(); err != nil {
			return backtest.Feedback{}, fmt.Errorf("reading what people decided: %w", err)
		}
	}
	return r.out, nil
}

type feedbackReader struct {
	ctx       context.Context
	st        store.Cases
	workspace string
	order     []correlate.IncidentID
	attack    map[correlate.IncidentID]bool // incidents that people decided about
	out       backtest.Feedback
}

func (r *feedbackReader) note(id correlate.IncidentID, attack bool) {
	if _, known := r.attack[id]; !known {
		r.order = append(r.order, id)
	}
	r.attack[id] = r.attack[id] || attack
}

// closed reads the resolved incidents that have a classification.
func (r *feedbackReader) closed() error {
	q := store.IncidentQuery{Workspace: r.workspace, Statuses: []string{string(incident.Resolved)}, Sort: store.ByID, Asc: true, Paging: store.Paging{Limit: 500}}
	for _, c := range []alert.Classification{alert.ClassificationTruePositive, alert.ClassificationFalsePositive, alert.ClassificationInformationalExpectedActivity} {
		q.Classifications = append(q.Classifications, string(c))
	}
	for {
		page, err := r.st.Incidents(r.ctx, q)
		if err != nil {
			return err
		}
		for _, i := range page.Items {
			r.note(i.ID, i.Classification == alert.ClassificationTruePositive)
		}
		if q.Cursor = page.Next; page.Next == "" {
			return nil
		}
	}
}

// handled reads people's merges, moves, splits and undone merges from the log.
func (r *feedbackReader) handled() error {
	q := store.ActivityQuery{Workspace: r.workspace, Actors: []string{string(incident.ByUser)}, Paging: store.Paging{Limit: 500}}
	for _, k := range []incident.ActivityKind{incident.Merged, incident.AlertsMovedIn, incident.AlertsMovedOut, incident.Split, incident.MergeUndone} {
		q.Kinds = append(q.Kinds, string(k))
	}
	for {
		page, err := r.st.Activities(r.ctx, q)
		if err != nil {
			return err
		}
		for _, a := range page.Items {
			r.activity(a)
		}
		if q.Cursor = page.Next; page.Next == "" {
			return nil
		}
	}
}

func (r *feedbackReader) activity(a incident.Activity) {
	switch a.Kind {
	case incident.Merged, incident.AlertsMovedIn:
		r.note(a.Incident, false)
	case incident.AlertsMovedOut, incident.Split, incident.MergeUndone:
		r.note(a.Incident, false)
		for _, id := range a.Alerts {
			r.out.Apart = append(r.out.Apart, backtest.Apart{Alert: id, From: a.Incident})
		}
	}
}

// decide lists the alerts of every incident that people decided about. One that
// was merged away since holds none: its alerts count where they are now.
func (r *feedbackReader) decide() error {
	for _, id := range r.order {
		ids, err := r.st.AlertIDs(r.ctx, r.workspace, id)
		if err != nil {
			return err
		}
		for _, a := range ids {
			r.out.Decisions[a] = backtest.Decision{Incident: id, Attack: r.attack[id]}
		}
	}
	return nil
}

// ReadAlerts gives every version of every alert of a workspace in order of arrival.
func ReadAlerts(ctx context.Context, st store.Log, workspace string) ([]*alert.Alert, error) {
	var out []*alert.Alert
	for e, err := range st.Replay(ctx, workspace, 0) {
		if err != nil {
			return nil, fmt.Errorf("reading the log: %w", err)
		}
		if e.Command != nil {
			continue
		}
		a, err := alert.Decode(e.Normal, storedLimits)
		if err != nil {
			return nil, fmt.Errorf("reading alert %q: %w", e.AlertID, err)
		}
		out = append(out, a)
	}
	return out, nil
}
