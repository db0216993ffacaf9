package memory

import (
	"context"
	"slices"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/store"
)

var _ store.Controls = (*Store)(nil)

// CorrelationSettings gives the first of Versions.
func (s *Store) CorrelationSettings(_ context.Context, workspace string) (store.SettingsVersion, error) {
	if s.Broken != nil || !s.in(workspace) || len(s.Versions) == 0 {
		return store.SettingsVersion{}, s.Broken
	}
	return s.Versions[0], nil
}

// CorrelationVersion looks one up.
func (s *Store) CorrelationVersion(_ context.Context, workspace string, version int64) (store.SettingsVersion, error) {
	at := slices.IndexFunc(s.Versions, func(v store.SettingsVersion) bool { return v.Version == version })
	if s.Broken != nil || !s.in(workspace) || at < 0 {
		return store.SettingsVersion{}, orMissing(s.Broken)
	}
	return s.Versions[at], nil
}

func orMissing(err error) error {
	if err == nil {
		return store.ErrNotFound
	}
	return err
}

// CorrelationHistory lists Versions.
func (s *Store) CorrelationHistory(_ context.Context, workspace string, p store.Paging) (store.Page[store.SettingsVersion], error) {
	return page(s, workspace, s.Versions, p)
}

// Rules lists Counts.
func (s *Store) Rules(_ context.Context, workspace string) ([]store.RuleCount, error) {
	if s.Broken != nil || !s.in(workspace) {
		return nil, s.Broken
	}
	return slices.Clone(s.Counts), nil
}

// Suggestion looks one up by its id.
func (s *Store) Suggestion(_ context.Context, workspace string, id int64) (store.Suggestion, error) {
	return s.suggestion(workspace, func(x store.Suggestion) bool { return x.ID == id })
}

// SuggestionOf looks one up by its pair.
func (s *Store) SuggestionOf(_ context.Context, workspace string, p correlate.Pair) (store.Suggestion, error) {
	return s.suggestion(workspace, func(x store.Suggestion) bool { return x.Pair == p })
}

func (s *Store) suggestion(workspace string, is func(store.Suggestion) bool) (store.Suggestion, error) {
	at := slices.IndexFunc(s.Pairs, is)
	if s.Broken != nil || !s.in(workspace) || at < 0 {
		return store.Suggestion{}, orMissing(s.Broken)
	}
	return s.Pairs[at], nil
}

// Suggestions lists those of an incident.
func (s *Store) Suggestions(_ context.Context, workspace string, id correlate.IncidentID, states []store.SuggestionState) ([]store.Suggestion, error) {
	if s.Broken != nil || !s.in(workspace) {
		return nil, s.Broken
	}
	return slices.DeleteFunc(slices.Clone(s.Pairs), func(x store.Suggestion) bool {
		return x.A != id && x.B != id || len(states) > 0 && !slices.Contains(states, x.State)
	}), nil
}

// Partings lists Parted.
func (s *Store) Partings(_ context.Context, workspace string, id correlate.IncidentID) ([]store.Parting, error) {
	if s.Broken != nil || !s.in(workspace) {
		return nil, s.Broken
	}
	return slices.DeleteFunc(slices.Clone(s.Parted), func(p store.Parting) bool { return id != 0 && p.NowA != id && p.NowB != id }), nil
}

// RulePage lists those of Counts that are wanted.
func (s *Store) RulePage(_ context.Context, q store.RuleQuery) (store.Page[store.RuleCount], error) {
	var rows []store.RuleCount
	for _, c := range s.Counts {
		wanted := q.Finds(&c)
		if wanted && q.Wants != nil {
			var err error
			if wanted, err = q.Wants(&c); err != nil {
				return store.Page[store.RuleCount]{}, err
			}
		}
		if wanted {
			rows = append(rows, c)
		}
	}
	return page(s, q.Workspace, rows, q.Paging)
}

// RulesNamed looks some up.
func (s *Store) RulesNamed(_ context.Context, workspace string, names []string) ([]store.RuleCount, error) {
	if s.Broken != nil || !s.in(workspace) {
		return nil, s.Broken
	}
	return slices.DeleteFunc(slices.Clone(s.Counts), func(c store.RuleCount) bool { return !slices.Contains(names, c.Rule) }), nil
}
