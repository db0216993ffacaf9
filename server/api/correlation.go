package api

import (
	"context"
	"slices"
	"strconv"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

// CorrelationSettings is a version of the settings.
type CorrelationSettings struct {
	store.SettingsVersion
	Settings correlate.Settings `json:"settings"`
}

type putSettingsInput struct {
	InWorkspace
	IfMatch string `header:"If-Match" maxLength:"64" doc:"The ETag that was read; 412 when the settings were changed since."`
	Body    struct {
		Settings correlate.Settings `json:"settings"`
		Reason   string             `json:"reason,omitempty" maxLength:"1000" doc:"Goes into the audit trail."`
	}
}

type restoreInput struct {
	InWorkspace
	IfMatch string `header:"If-Match" maxLength:"64" doc:"The ETag that was read; 412 when the settings were changed since."`
	Body    struct {
		Version int64  `json:"version" minimum:"0" doc:"Which version to put back; 0 stands for the default settings."`
		Reason  string `json:"reason,omitempty" maxLength:"1000"`
	}
}

type historyInput struct {
	InWorkspace
	InPage
}

type versionInput struct {
	InWorkspace
	Version int64 `path:"version" minimum:"1"`
}

type patchRuleInput struct {
	InWorkspace
	IfMatch string `header:"If-Match" maxLength:"64" doc:"The ETag of the settings that were read; 412 when they were changed since."`
	Body    struct {
		correlate.RuleControl
		Reason string `json:"reason,omitempty" maxLength:"1000"`
	}
}

func (s *service) correlationOperations() {
	tag := "correlation"
	add(s, operation{id: "getCorrelation", tag: tag, route: "GET /correlation/settings", summary: "The correlation settings that hold", need: auth.Read}, s.getCorrelation)
	add(s, operation{id: "putCorrelation", tag: tag, route: "PUT /correlation/settings", summary: "Change the correlation settings", need: auth.Admin, errors: []int{412}, maxBody: 4 << 20,
		doc: "They hold for alerts that come from now on; what is stamped on earlier alerts stays."}, s.putCorrelation)
	add(s, operation{id: "correlationHistory", tag: tag, route: "GET /correlation/history", summary: "Every version of the correlation settings, newest first", need: auth.Read}, s.correlationHistory)
	add(s, operation{id: "correlationVersion", tag: tag, route: "GET /correlation/history/{version}", summary: "One version of the correlation settings", need: auth.Read}, s.correlationVersion)
	add(s, operation{id: "restoreCorrelation", tag: tag, route: "POST /correlation/restore", summary: "Put an earlier version of the correlation settings back", need: auth.Admin, errors: []int{404, 412}}, s.restoreCorrelation)
	add(s, operation{id: "listRules", tag: tag, route: "GET /correlation/rules", summary: "The rules that raised alerts, and whether they correlate", need: auth.Read,
		doc: "Those with most alerts first; rules that have settings but no alerts last."}, s.listRules)
	add(s, operation{id: "patchRule", tag: tag, route: "PATCH /correlation/rules", summary: "Change what is set for one rule", need: auth.Admin, errors: []int{412},
		doc: "The rule is named in the body. State default without a grouping removes what was set."}, s.patchRule)
	s.suggestionOperations()
}

// versioned tags a version with its number.
func (s *service) versioned(ctx context.Context, name string, v store.SettingsVersion, err error) (*Tagged[CorrelationSettings], error) {
	out, err := s.named(ctx, name, v, err)
	if err != nil {
		return nil, err
	}
	return &Tagged[CorrelationSettings]{ETag: strconv.Quote(strconv.FormatInt(v.Version, 10)), Body: out}, nil
}

// named is a version whose changes name rules by their titles.
func (s *service) named(ctx context.Context, name string, v store.SettingsVersion, err error) (CorrelationSettings, error) {
	if err != nil {
		return CorrelationSettings{}, err
	}
	out := []store.SettingsVersion{v}
	err = s.nameRules(ctx, name, out)
	return CorrelationSettings{SettingsVersion: out[0], Settings: v.Settings}, err
}

// nameRules names the rules that changes are about by the titles they have now: the
// list of rules does so too.
func (s *service) nameRules(ctx context.Context, name string, versions []store.SettingsVersion) error {
	var changes []store.SettingChange
	for i := range versions {
		changes = append(changes, versions[i].Changes...)
	}
	rules, err := store.RulesIn(ctx, s.Store, name, changes)
	if err != nil {
		return err
	}
	for i := range versions {
		versions[i].Changes = store.NameRules(versions[i].Changes, rules)
	}
	return nil
}

func (s *service) getCorrelation(ctx context.Context, in *InWorkspace) (*Tagged[CorrelationSettings], error) {
	v, err := s.Store.CorrelationSettings(ctx, in.Workspace)
	return s.versioned(ctx, in.Workspace, v, err)
}

// settingsOf gives the workspace and what a change of its settings is made on.
func (s *service) settingsOf(name, tag, reason string) (Workspace, workspace.SettingsChange, error) {
	version, err := ifMatch(tag)
	if err != nil {
		return nil, workspace.SettingsChange{}, err
	}
	w, err := s.of(name)
	return w, workspace.SettingsChange{Version: version, Reason: reason}, err
}

func (s *service) putCorrelation(ctx context.Context, in *putSettingsInput) (*Tagged[CorrelationSettings], error) {
	w, change, err := s.settingsOf(in.Workspace, in.IfMatch, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	v, err := w.SetCorrelation(ctx, actor(ctx), in.Body.Settings, change)
	return s.versioned(ctx, in.Workspace, v, err)
}

func (s *service) restoreCorrelation(ctx context.Context, in *restoreInput) (*Tagged[CorrelationSettings], error) {
	w, change, err := s.settingsOf(in.Workspace, in.IfMatch, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	v, err := w.RestoreCorrelation(ctx, actor(ctx), in.Body.Version, change)
	return s.versioned(ctx, in.Workspace, v, err)
}

func (s *service) correlationHistory(ctx context.Context, in *historyInput) (*ListOutput[store.SettingsVersion], error) {
	page, err := s.Store.CorrelationHistory(ctx, in.Workspace, in.paging())
	if err == nil {
		page.Items = slices.Clone(page.Items)
		err = s.nameRules(ctx, in.Workspace, page.Items)
	}
	return listed(page, err)
}

func (s *service) correlationVersion(ctx context.Context, in *versionInput) (*Output[CorrelationSettings], error) {
	v, err := s.Store.CorrelationVersion(ctx, in.Workspace, in.Version)
	return output(s.named(ctx, in.Workspace, v, err))
}

func (s *service) patchRule(ctx context.Context, in *patchRuleInput) (*Tagged[CorrelationSettings], error) {
	w, change, err := s.settingsOf(in.Workspace, in.IfMatch, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	v, err := w.SetRule(ctx, actor(ctx), in.Body.RuleControl, change)
	return s.versioned(ctx, in.Workspace, v, err)
}
