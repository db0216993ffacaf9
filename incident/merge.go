package incident

import (
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
)

// CanMerge says whether the rules allow to merge two incidents: nil, or a
// *RefusedError. Neither may be resolved or redirected, and owner,
// classification and determination must be equal or set on one side only.
func CanMerge(target, source Incident) error {
	switch {
	case target.ID == source.ID:
		return refused("itself", "an incident can't be merged into itself")
	case target.Status == Redirected || source.Status == Redirected:
		return refused("redirected", "incident %d was merged away already", redirectedOf(target, source))
	case target.Status == Resolved || source.Status == Resolved:
		return refused("closed", "a resolved incident is not merged")
	case differ(target.Owner, source.Owner, ""):
		return refused("owner", "the incidents are assigned to different people: %q and %q", target.Owner, source.Owner)
	case differ(notSet(target.Classification), notSet(source.Classification), alert.ClassificationUnknown):
		return refused("classification", "the incidents are classified differently: %s and %s", target.Classification, source.Classification)
	case differ(notSet(target.Determination), notSet(source.Determination), alert.DeterminationUnknown):
		return refused("determination", "the incidents have different determinations: %s and %s", target.Determination, source.Determination)
	}
	return nil
}

func redirectedOf(a, b Incident) correlate.IncidentID {
	if a.Status == Redirected {
		return a.ID
	}
	return b.ID
}

func differ[E comparable](a, b, none E) bool { return a != b && a != none && b != none }

// Direct says which of two incidents is the target of a merge: the one with more
// alerts, else with more case work, else the older one. It keeps the most
// information where people look for it.
func Direct(a, b Incident) (target, source Incident) {
	wa, wb := caseWork(a), caseWork(b)
	switch {
	case a.Tally.Alerts != b.Tally.Alerts:
		if a.Tally.Alerts > b.Tally.Alerts {
			return a, b
		}
		return b, a
	case wa != wb:
		if wa > wb {
			return a, b
		}
		return b, a
	case a.ID < b.ID:
		return a, b
	}
	return b, a
}

func caseWork(i Incident) int {
	n := len(i.Tags)
	for _, done := range []bool{i.Owner != "", i.NameEdited, i.SeverityEdited, i.Status == InProgress, i.Tasks.Total > 0, notSet(i.Classification) != "unknown"} {
		if done {
			n++
		}
	}
	return n
}

// MergeRequest asks to empty Source into Target.
type MergeRequest struct {
	ID             int64 // of the merge record
	Target, Source Incident
	Alerts         []string // every alert of Source
	// The tasks of both, in order.
	TargetTasks, SourceTasks []Task
	// Involved yields the entities of the target as they are afterwards; nil
	// leaves scope and top assets to a later SetScope.
	Involved iter.Seq[Involved]
	At       time.Time
	Actor    Actor
	Reason   string
	Reasons  []correlate.Reason
	Link     *correlate.Link // the engine's
	// Openers is how many of Alerts had no link: the merge's becomes theirs.
	Openers int
}

// MergeResult is what a merge did.
type MergeResult struct {
	Target, Source Incident
	Merge          Merge
	Tasks          []Task // of the target afterwards; the source has none
	Activities     []Activity
	// AlertOwner is set when one side's alerts must get the owner of the other:
	// an owner of an incident owns its alerts.
	AlertOwner *string
}

// MergeIncidents empties one incident into another: the source redirects to the
// target, which takes over its alerts, tasks and tags, gets a new name (a person's
// name too is overwritten, and kept in the record) and the case work that only
// the source had. It fails with what CanMerge says.
func MergeIncidents(r MergeRequest) (MergeResult, error) {
	if err := CanMerge(r.Target, r.Source); err != nil {
		return MergeResult{}, err
	}
	m := Merge{
		ID: r.ID, Source: r.Source.ID, Target: r.Target.ID, At: r.At, Actor: r.Actor, Reason: plain(r.Reason, maxReason), Link: r.Link,
		SourceBefore: r.Source.Clone(), TargetBefore: r.Target.Clone(), Alerts: slices.Clone(r.Alerts), Tasks: taskIDs(r.SourceTasks),
	}
	target := union(r.Target.Clone(), r.Source)
	if r.Link != nil {
		for range r.Openers {
			target.Tally.link(r.Link.Score, 1)
		}
	}
	if r.Involved != nil {
		target.SetScope(r.Involved)
	}
	target.Refresh()
	target.touch(r.At, r.Actor)
	source := redirect(r.Source, r.Target.ID, r.At, r.Actor)
	m.TargetAfter = target.Clone()
	out := MergeResult{
		Target: target, Source: source, Merge: m, Tasks: JoinTasks(r.Target.ID, r.TargetTasks, r.SourceTasks), Activities: mergeLog(r, m, target),
	}
	if r.Source.Owner != r.Target.Owner {
		owner := target.Owner
		out.AlertOwner = &owner
	}
	return out, nil
}

