package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/store"
)

var (
	intoStamp      = newInsertion("alert_stamp (key, stamp)", "ON CONFLICT DO NOTHING")
	intoSettings   = newInsertion("correlation_settings (ws, version, doc, settings)", "")
	intoSuggestion = newInsertion("suggestion (ws, a, b, id, state, doc)",
		"ON CONFLICT (ws, a, b) DO UPDATE SET state = excluded.state, doc = excluded.doc")
)

// The bits of a stamp.
const (
	stampExcluded = 1 << iota
	stampInclude
	stampExclude
)

func stampOf(a *store.Alert) int64 {
	stamp := flag(a.Excluded) * stampExcluded
	switch a.Tag {
	case correlate.RuleEnabled:
		stamp |= stampInclude
	case correlate.RuleDisabled:
		stamp |= stampExclude
	}
	return stamp
}

func unstamp(stamp int64) (excluded bool, tag correlate.RuleState) {
	switch {
	case stamp&stampInclude != 0:
		tag = correlate.RuleEnabled
	case stamp&stampExclude != 0:
		tag = correlate.RuleDisabled
	}
	return stamp&stampExcluded != 0, tag
}

// stamps writes down which new alerts are excluded from correlation or tagged for
// it. A later version keeps the stamp of the first.
func (w *writing) stamps() error {
	var rows [][2]int64
	for i := range w.c.Alerts {
		if a := &w.c.Alerts[i]; a.Replaces == 0 && stampOf(a) != 0 {
			rows = append(rows, [2]int64{w.keys[clean(a.ID)], stampOf(a)})
		}
	}
	return w.insert(intoStamp, len(rows), func(i int, args []any) []any { return append(args, rows[i][0], rows[i][1]) })
}

func (w *writing) settings() error {
	v := w.c.Settings
	if v == nil {
		return nil
	}
	doc, err := text(v)
	if err != nil {
		return err
	}
	settings, err := packed(v.Settings)
	if err != nil {
		return err
	}
	return w.insert(intoSettings, 1, func(_ int, args []any) []any { return append(args, w.ws, v.Version, doc, settings) })
}

// suggestions keeps one row for each pair, under the id that it got first.
func (w *writing) suggestions() error {
	docs := make([]string, len(w.c.Suggestions))
	for i := range docs {
		var err error
		if docs[i], err = text(w.c.Suggestions[i]); err != nil {
			return err
		}
	}
	last := map[correlate.Pair]int{}
	for i, s := range w.c.Suggestions {
		last[s.Pair] = i
	}
	rows := make([]int, 0, len(last))
	for i, s := range w.c.Suggestions {
		if last[s.Pair] == i {
			rows = append(rows, i)
		}
	}
	return w.insert(intoSuggestion, len(rows), func(n int, args []any) []any {
		s := &w.c.Suggestions[rows[n]]
		return append(args, w.ws, int64(s.A), int64(s.B), s.ID, string(s.State), docs[rows[n]])
	})
}

// CorrelationSettings implements store.Controls.
func (s *Store) CorrelationSettings(ctx context.Context, workspace string) (store.SettingsVersion, error) {
	none := store.SettingsVersion{Settings: correlate.Settings{Default: correlate.RuleEnabled}}
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return none, err
	}
	v, err := s.settingsVersion(ctx, "ws = ? ORDER BY version DESC LIMIT 1", ws)
	if errors.Is(err, store.ErrNotFound) {
		return none, nil
	}
	return v, err
}

// CorrelationVersion implements store.Controls.
func (s *Store) CorrelationVersion(ctx context.Context, workspace string, version int64) (store.SettingsVersion, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return store.SettingsVersion{}, orNotFound(err, "version of the correlation settings", version)
	}
	v, err := s.settingsVersion(ctx, "ws = ? AND version = ?", ws, version)
	if err != nil {
		return v, fmt.Errorf("reading version %d of the correlation settings: %w", version, err)
	}
	return v, nil
}

func (s *Store) settingsVersion(ctx context.Context, where string, args ...any) (store.SettingsVersion, error) {
	var v store.SettingsVersion
	var doc string
	var settings []byte
	if err := one(ctx, s.db, "SELECT doc, settings FROM correlation_settings WHERE "+where, args, &doc, &settings); err != nil {
		return v, err
	}
	if err := decode([]byte(doc), &v); err != nil {
		return v, err
	}
	data, err := unpack(settings)
	if err != nil {
		return v, err
	}
	return v, decode(data, &v.Settings)
}

