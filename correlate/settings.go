package correlate

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/clew-sec/clew/entity"
)

// Settings are a workspace's controls over correlation. The zero value is the
// default: every rule correlates, nothing is excluded, no asset stands out.
type Settings struct {
	// Default holds for rules that say nothing themselves; empty means enabled.
	Default RuleState          `json:"default"`
	Rules   []RuleControl      `json:"rules"`
	Exclude []Exclusion        `json:"excludedEntities"`
	Assets  []AssetCriticality `json:"assetCriticality"`
	// Thresholds say how readily alerts and incidents are put together.
	Thresholds Thresholds `json:"thresholds,omitzero"`
	// Model numbers the kept model that decides; 0 is the one that the server
	// starts with.
	Model int64 `json:"model,omitempty"`
}

// RuleState says whether the alerts of a rule are correlated.
type RuleState string

// The states of a rule. RuleDefault follows the rule's tag, else the default of
// the workspace.
const (
	RuleDefault  RuleState = "default"
	RuleEnabled  RuleState = "enabled"
	RuleDisabled RuleState = "disabled"
)

// The tags by which a rule's description says whether its alerts are correlated.
// One must stand at the very beginning; case does not matter.
const (
	TagInclude = "#INC_CORR#"
	TagExclude = "#DONT_CORR#"
)

// RuleControl is what is set for one rule, named as alert.Alert.Rule names it.
type RuleControl struct {
	Rule  string    `json:"rule"`
	State RuleState `json:"state"`
	// Grouping holds while the rule is excluded; nil takes DefaultGrouping.
	Grouping *Grouping `json:"grouping,omitempty"`
}

// Match says which alerts of an excluded rule belong into one incident.
type Match string

// The ways of matching.
const (
	MatchAll      Match = "allEntities" // those that name exactly the same entities
	MatchAny      Match = "anyAlert"    // all of the rule
	MatchSelected Match = "selected"    // those equal in the selected kinds of entities and details
)

// Detail is a property of alerts that a grouping can select.
type Detail string

// The details.
const (
	DetailTitle    Detail = "title"
	DetailSeverity Detail = "severity"
)

// Grouping is how the alerts of an excluded rule make incidents.
type Grouping struct {
	// Window is the time that the alerts of one incident lie within, in seconds.
	Window  int64         `json:"windowSeconds"`
	Match   Match         `json:"match"`
	Kinds   []entity.Kind `json:"kinds,omitempty"`   // for MatchSelected
	Details []Detail      `json:"details,omitempty"` // for MatchSelected
}

// Bounds of settings.
const (
	MinWindow      = 5 * 60        // seconds
	MaxWindow      = 7 * 24 * 3600 // seconds
	MaxGrouped     = 150           // alerts in one incident of an excluded rule
	MaxControls    = 2000          // rules
	MaxExclusions  = 1000
	MaxCriticality = 5000
	MaxRuleName    = 512 // bytes
	maxSettingText = 512 // bytes
)

// DefaultGrouping is that of excluded rules without one of their own.
func DefaultGrouping() Grouping { return Grouping{Window: 5 * 3600, Match: MatchAll} }

// ExclusionKind says how an Exclusion names entities.
type ExclusionKind string

// The kinds of exclusion.
const (
	ExcludeIdentifier ExclusionKind = "identifier" // any identifier with this value
	ExcludeCIDR       ExclusionKind = "cidr"       // addresses of a network
	ExcludeDomain     ExclusionKind = "domain"     // names in or under a domain
)

// Exclusion names entities that must not link alerts.
type Exclusion struct {
	Kind  ExclusionKind `json:"kind"`
	Value string        `json:"value"`
	Note  string        `json:"note,omitempty"`
}

// Criticality is how much an asset matters.
type Criticality string

// The degrees. Normal is that of every asset that nothing is set for.
const (
	CriticalityCritical Criticality = "critical"
	CriticalityHigh     Criticality = "high"
	CriticalityNormal   Criticality = "normal"
	CriticalityLow      Criticality = "low"
)

// Rank orders the degrees: low 0, normal 1, high 2, critical 3. Nothing is normal.
func (c Criticality) Rank() int {
	switch c {
	case CriticalityLow:
		return 0
	case CriticalityHigh:
		return 2
	case CriticalityCritical:
		return 3
	}
	return 1
}

// AssetCriticality sets the criticality of the assets that carry an identifier.
type AssetCriticality struct {
	Value string      `json:"value"`
	Level Criticality `json:"level"`
	Note  string      `json:"note,omitempty"`
}

// SettingError says which field of settings is wrong and why.
type SettingError struct {
	Field  string // JSON path, such as rules[3].grouping.windowSeconds
	Reason string
}

// Error implements error.
func (e *SettingError) Error() string { return e.Field + ": " + e.Reason }

func unfit(field, format string, args ...any) error {
	return &SettingError{Field: field, Reason: fmt.Sprintf(format, args...)}
}

// Complete checks settings and brings them into their normal form: sorted, each
// thing once, what only repeats the default left out. It fails with *SettingError.
func (s Settings) Complete() (Settings, error) {
	switch s.Default {
	case "", RuleDefault:
		s.Default = RuleEnabled
	case RuleEnabled, RuleDisabled:
	default:
		return s, unfit("default", "must be enabled or disabled")
	}
	if s.Model < 0 {
		return s, unfit("model", "must be the number of a kept model, or 0")
	}
	err := s.Thresholds.check()
	if err != nil {
		return s, err
	}
	if s.Rules, err = completeRules(s.Rules); err != nil {
		return s, err
	}
	if s.Exclude, err = completeExclusions(s.Exclude); err != nil {
		return s, err
	}
	s.Assets, err = completeAssets(s.Assets)
	return s, err
}

