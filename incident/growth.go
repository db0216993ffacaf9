package incident

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
)

// CriticalAssetTag is the system tag of an incident that impacts a critical asset.
const CriticalAssetTag = "Critical asset"

// RedirectedTag is the system tag of an incident that was merged away.
const RedirectedTag = "Redirected"

// New makes an incident without alerts. Grow gives it its first ones in the same
// change: an incident is never kept empty.
func New(id correlate.IncidentID, at time.Time) Incident {
	return Incident{
		ID: id, Status: Active, Severity: alert.SeverityUnknown,
		Classification: alert.ClassificationUnknown, Determination: alert.DeterminationUnknown,
		Tags: []string{}, SystemTags: []string{}, PriorityFactors: []PriorityFactor{}, TopAssets: []AssetRef{},
		Scope: map[string]int{}, CreatedAt: at, UpdatedAt: at,
	}
}

// Clone returns an incident that shares nothing with i.
func (i Incident) Clone() Incident {
	i.Tags = slices.Clone(i.Tags)
	i.SystemTags = slices.Clone(i.SystemTags)
	i.PriorityFactors = slices.Clone(i.PriorityFactors)
	i.TopAssets = slices.Clone(i.TopAssets)
	i.Scope = maps.Clone(i.Scope)
	i.Tally = i.Tally.Clone()
	return i
}

// State is what the correlation engine must know of the incident's case work.
func (i *Incident) State() correlate.State {
	return correlate.State{
		Closed: i.Status == Resolved || i.Status == Redirected, Owner: i.Owner,
		Classification: string(i.Classification), Determination: string(i.Determination),
	}
}

// Involved is an entity of an incident as its head sees it.
type Involved struct {
	ID       entity.ID
	Kind     entity.Kind
	Label    string
	Impacted bool
	// Criticality is empty or normal when nothing says that it matters more or less.
	Criticality correlate.Criticality
	Alerts      int // that mention it
}

const maxTopAssets = 5

// SetScope counts the incident's entities anew and picks the assets to show:
// impacted ones only, the most critical ones first, then those that most alerts mention.
// When nothing is marked as impacted, all assets are candidates.
func (i *Incident) SetScope(all iter.Seq[Involved]) {
	i.Scope = map[string]int{}
	var impacted, others []Involved
	critical := false
	for e := range all {
		i.Scope[string(e.Kind)]++
		switch {
		case !e.Kind.Asset():
		case e.Impacted:
			critical = critical || e.Criticality == correlate.CriticalityCritical
			impacted = topFew(impacted, e)
		default:
			others = topFew(others, e)
		}
	}
	if len(impacted) == 0 {
		impacted = others
	}
	i.TopAssets = make([]AssetRef, len(impacted))
	for n, e := range impacted {
		i.TopAssets[n] = AssetRef{ID: int64(e.ID), Kind: string(e.Kind), Label: plain(e.Label, maxTitle), Critical: e.Criticality == correlate.CriticalityCritical, Criticality: criticalityOf(e)}
	}
	i.SystemTags = withTag(i.SystemTags, CriticalAssetTag, critical)
}

// topFew inserts e into a short list kept in order.
func topFew(list []Involved, e Involved) []Involved {
	at, _ := slices.BinarySearchFunc(list, e, compareInvolved)
	if at >= maxTopAssets {
		return list
	}
	list = slices.Insert(list, at, e)
	return list[:min(len(list), maxTopAssets)]
}

func compareInvolved(a, b Involved) int {
	switch {
	case a.Criticality.Rank() != b.Criticality.Rank():
		return b.Criticality.Rank() - a.Criticality.Rank()
	case a.Alerts != b.Alerts:
		return b.Alerts - a.Alerts
	}
	return int(a.ID - b.ID)
}

func withTag(tags []string, tag string, want bool) []string {
	at, has := slices.BinarySearch(tags, tag)
	switch {
	case want && !has:
		return slices.Insert(tags, at, tag)
	case !want && has:
		return slices.Delete(slices.Clone(tags), at, at+1)
	}
	return tags
}

// Add counts an alert and widens the times. Call Refresh after the last one.
func (i *Incident) Add(m Member) {
	i.Tally.Add(m)
	i.widen(m.First, m.Last)
}

// Remove takes an alert away. The times stay: they can only be told from the
// alerts that are left, see Span.
func (i *Incident) Remove(m Member) { i.Tally.Remove(m) }

