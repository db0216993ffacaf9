package incident

import (
	"iter"
	"slices"
	"time"
)

// UndoRequest asks to take a merge back.
type UndoRequest struct {
	Merge          Merge
	Target, Source Incident // as they are now
	// Returning are those of Merge.Alerts that are still in the target, as they
	// are now. Alerts that somebody moved elsewhere since stay there.
	Returning []Member
	// Unlinked are those of them whose link is the merge's: they lose it.
	Unlinked []string
	// Tasks are those of the target now, in order.
	Tasks []Task
	// TargetSpan is the activity of the alerts that stay in the target; the
	// zero value restores the times before the merge unless they grew since.
	TargetSpan Span
	// TargetInvolved and SourceInvolved yield the entities afterwards; nil
	// leaves them to a later SetScope.
	TargetInvolved, SourceInvolved iter.Seq[Involved]
	At                             time.Time
	Actor                          Actor
	Reason                         string
}

// Undone is what an undo did.
type Undone struct {
	Target, Source Incident
	Merge          Merge
	// The tasks of both afterwards.
	TargetTasks, SourceTasks []Task
	Activities               []Activity
	// SourceOwner and TargetOwner are set when the merge had given an owner to
	// the alerts of that side and the undo takes it back: the owner that the
	// alerts of that side get.
	SourceOwner, TargetOwner *string
}

// CanUndo says whether a merge can be taken back now: nil, or a *RefusedError.
func CanUndo(m Merge, target, source Incident, returning int) error {
	switch {
	case !m.UndoneAt.IsZero():
		return refused("undone", "the merge was undone already")
	case target.Status == Redirected:
		return refused("redirected", "incident %d was itself merged into incident %d; undo that merge first", target.ID, target.RedirectTo)
	case source.Status != Redirected || source.RedirectTo != target.ID:
		return refused("redirected", "incident %d does not redirect to incident %d", source.ID, target.ID)
	case returning == 0:
		return refused("empty", "none of the alerts of incident %d is in incident %d any more", source.ID, target.ID)
	case returning >= target.Tally.Alerts:
		return refused("empty", "incident %d would be left without alerts", target.ID)
	}
	return nil
}

// UndoMerge gives both incidents back what the merge took: the source is as it
// was, with its alerts and tasks as they are now; on the target each field that the merge
// changed is restored, unless a person changed it since. It fails with what
// CanUndo says.
func UndoMerge(r UndoRequest) (Undone, error) {
	if err := CanUndo(r.Merge, r.Target, r.Source, len(r.Returning)); err != nil {
		return Undone{}, err
	}
	m := r.Merge
	m.UndoneAt, m.UndoneBy = r.At, r.Actor.Name
	source := restoreSource(r)
	target := restoreTarget(r)
	out := Undone{Target: target, Source: source, Merge: m}
	out.TargetTasks, out.SourceTasks = PartTasks(m, r.Tasks)
	out.Target.Tasks, out.Source.Tasks = TallyTasks(out.TargetTasks), TallyTasks(out.SourceTasks)
	out.Activities = undoLog(r, len(out.SourceTasks))
	if source.Owner != r.Target.Owner {
		out.SourceOwner = &source.Owner
	}
	if target.Owner != r.Target.Owner {
		out.TargetOwner = &target.Owner
	}
	return out, nil
}

func restoreSource(r UndoRequest) Incident {
	s := r.Merge.SourceBefore.Clone()
	s.Version = r.Source.Version
	s.Tally, s.FirstActivity, s.LastActivity = Tally{}, time.Time{}, time.Time{}
	for _, m := range r.Returning {
		if slices.Contains(r.Unlinked, m.ID) {
			m.LinkScore = 0
		}
		s.Add(m)
	}
	if len(r.Returning) == r.Merge.SourceBefore.Tally.Alerts {
		s.widen(r.Merge.SourceBefore.FirstActivity, r.Merge.SourceBefore.LastActivity)
	}
	if r.SourceInvolved != nil {
		s.SetScope(r.SourceInvolved)
	}
	s.Refresh()
	s.touch(r.At, r.Actor)
	return s
}

// restoreTarget takes back field by field: before and after are the target
// around the merge, t is the target now.
func restoreTarget(r UndoRequest) Incident {
	before, after, t := r.Merge.TargetBefore, r.Merge.TargetAfter, r.Target.Clone()
	for _, m := range r.Returning {
		t.Remove(m)
	}
	if r.TargetSpan != (Span{}) {
		t.setSpan(r.TargetSpan)
	} else {
		t.FirstActivity = threeWay(before.FirstActivity, after.FirstActivity, t.FirstActivity)
		t.LastActivity = threeWay(before.LastActivity, after.LastActivity, t.LastActivity)
	}
	if !t.NameEdited {
		t.Name, t.NameEdited = before.Name, before.NameEdited
	}
	if t.SeverityEdited == after.SeverityEdited && (t.Severity == after.Severity || !t.SeverityEdited) {
		t.Severity, t.SeverityEdited = before.Severity, before.SeverityEdited
	}
	t.Owner = threeWay(before.Owner, after.Owner, t.Owner)
	if t.Classification == after.Classification && t.Determination == after.Determination {
		t.Classification, t.Determination = notSet(before.Classification), notSet(before.Determination)
	}
	if t.Status == after.Status {
		t.Status = before.Status
	}
	t.Tags = withoutGiven(t.Tags, before.Tags, after.Tags)
	t.SystemTags = withoutGiven(t.SystemTags, before.SystemTags, after.SystemTags)
	if r.TargetInvolved != nil {
		t.SetScope(r.TargetInvolved)
	}
	t.Refresh()
	t.touch(r.At, r.Actor)
	return t
}

// threeWay restores before unless the value was changed after the merge.
func threeWay[E comparable](before, after, now E) E {
	if now == after {
		return before
	}
	return now
}

// withoutGiven drops the tags that the merge brought; those that people added or
// removed since stay so.
func withoutGiven(now, before, after []string) []string {
	out := []string{}
	for _, tag := range now {
		if slices.Contains(before, tag) || !slices.Contains(after, tag) {
			out = append(out, tag)
		}
	}
	return out
}

func undoLog(r UndoRequest, tasks int) []Activity {
	m, n := r.Merge, contents(len(r.Returning), tasks)
	reason, why := because(r.Reason)
	on := entry(m.Target, r.At, r.Actor, MergeUndone, "The merge of incident %d (%q) into this one was undone; %s went back.%s", m.Source, m.SourceBefore.Name, n, why)
	back := entry(m.Source, r.At, r.Actor, Restored, "The merge into incident %d was undone; this incident is back with %s.%s", m.Target, n, why)
	out := []Activity{withAlerts(on, r.Returning), withAlerts(back, r.Returning)}
	for k := range out {
		out[k] = withDetails(out[k], "mergeId", m.ID, "source", int64(m.Source), "target", int64(m.Target), "reason", reason)
		if left := len(m.Alerts) - len(r.Returning); left > 0 {
			out[k] = withDetails(out[k], "elsewhere", left)
		}
	}
	return out
}