// union gives t all that s has.
func union(t, s Incident) Incident {
	t.Tally.merge(s.Tally)
	t.Tasks.Total += s.Tasks.Total
	t.Tasks.Completed += s.Tasks.Completed
	t.widen(s.FirstActivity, s.LastActivity)
	t.NameEdited = false
	if t.SeverityEdited || s.SeverityEdited {
		t.SeverityEdited = true
		if severityRank(s.Severity) > severityRank(t.Severity) {
			t.Severity = s.Severity
		}
	}
	if t.Owner == "" {
		t.Owner = s.Owner
	}
	if notSet(t.Classification) == alert.ClassificationUnknown {
		t.Classification = notSet(s.Classification)
	}
	if notSet(t.Determination) == alert.DeterminationUnknown {
		t.Determination = notSet(s.Determination)
	}
	if s.Status == InProgress {
		t.Status = InProgress
	}
	for _, tag := range s.Tags {
		t.Tags = withTag(t.Tags, tag, true)
	}
	for _, tag := range s.SystemTags {
		t.SystemTags = withTag(t.SystemTags, tag, true)
	}
	return t
}

// redirect empties an incident: what it was counted for is elsewhere now. Owner
// and classification stay readable on it.
func redirect(i Incident, to correlate.IncidentID, at time.Time, by Actor) Incident {
	i = i.Clone()
	i.Status, i.RedirectTo = Redirected, to
	i.Tally, i.Tasks, i.Scope, i.TopAssets = Tally{}, TaskTally{}, map[string]int{}, []AssetRef{}
	i.Tags, i.SystemTags = []string{}, []string{RedirectedTag}
	i.Priority, i.PriorityFactors = 0, []PriorityFactor{}
	i.touch(at, by)
	return i
}

func mergeLog(r MergeRequest, m Merge, target Incident) []Activity {
	_, why := because(m.Reason)
	n := contents(len(m.Alerts), len(m.Tasks))
	into := entry(target.ID, r.At, r.Actor, Merged, "Incident %d (%q) with %s was merged into this one.%s", m.Source, m.SourceBefore.Name, n, why)
	into.Merge, into.Undoable = m.ID, true
	into.Alerts, into.Count = slices.Clone(m.Alerts[:min(len(m.Alerts), maxListed)]), len(m.Alerts)
	from := entry(m.Source, r.At, r.Actor, MergedInto, "This incident with %s was merged into incident %d (%q).%s", n, m.Target, m.TargetBefore.Name, why)
	from.Merge, from.Undoable, from.Count = m.ID, true, len(m.Alerts)
	out := []Activity{into, from}
	reasons := r.Reasons
	if len(reasons) == 0 && r.Link != nil {
		reasons = r.Link.Reasons
	}
	for k := range out {
		out[k] = withDetails(out[k], "mergeId", m.ID, "source", int64(m.Source), "target", int64(m.Target), "reason", m.Reason, "reasons", reasonNames(reasons))
	}
	out[0] = withDetails(out[0], "sourceName", m.SourceBefore.Name, "nameBefore", m.TargetBefore.Name, "name", target.Name)
	return out
}

// contents is what goes from one incident to another, in words.
func contents(alerts, tasks int) string {
	if tasks == 0 {
		return counted(alerts, "alert")
	}
	return counted(alerts, "alert") + " and " + counted(tasks, "task")
}

func reasonNames(reasons []correlate.Reason) string {
	names := make([]string, len(reasons))
	for n, x := range reasons {
		names[n] = string(x)
	}
	return strings.Join(names, ", ")
}