func (i *Incident) widen(first, last time.Time) {
	if !first.IsZero() && (i.FirstActivity.IsZero() || first.Before(i.FirstActivity)) {
		i.FirstActivity = first
	}
	if last.After(i.LastActivity) {
		i.LastActivity = last
	}
}

// Span is the activity of the alerts of an incident. The zero value means that
// it is not known.
type Span struct{ First, Last time.Time }

// SpanOf is the span of some alerts.
func SpanOf(members []Member) Span {
	var i Incident
	for _, m := range members {
		i.widen(m.First, m.Last)
	}
	return Span{i.FirstActivity, i.LastActivity}
}

func (i *Incident) setSpan(s Span) {
	if s != (Span{}) {
		i.FirstActivity, i.LastActivity = s.First, s.Last
	}
}

// Refresh derives what depends on the counts: severity and name, unless a person
// set them, and the priority. Scope and TopAssets must be up to date.
func (i *Incident) Refresh() {
	if !i.SeverityEdited {
		i.Severity = i.Tally.highest()
	}
	if !i.NameEdited {
		i.Name = GenerateName(i)
	}
	i.Priority, i.PriorityFactors = Score(i)
}

// touch marks a change. Every function that alters an incident calls it once.
func (i *Incident) touch(at time.Time, by Actor) {
	i.Version++
	i.UpdatedAt, i.UpdatedBy = at, by.Name
}

// Update is an alert that a newer version replaced.
type Update struct{ Old, New Member }

// Growth is what one change brought to an incident.
type Growth struct {
	Added   []Member
	Updated []Update
	// Involved yields the incident's entities as they are afterwards; nil keeps
	// the scope as it is.
	Involved iter.Seq[Involved]
	At       time.Time
	Actor    Actor
}

// Grow adds alerts to an incident and replaces those that were updated, in
// place, and gives the entries for its log.
func Grow(i *Incident, g Growth) []Activity {
	first := i.Tally.Alerts == 0
	was := *i
	for _, u := range g.Updated {
		i.Remove(u.Old)
		i.Add(u.New)
	}
	for _, m := range g.Added {
		i.Add(m)
	}
	if g.Involved != nil {
		i.SetScope(g.Involved)
	}
	i.Refresh()
	i.touch(g.At, g.Actor)
	var out []Activity
	if len(g.Added) > 0 {
		out = append(out, grown(i, was, first, g))
	}
	if len(g.Updated) > 0 {
		news := make([]Member, len(g.Updated))
		for n, u := range g.Updated {
			news[n] = u.New
		}
		a := entry(i.ID, g.At, g.Actor, AlertUpdated, "%s updated%s.", alertsWere(news), noteOf(was, i))
		out = append(out, withAlerts(a, news))
	}
	return out
}

func grown(i *Incident, was Incident, first bool, g Growth) Activity {
	if first {
		a := entry(i.ID, g.At, g.Actor, Created, "The incident was created with %s.", alertsWord(g.Added))
		a.Details = map[string]any{"name": i.Name, "severity": string(i.Severity)}
		return withAlerts(a, g.Added)
	}
	a := entry(i.ID, g.At, g.Actor, AlertsAdded, "%s added%s.", alertsWere(g.Added), noteOf(was, i))
	a.Details = differences(was, i)
	return withAlerts(a, g.Added)
}

// noteOf tells in words what else changed by a growth.
func noteOf(was Incident, i *Incident) string {
	var b strings.Builder
	if was.Severity != i.Severity {
		fmt.Fprintf(&b, "; the severity is %s now", i.Severity)
	}
	if was.Name != i.Name {
		fmt.Fprintf(&b, "; the name is %q now", plain(i.Name, MaxName))
	}
	return b.String()
}

func differences(was Incident, i *Incident) map[string]any {
	out := map[string]any{}
	if was.Severity != i.Severity {
		out["severity"] = map[string]any{"from": string(was.Severity), "to": string(i.Severity)}
	}
	if was.Name != i.Name {
		out["name"] = map[string]any{"from": was.Name, "to": i.Name}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// alertsWord is `the alert "x"` or "3 alerts".
func alertsWord(members []Member) string {
	if len(members) == 1 {
		return fmt.Sprintf("the alert %q", plain(members[0].Title, maxTitle))
	}
	return counted(len(members), "alert")
}

func alertsWere(members []Member) string {
	if len(members) == 1 {
		return alertsWord(members) + " was"
	}
	return alertsWord(members) + " were"
}
