package memory

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// Store holds rows as they were put there. Lists filter by workspace, incident,
// entity, status and search, and keep the order of the rows.
type Store struct {
	*Accounts
	*Trials
	*Shelf
	*Lodge

	mu         sync.Mutex
	Rows       []incident.Incident
	Alarms     []store.Alert
	Mentions   []store.AlertEntity
	Things     []store.Entity
	Entries    []incident.Activity
	Merged     []incident.Merge
	Chores     []incident.Task
	Dead       []store.Reject
	Balance    map[string]store.Intake
	Hours      []store.HourCount
	Versions   []store.SettingsVersion // newest first
	Counts     []store.RuleCount
	Pairs      []store.Suggestion
	Parted     []store.Parting
	Facets     store.Facets
	Workspace  string
	Broken     error // what every read of cases gives
	Stock      Inventory
	LastQuery  any // of the last list of incidents or alerts
	checkpoint []byte
}

// New makes a store for one workspace.
func New(workspace string) *Store {
	return &Store{Accounts: NewAccounts(), Trials: &Trials{}, Shelf: &Shelf{}, Lodge: &Lodge{}, Workspace: workspace}
}

var (
	_ store.Cases = (*Store)(nil)
	_ store.Log   = (*Store)(nil)
)

// Break makes every read of cases fail; nil heals it.
func (s *Store) Break(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Broken = err
}

func (s *Store) in(workspace string) bool { return workspace == s.Workspace }

// page cuts a page out of rows; the cursor is the number of the next row.
func page[T any](s *Store, workspace string, rows []T, p store.Paging) (store.Page[T], error) {
	if s.Broken != nil {
		return store.Page[T]{}, s.Broken
	}
	if !s.in(workspace) {
		return store.Page[T]{}, nil
	}
	from := 0
	if p.Cursor != "" {
		n, err := strconv.Atoi(p.Cursor)
		if err != nil || n < 0 || n > len(rows) {
			return store.Page[T]{}, store.ErrBadCursor
		}
		from = n
	}
	limit := p.Limit
	if limit == 0 {
		limit = 50
	}
	to := min(from+limit, len(rows))
	out := store.Page[T]{Items: slices.Clone(rows[from:to])}
	if to < len(rows) {
		out.Next = strconv.Itoa(to)
	}
	return out, nil
}

func keep[T any](rows []T, want func(T) bool) []T {
	var out []T
	for _, r := range rows {
		if want(r) {
			out = append(out, r)
		}
	}
	return out
}

func find[T any](s *Store, workspace string, rows []T, want func(T) bool) (v T, err error) {
	if s.Broken != nil {
		return v, s.Broken
	}
	if i := slices.IndexFunc(rows, want); i >= 0 && s.in(workspace) {
		return rows[i], nil
	}
	return v, store.ErrNotFound
}

func among(list []string, v string) bool { return len(list) == 0 || slices.Contains(list, v) }

func holds(text, search string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(search))
}

// Incidents implements store.Cases.
func (s *Store) Incidents(_ context.Context, q store.IncidentQuery) (store.Page[incident.Incident], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.LastQuery = q
	return page(s, q.Workspace, keep(s.Rows, func(i incident.Incident) bool {
		return among(q.Statuses, string(i.Status)) && among(q.Owners, i.Owner) && holds(i.Name, q.Search)
	}), q.Paging)
}

// IncidentFacets implements store.Cases.
func (s *Store) IncidentFacets(_ context.Context, q store.IncidentQuery) (store.Facets, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.LastQuery = q
	return s.Facets, s.Broken
}

// Incident implements store.Cases.
func (s *Store) Incident(_ context.Context, workspace string, id correlate.IncidentID) (incident.Incident, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return find(s, workspace, s.Rows, func(i incident.Incident) bool { return i.ID == id })
}

// IncidentEntities implements store.Cases.
func (s *Store) IncidentEntities(_ context.Context, workspace string, id correlate.IncidentID, kinds []entity.Kind, p store.Paging) (store.Page[store.IncidentEntity], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows []store.IncidentEntity
	for _, e := range s.Things {
		if len(kinds) == 0 || slices.Contains(kinds, e.Kind) {
			rows = append(rows, store.IncidentEntity{Incident: id, Entity: e.ID, Kind: e.Kind, Label: e.Label, Alerts: 1, First: e.FirstSeen, Last: e.LastSeen})
		}
	}
	return page(s, workspace, rows, p)
}

// IncidentAlertEntities implements store.Cases.
func (s *Store) IncidentAlertEntities(_ context.Context, _ string, id correlate.IncidentID, limit int) ([]store.AlertEntity, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := keep(s.Mentions, func(m store.AlertEntity) bool {
		return slices.ContainsFunc(s.Alarms, func(a store.Alert) bool { return a.ID == m.Alert && a.Incident == id })
	})
	return rows[:min(limit, len(rows))], len(rows) > limit, s.Broken
}