func completeRules(rules []RuleControl) ([]RuleControl, error) {
	if len(rules) > MaxControls {
		return nil, unfit("rules", "at most %d rules can have settings of their own", MaxControls)
	}
	out := make([]RuleControl, 0, len(rules))
	for i, r := range rules {
		field := fmt.Sprintf("rules[%d]", i)
		switch {
		case r.Rule == "" || len(r.Rule) > MaxRuleName || !utf8.ValidString(r.Rule):
			return nil, unfit(field+".rule", "must name a rule, in at most %d bytes", MaxRuleName)
		case r.State == "":
			r.State = RuleDefault
		case r.State != RuleDefault && r.State != RuleEnabled && r.State != RuleDisabled:
			return nil, unfit(field+".state", "must be default, enabled or disabled")
		}
		if r.Grouping != nil {
			g, err := r.Grouping.complete(field + ".grouping")
			if err != nil {
				return nil, err
			}
			r.Grouping = &g
		}
		if r.State != RuleDefault || r.Grouping != nil {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b RuleControl) int { return cmp.Compare(a.Rule, b.Rule) })
	for i := range out[:max(0, len(out)-1)] {
		if out[i].Rule == out[i+1].Rule {
			return nil, unfit("rules", "the rule %q is listed twice", out[i].Rule)
		}
	}
	return out, nil
}

func (g Grouping) complete(field string) (Grouping, error) {
	if g.Window == 0 {
		g.Window = DefaultGrouping().Window
	}
	if g.Window < MinWindow || g.Window > MaxWindow {
		return g, unfit(field+".windowSeconds", "must lie between 5 minutes and 7 days (%d to %d)", MinWindow, MaxWindow)
	}
	switch g.Match {
	case "":
		g.Match = MatchAll
	case MatchAll, MatchAny, MatchSelected:
	default:
		return g, unfit(field+".match", "must be allEntities, anyAlert or selected")
	}
	if g.Match != MatchSelected {
		g.Kinds, g.Details = nil, nil
		return g, nil
	}
	g.Kinds = slices.Compact(slices.Sorted(slices.Values(g.Kinds)))
	g.Details = slices.Compact(slices.Sorted(slices.Values(g.Details)))
	for _, k := range g.Kinds {
		if !k.Known() {
			return g, unfit(field+".kinds", "%q is not a kind of entity", k)
		}
	}
	for _, d := range g.Details {
		if d != DetailTitle && d != DetailSeverity {
			return g, unfit(field+".details", "must be title or severity")
		}
	}
	if len(g.Kinds)+len(g.Details) == 0 {
		return g, unfit(field+".kinds", "select at least one kind of entity or one detail")
	}
	return g, nil
}

func completeExclusions(list []Exclusion) ([]Exclusion, error) {
	if len(list) > MaxExclusions {
		return nil, unfit("excludedEntities", "at most %d entries", MaxExclusions)
	}
	out := make([]Exclusion, 0, len(list))
	for i, x := range list {
		field := fmt.Sprintf("excludedEntities[%d]", i)
		x.Value = strings.ToLower(strings.TrimSpace(x.Value))
		if err := settingText(field, x.Value, x.Note); err != nil {
			return nil, err
		}
		switch x.Kind {
		case ExcludeIdentifier:
		case ExcludeCIDR:
			p, err := prefixOf(x.Value)
			if err != nil {
				return nil, unfit(field+".value", "must be a network such as 10.1.0.0/16 or 2001:db8::/32")
			}
			x.Value = p.String()
		case ExcludeDomain:
			x.Value = strings.Trim(strings.TrimPrefix(x.Value, "*."), ".")
			if !domainName(x.Value) {
				return nil, unfit(field+".value", "must be a domain such as corp.example")
			}
		default:
			return nil, unfit(field+".kind", "must be identifier, cidr or domain")
		}
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b Exclusion) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value)) })
	return slices.CompactFunc(out, func(a, b Exclusion) bool { return a.Kind == b.Kind && a.Value == b.Value }), nil
}

func settingText(field, value, note string) error {
	switch {
	case value == "" || len(value) > maxSettingText || !utf8.ValidString(value):
		return unfit(field+".value", "must not be empty nor longer than %d bytes", maxSettingText)
	case len(note) > maxSettingText || !utf8.ValidString(note):
		return unfit(field+".note", "must not be longer than %d bytes", maxSettingText)
	}
	return nil
}

// prefixOf reads a network, or a single address as one.
func prefixOf(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		a = a.Unmap().WithZone("")
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err
}

func domainName(s string) bool {
	if s == "" || len(s) > 253 || strings.Contains(s, "..") {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && r != '.' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && r < 0x80
	})
}

func completeAssets(list []AssetCriticality) ([]AssetCriticality, error) {
	if len(list) > MaxCriticality {
		return nil, unfit("assetCriticality", "at most %d entries", MaxCriticality)
	}
	out := make([]AssetCriticality, 0, len(list))
	for i, a := range list {
		field := fmt.Sprintf("assetCriticality[%d]", i)
		a.Value = strings.ToLower(strings.TrimSpace(a.Value))
		if err := settingText(field, a.Value, a.Note); err != nil {
			return nil, err
		}
		if a.Level.Rank() == 1 && a.Level != CriticalityNormal {
			return nil, unfit(field+".level", "must be critical, high, normal or low")
		}
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b AssetCriticality) int { return cmp.Compare(a.Value, b.Value) })
	for i := range out[:max(0, len(out)-1)] {
		if out[i].Value == out[i+1].Value {
			return nil, unfit("assetCriticality", "%q is listed twice", out[i].Value)
		}
	}
	return out, nil
}
