package store

import (
	"context"
	"strings"
	"time"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
)

// Controls reads a workspace's controls over correlation, what they did, and what
// the engine suggests.
type Controls interface {
	// CorrelationSettings gives the version that holds; without one the default
	// settings as version 0.
	CorrelationSettings(ctx context.Context, workspace string) (SettingsVersion, error)
	CorrelationVersion(ctx context.Context, workspace string, version int64) (SettingsVersion, error)
	// CorrelationHistory lists the versions without their settings, newest first.
	CorrelationHistory(ctx context.Context, workspace string, p Paging) (Page[SettingsVersion], error)
	// Rules lists the rules of all alerts, those with most alerts first, at most
	// MaxRules.
	Rules(ctx context.Context, workspace string) ([]RuleCount, error)

	// RulePage lists the rules of all alerts that a query wants, in the order of Rules.
	RulePage(ctx context.Context, q RuleQuery) (Page[RuleCount], error)
	// RulesNamed gives those of some rules that have alerts, in no particular order.
	RulesNamed(ctx context.Context, workspace string, names []string) ([]RuleCount, error)

	Suggestion(ctx context.Context, workspace string, id int64) (Suggestion, error)
	// Suggestions lists those of an incident in any of the states, or in every
	// state when none is given, by score and then newest first, at most 200.
	Suggestions(ctx context.Context, workspace string, id correlate.IncidentID, states []SuggestionState) ([]Suggestion, error)
	// SuggestionOf gives the suggestion of a pair, ErrNotFound without one.
	SuggestionOf(ctx context.Context, workspace string, p correlate.Pair) (Suggestion, error)
	// Partings lists the pairs of which one side stands for an incident now, or every
	// pair when id is 0, by A and B.
	Partings(ctx context.Context, workspace string, id correlate.IncidentID) ([]Parting, error)
}

// Parting is a pair of incidents that people parted: the engine must not merge them.
type Parting struct {
	correlate.Pair
	// NowA and NowB are what the two stand for since merges. A backend lets them
	// follow the incidents of a change that are merged away.
	NowA, NowB correlate.IncidentID
	// Ended, in a Change, says that people took it back.
	Ended bool
}

// MaxRules bounds the list of rules.
const MaxRules = 5000

// SettingsVersion is one version of a workspace's correlation settings.
type SettingsVersion struct {
	Version int64          `json:"version"`
	At      time.Time      `json:"at,omitzero"`
	Actor   incident.Actor `json:"actor,omitzero"`
	Reason  string         `json:"reason,omitempty"`
	// Restored is the version whose settings were put back.
	Restored int64              `json:"restored,omitempty"`
	Changes  []SettingChange    `json:"changes"`
	Settings correlate.Settings `json:"-"`
}

// SettingChange is one difference to the version before, in words.
type SettingChange struct {
	What   string `json:"what"`           // such as: rule Port scan
	Rule   string `json:"rule,omitempty"` // that it is about, as settings name it
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// RuleCount says what came of one rule that has alerts. The counts are of its
// alerts as they are now; First and Last span every version that came under it.
type RuleCount struct {
	Rule      string `json:"rule"`
	Title     string `json:"title"` // of the alert that came last, as its product
	Product   string `json:"product"`
	Alerts    int    `json:"alerts"`
	Incidents int    `json:"incidents"`
	Excluded  int    `json:"excludedAlerts"` // that came while it was excluded
	// Tag is the state that the latest alert's description asked for, empty when none.
	Tag   correlate.RuleState `json:"tag,omitempty"`
	First time.Time           `json:"firstSeen,omitzero"`
	Last  time.Time           `json:"lastSeen,omitzero"`
}

// RuleQuery selects rules.
type RuleQuery struct {
	Workspace string
	Search    string // rule, title and product, every word, ignoring case
	// Wants narrows it further, by what is set for a rule; nil wants every rule. It is
	// no part of the cursor.
	Wants func(*RuleCount) (bool, error)
	Paging
}

// Finds says whether a search finds the rule.
func (q *RuleQuery) Finds(r *RuleCount) bool {
	text := strings.ToLower(r.Rule + "\n" + r.Title + "\n" + r.Product)
	for _, word := range strings.Fields(strings.ToLower(q.Search)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// SuggestionState is what became of a suggestion.
type SuggestionState string

// The states. Withdrawn ones no longer hold: one side was closed, merged or moved
// on.
const (
	SuggestionOpen      SuggestionState = "open"
	SuggestionAccepted  SuggestionState = "accepted"
	SuggestionRejected  SuggestionState = "rejected"
	SuggestionWithdrawn SuggestionState = "withdrawn"
)

// Suggestion is a pair of incidents that may be related, as it is kept: one for
// each pair.
type Suggestion struct {
	ID int64 `json:"id"`
	correlate.Suggestion
	State SuggestionState `json:"state"`
	At    time.Time       `json:"at"` // when it was told last
	// What a person decided.
	DecidedAt time.Time `json:"decidedAt,omitzero"`
	DecidedBy string    `json:"decidedBy,omitempty"`
	Reason    string    `json:"reason,omitempty"`
	Merge     int64     `json:"merge,omitempty"` // that an acceptance made
}
