package incident

import (
	"fmt"
	"iter"
	"time"

	"github.com/clew-sec/clew/correlate"
)

// MoveRequest asks to take alerts out of one incident into another.
type MoveRequest struct {
	From, To Incident
	// New says that To was made for these alerts: this is a split.
	New     bool
	Members []Member
	// FromTasks and ToTasks are the tasks of both, in order. They stay, unless
	// no alert is left in From: then what was to do there is to do in To.
	FromTasks, ToTasks []Task
	// FromSpan is the activity of the alerts that stay; the zero value keeps
	// the times as they are.
	FromSpan Span
	// FromInvolved and ToInvolved yield the entities afterwards; nil leaves them
	// to a later SetScope.
	FromInvolved, ToInvolved iter.Seq[Involved]
	// Link is what the alerts get in place of theirs; nil keeps those, or gives
	// each alert its own of Links.
	Link    *correlate.Link
	Links   map[string]correlate.Link // by alert
	At      time.Time
	Actor   Actor
	Reason  string
	Reasons []correlate.Reason
}

// MoveResult is what a move did.
type MoveResult struct {
	From, To   Incident
	Activities []Activity
	// Emptied says that From has no alert left and redirects to To now. Then
	// Tasks is the list of To, and From has none.
	Emptied bool
	Tasks   []Task
}

// CanMove says whether alerts may go from one incident to the other: nil, or a
// *RefusedError. The engine never feeds a resolved incident; a person may.
func CanMove(from, to Incident, by Actor) error {
	switch {
	case from.ID == to.ID:
		return refused("itself", "the alerts are in incident %d already", to.ID)
	case from.Status == Redirected:
		return refused("redirected", "incident %d was merged into incident %d", from.ID, from.RedirectTo)
	case to.Status == Redirected:
		return refused("redirected", "incident %d was merged into incident %d; move the alerts there", to.ID, to.RedirectTo)
	case to.Status == Resolved && by.Kind == BySystem:
		return refused("closed", "a resolved incident takes no alerts")
	}
	return nil
}

// MoveAlerts takes alerts out of one incident into another, or into a new one. An
// incident that is left without alerts redirects to where they went. It fails
// with what CanMove says.
func MoveAlerts(r MoveRequest) (MoveResult, error) {
	if err := CanMove(r.From, r.To, r.Actor); err != nil {
		return MoveResult{}, err
	}
	if len(r.Members) == 0 {
		return MoveResult{}, invalid("alerts", "are none")
	}
	from, to := r.From.Clone(), r.To.Clone()
	for _, m := range r.Members {
		from.Remove(m)
		if r.Link != nil {
			m.LinkScore = r.Link.Score
		} else if l, ok := r.Links[m.ID]; ok {
			m.LinkScore = l.Score
		}
		to.Add(m)
	}
	out := MoveResult{Emptied: from.Tally.Alerts <= 0}
	if out.Emptied {
		from = redirect(from, to.ID, r.At, r.Actor)
		out.Tasks = JoinTasks(to.ID, r.ToTasks, r.FromTasks)
		to.Tasks = TallyTasks(out.Tasks)
	} else {
		from.setSpan(r.FromSpan)
		settle(&from, r.FromInvolved, r)
	}
	settle(&to, r.ToInvolved, r)
	out.From, out.To, out.Activities = from, to, moveLog(r, from, to, out.Emptied)
	return out, nil
}

func settle(i *Incident, all iter.Seq[Involved], r MoveRequest) {
	if all != nil {
		i.SetScope(all)
	}
	i.Refresh()
	i.touch(r.At, r.Actor)
}

func moveLog(r MoveRequest, from, to Incident, emptied bool) []Activity {
	reason, why := because(r.Reason)
	outKind, inKind := AlertsMovedOut, AlertsMovedIn
	target := fmt.Sprintf("incident %d", to.ID)
	if r.New {
		outKind, inKind, target = Split, Created, fmt.Sprintf("the new incident %d", to.ID)
	}
	rest := ""
	if emptied {
		rest = " No alert is left; this incident redirects there."
		if n := len(r.FromTasks); n > 0 {
			rest += " It took " + counted(n, "task") + " along."
		}
	}
	out := entry(from.ID, r.At, r.Actor, outKind, "%s moved to %s.%s%s", alertsWere(r.Members), target, rest, why)
	in := entry(to.ID, r.At, r.Actor, inKind, "%s moved here from incident %d (%q).%s", alertsWere(r.Members), from.ID, r.From.Name, why)
	reasons := reasonNames(r.Reasons)
	list := []Activity{withAlerts(out, r.Members), withAlerts(in, r.Members)}
	for n := range list {
		list[n] = withDetails(list[n], "from", int64(from.ID), "to", int64(to.ID), "reason", reason, "reasons", reasons)
	}
	return list
}