// CorrelationHistory implements store.Controls.
func (s *Store) CorrelationHistory(ctx context.Context, workspace string, p store.Paging) (store.Page[store.SettingsVersion], error) {
	none := store.Page[store.SettingsVersion]{Items: []store.SettingsVersion{}}
	cur := cursorsOf("correlation settings", workspace)
	at, err := cur.numbered(p.Cursor, 1)
	if err != nil {
		return none, err
	}
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return none, err
	}
	f := &filter{}
	f.add("ws = ?", ws)
	if at != nil {
		f.add("version < ?", at.numbers[0])
	}
	limit := pageSize(p)
	items := []store.SettingsVersion{}
	err = each(ctx, s.db, func(r Rows) error {
		var v store.SettingsVersion
		var doc string
		if err := r.Scan(&doc); err != nil {
			return err
		}
		err := decode([]byte(doc), &v)
		items = append(items, v)
		return err
	}, fmt.Sprintf("SELECT doc FROM correlation_settings%s ORDER BY version DESC LIMIT %d", f.where(), limit+1), f.args...)
	if err != nil {
		return none, fmt.Errorf("listing the versions of the correlation settings: %w", err)
	}
	return page(items, limit, cur, func(v store.SettingsVersion) position { return position{numbers: []int64{v.Version}} }), nil
}

// Suggestion implements store.Controls.
func (s *Store) Suggestion(ctx context.Context, workspace string, id int64) (store.Suggestion, error) {
	f := &filter{}
	f.add("id = ?", id)
	return s.oneSuggestion(ctx, workspace, fmt.Sprint("suggestion ", id), f)
}

// SuggestionOf implements store.Controls.
func (s *Store) SuggestionOf(ctx context.Context, workspace string, p correlate.Pair) (store.Suggestion, error) {
	f := &filter{}
	f.add("a = ? AND b = ?", int64(p.A), int64(p.B))
	return s.oneSuggestion(ctx, workspace, fmt.Sprintf("suggestion of incidents %d and %d", p.A, p.B), f)
}

func (s *Store) oneSuggestion(ctx context.Context, workspace, what string, f *filter) (store.Suggestion, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err == nil && !ok {
		err = store.ErrNotFound
	}
	var all []store.Suggestion
	if err == nil {
		all, err = s.readSuggestions(ctx, ws, f)
	}
	if err == nil && len(all) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.Suggestion{}, fmt.Errorf("reading %s: %w", what, err)
	}
	return all[0], nil
}

// maxSuggestions bounds the list of one incident.
const maxSuggestions = 200

// Suggestions implements store.Controls.
func (s *Store) Suggestions(ctx context.Context, workspace string, id correlate.IncidentID, states []store.SuggestionState) ([]store.Suggestion, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return []store.Suggestion{}, err
	}
	f := &filter{}
	f.add("(a = ? OR b = ?)", int64(id), int64(id))
	names := make([]string, len(states))
	for i, state := range states {
		names[i] = string(state)
	}
	f.anyOf("state", names)
	all, err := s.readSuggestions(ctx, ws, f)
	if err != nil {
		return nil, fmt.Errorf("listing the suggestions of incident %d: %w", id, err)
	}
	slices.SortFunc(all, func(x, y store.Suggestion) int {
		return cmp.Or(cmp.Compare(y.Score, x.Score), y.At.Compare(x.At), cmp.Compare(x.ID, y.ID))
	})
	return all[:min(len(all), maxSuggestions)], nil
}

func (s *Store) readSuggestions(ctx context.Context, ws int64, f *filter) ([]store.Suggestion, error) {
	out := []store.Suggestion{}
	f.add("ws = ?", ws)
	err := each(ctx, s.db, func(r Rows) error {
		var x store.Suggestion
		var doc string
		var id int64
		if err := r.Scan(&id, &doc); err != nil {
			return err
		}
		err := decode([]byte(doc), &x)
		x.ID = id
		out = append(out, x)
		return err
	}, "SELECT id, doc FROM suggestion"+f.where(), f.args...)
	return out, err
}
