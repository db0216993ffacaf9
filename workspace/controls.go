package workspace

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// SettingsChange says how correlation settings are changed.
type SettingsChange struct {
	// Version is the one that the change was made on; nil takes any. Another one
	// fails with incident.ErrStale.
	Version *int64
	Reason  string
}

// SetCorrelation puts new correlation settings in force for what comes from now
// on. Settings that equal those in force make no new version.
func (w *Workspace) SetCorrelation(ctx context.Context, actor incident.Actor, s correlate.Settings, c SettingsChange) (store.SettingsVersion, error) {
	return w.changeSettings(ctx, actor, c, func(context.Context, *plan, store.SettingsVersion) (correlate.Settings, int64, error) {
		return s, 0, nil
	})
}

// SetRule changes what is set for one rule.
func (w *Workspace) SetRule(ctx context.Context, actor incident.Actor, r correlate.RuleControl, c SettingsChange) (store.SettingsVersion, error) {
	return w.changeSettings(ctx, actor, c, func(_ context.Context, _ *plan, now store.SettingsVersion) (correlate.Settings, int64, error) {
		s := now.Settings
		s.Rules = slices.DeleteFunc(slices.Clone(s.Rules), func(o correlate.RuleControl) bool { return o.Rule == r.Rule })
		if _, err := (correlate.Settings{Rules: []correlate.RuleControl{r}}).Complete(); err != nil {
			return s, 0, fmt.Errorf("rule %q: %w", r.Rule, err)
		}
		s.Rules = append(s.Rules, r)
		return s, 0, nil
	})
}

// RestoreCorrelation puts the settings of an earlier version in force again; 0
// stands for the default ones.
func (w *Workspace) RestoreCorrelation(ctx context.Context, actor incident.Actor, version int64, c SettingsChange) (store.SettingsVersion, error) {
	return w.changeSettings(ctx, actor, c, func(ctx context.Context, p *plan, _ store.SettingsVersion) (correlate.Settings, int64, error) {
		if version == 0 {
			return correlate.Settings{}, 0, nil
		}
		v, err := p.w.opt.Store.CorrelationVersion(ctx, p.w.opt.Name, version)
		return v.Settings, version, err
	})
}

// newSettings gives the settings that follow on those in force, and which version
// they come from when they are an earlier one's.
type newSettings func(ctx context.Context, p *plan, now store.SettingsVersion) (s correlate.Settings, restored int64, err error)

func (w *Workspace) changeSettings(ctx context.Context, actor incident.Actor, c SettingsChange, next newSettings) (store.SettingsVersion, error) {
	var out store.SettingsVersion
	err := w.do(ctx, func(ctx context.Context, p *plan) error {
		now, err := w.opt.Store.CorrelationSettings(ctx, w.opt.Name)
		if err != nil {
			return fmt.Errorf("reading the correlation settings: %w", err)
		}
		if c.Version != nil && *c.Version != now.Version {
			return fmt.Errorf("the correlation settings are at version %d, not %d: %w", now.Version, *c.Version, incident.ErrStale)
		}
		s, restored, err := next(ctx, p, now)
		if err != nil {
			return err
		}
		out, err = p.settings(ctx, actor, now, s, restored, c.Reason)
		return err
	})
	var bad *correlate.SettingError
	if errors.As(err, &bad) {
		return out, &incident.InvalidError{Field: bad.Field, Reason: bad.Reason}
	}
	return out, err
}

// settings enters a new version into the log, the history and the audit trail.
func (p *plan) settings(ctx context.Context, actor incident.Actor, now store.SettingsVersion, s correlate.Settings, restored int64, reason string) (store.SettingsVersion, error) {
	s, err := s.Complete()
	if err != nil {
		return now, err
	}
	changes, file, err := p.differences(ctx, now.Settings, s)
	if err != nil || len(changes) == 0 {
		return now, err
	}
	v := store.SettingsVersion{Version: now.Version + 1, At: p.at, Actor: actor, Reason: reason, Restored: restored, Changes: changes, Settings: s}
	out, err := p.apply(ctx, correlate.Command{Kind: correlate.CommandSettings, Settings: &v.Settings, Model: file})
	if err != nil {
		return now, err
	}
	p.change.Settings = &v
	named, err := p.named(ctx, changes)
	if err != nil {
		return now, err
	}
	p.log(incident.SettingsLog(incident.SettingsEntry{At: p.at, Actor: actor, Version: v.Version, Restored: restored, Reason: reason, Changes: changeWords(named)}))
	return v, p.rescore(ctx, out.Relevelled)
}

// named gives the changes with the titles that rules have by now.
func (p *plan) named(ctx context.Context, changes []store.SettingChange) ([]store.SettingChange, error) {
	rules, err := store.RulesIn(ctx, p.w.opt.Store, p.w.opt.Name, changes)
	if err != nil {
		return nil, err
	}
	return store.NameRules(changes, rules), nil
}

// differences lists what changes, and gives the file of the model that takes over,
// if one does.
func (p *plan) differences(ctx context.Context, now, s correlate.Settings) ([]store.SettingChange, []byte, error) {
	changes := differences(now, s)
	if now.Model == s.Model {
		return changes, nil, nil
	}
	file, c, err := p.w.changeModel(ctx, now.Model, s.Model)
	if err != nil {
		return nil, nil, err
	}
	return append([]store.SettingChange{c}, changes...), file, nil
}

// Bounds of the incidents that are scored anew at once when assets matter more or
// less; the rest follows when it next changes.
const (
	maxRelevelled = 200
	maxRescored   = 500
)

// rescore marks the entities that got another criticality, and counts the scope and
// the priority of open incidents about them anew.
func (p *plan) rescore(ctx context.Context, changed []entity.ID) error {
	for _, id := range changed {
		p.change.Entities = append(p.change.Entities, store.Entity{ID: id, Critical: p.w.criticality(id) == correlate.CriticalityCritical})
	}
	for _, id := range changed[:min(len(changed), maxRelevelled)] {
		page, err := p.w.opt.Store.Incidents(ctx, store.IncidentQuery{
			Workspace: p.w.opt.Name, Entity: id, Statuses: []string{string(incident.Active), string(incident.InProgress)},
			Sort: store.ByLastActivity, Paging: store.Paging{Limit: maxRelevelled},
		})
		if err != nil {
			return fmt.Errorf("looking for the incidents of entity %d: %w", id, err)
		}
		for _, i := range page.Items {
			if len(p.order) >= maxRescored {
				return nil
			}
			f, err := p.caseOf(ctx, i.ID, false)
			if err != nil {
				return err
			}
			f.rescope = true
		}
	}
	return nil
}

// criticality is how much an entity matters: by the settings, else by the mark
// that came with it.
func (w *Workspace) criticality(id entity.ID) correlate.Criticality {
	level := correlate.CriticalityNormal
	if e, ok := w.engine.(interface {
		Criticality(id entity.ID) correlate.Criticality
	}); ok {
		level = e.Criticality(id)
	}
	if level == correlate.CriticalityNormal && w.critical[id] {
		return correlate.CriticalityCritical
	}
	return level
}