// IncidentsMentioning implements store.Cases.
func (s *Store) IncidentsMentioning(_ context.Context, _ string, id entity.ID, limit int) ([]correlate.IncidentID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []correlate.IncidentID
	for _, m := range s.Mentions {
		if at := slices.IndexFunc(s.Alarms, func(a store.Alert) bool { return a.ID == m.Alert }); m.Entity == id && at >= 0 {
			out = append(out, s.Alarms[at].Incident)
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	slices.Reverse(out)
	return out[:min(limit, len(out))], s.Broken
}

// Activities implements store.Cases.
func (s *Store) Activities(_ context.Context, q store.ActivityQuery) (store.Page[incident.Activity], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.LastQuery = q
	return page(s, q.Workspace, keep(s.Entries, func(a incident.Activity) bool { return q.Incident == 0 || a.Incident == q.Incident }), q.Paging)
}

// Merge implements store.Cases.
func (s *Store) Merge(_ context.Context, workspace string, id int64) (incident.Merge, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return find(s, workspace, s.Merged, func(m incident.Merge) bool { return m.ID == id })
}

// MergesInto implements store.Cases.
func (s *Store) MergesInto(_ context.Context, _ string, id correlate.IncidentID) ([]incident.Merge, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return keep(s.Merged, func(m incident.Merge) bool { return m.Target == id }), s.Broken
}

// Tasks implements store.Cases.
func (s *Store) Tasks(_ context.Context, _ string, id correlate.IncidentID) ([]incident.Task, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return keep(s.Chores, func(t incident.Task) bool { return t.Incident == id }), s.Broken
}

// Alerts implements store.Cases.
func (s *Store) Alerts(_ context.Context, q store.AlertQuery) (store.Page[store.Alert], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.LastQuery = q
	rows := keep(s.Alarms, func(a store.Alert) bool {
		return (q.Incident == 0 || a.Incident == q.Incident) && among(q.Statuses, a.Status) && holds(a.Title, q.Search)
	})
	for i := range rows {
		if q.Brief {
			rows[i].Normal, rows[i].Raw = nil, nil
		}
	}
	return page(s, q.Workspace, rows, q.Paging)
}

// AlertFacets implements store.Cases.
func (s *Store) AlertFacets(_ context.Context, q store.AlertQuery) (store.Facets, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.LastQuery = q
	return s.Facets, s.Broken
}

// Alert implements store.Cases.
func (s *Store) Alert(_ context.Context, workspace, id string) (store.Alert, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return find(s, workspace, s.Alarms, func(a store.Alert) bool { return a.ID == id })
}

// AlertsByID implements store.Cases.
func (s *Store) AlertsByID(_ context.Context, _ string, ids []string) ([]store.Alert, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return keep(s.Alarms, func(a store.Alert) bool { return slices.Contains(ids, a.ID) }), s.Broken
}

// AlertEntities implements store.Cases.
func (s *Store) AlertEntities(_ context.Context, _ string, alerts []string) ([]store.AlertEntity, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return keep(s.Mentions, func(m store.AlertEntity) bool { return slices.Contains(alerts, m.Alert) }), s.Broken
}

// AlertIDs implements store.Cases.
func (s *Store) AlertIDs(_ context.Context, _ string, id correlate.IncidentID) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, a := range s.Alarms {
		if a.Incident == id {
			out = append(out, a.ID)
		}
	}
	return out, s.Broken
}

// Entities implements store.Cases.
func (s *Store) Entities(_ context.Context, q store.EntityQuery) (store.Page[store.Entity], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return page(s, q.Workspace, keep(s.Things, func(e store.Entity) bool {
		return (len(q.Kinds) == 0 || slices.Contains(q.Kinds, e.Kind)) && holds(e.Label, q.Search)
	}), q.Paging)
}

// Entity implements store.Cases.
func (s *Store) Entity(_ context.Context, workspace string, id entity.ID) (store.Entity, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return find(s, workspace, s.Things, func(e store.Entity) bool { return e.ID == id })
}

// EntitiesByID implements store.Cases.
func (s *Store) EntitiesByID(_ context.Context, _ string, ids []entity.ID) ([]store.Entity, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return keep(s.Things, func(e store.Entity) bool { return slices.Contains(ids, e.ID) }), s.Broken
}

// Rejects implements store.Cases.
func (s *Store) Rejects(_ context.Context, workspace string, p store.Paging) (store.Page[store.Reject], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return page(s, workspace, s.Dead, p)
}

// Intake implements store.Cases.
func (s *Store) Intake(context.Context, string) (map[string]store.Intake, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Balance, s.Broken
}

// Histogram implements store.Cases.
func (s *Store) Histogram(_ context.Context, _ string, from, to time.Time) ([]store.HourCount, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return keep(s.Hours, func(h store.HourCount) bool { return !h.Hour.Before(from) && h.Hour.Before(to) }), s.Broken
}

// Position implements store.Log.
func (s *Store) Position(context.Context, string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(len(s.Alarms)), s.Broken
}

// Replay implements store.Log: there is nothing to repeat.
func (s *Store) Replay(context.Context, string, int64) iter.Seq2[store.LogEntry, error] {
	return func(func(store.LogEntry, error) bool) {}
}

// SaveCheckpoint implements store.Log.
func (s *Store) SaveCheckpoint(_ context.Context, _ string, _ int64, snapshot []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.checkpoint = snapshot
	return s.Broken
}

// Checkpoint implements store.Log.
func (s *Store) Checkpoint(context.Context, string) (int64, []byte, error) {
	return 0, nil, store.ErrNotFound
}

// Placements implements store.Log: there is nothing to compare.
func (s *Store) Placements(context.Context, string) iter.Seq2[store.Placement, error] {
	return func(func(store.Placement, error) bool) {}
}

// LastEntity implements store.Log.
func (s *Store) LastEntity(context.Context, string) (entity.ID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return entity.ID(len(s.Things)), s.Broken
}

// Workspaces implements store.Log.
func (s *Store) Workspaces(context.Context) ([]string, error) { return []string{s.Workspace}, nil }
