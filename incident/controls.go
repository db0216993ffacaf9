package incident

import (
	"strings"
	"time"

	"github.com/clew-sec/clew/correlate"
)

// SettingsEntry is what the audit trail tells of new correlation settings.
type SettingsEntry struct {
	At       time.Time
	Actor    Actor
	Version  int64
	Restored int64 // the version that was put back, 0 when none
	Reason   string
	Changes  []string // each in one line
}

const maxNamedChanges = 50

// SettingsLog is the entry for new correlation settings. It belongs to no incident.
func SettingsLog(e SettingsEntry) Activity {
	reason, why := because(e.Reason)
	what := "changed"
	if e.Restored > 0 {
		what = "put back"
	}
	named := e.Changes[:min(len(e.Changes), maxNamedChanges)]
	for i := range named {
		named[i] = plain(named[i], maxTitle)
	}
	a := entry(0, e.At, e.Actor, SettingsChanged, "The correlation settings were %s (version %d): %s.%s", what, e.Version, strings.Join(named, "; "), why)
	a.Count = len(e.Changes)
	a = withDetails(a, "version", e.Version, "reason", reason, "changes", named)
	if e.Restored > 0 {
		a = withDetails(a, "restored", e.Restored)
	}
	return a
}

// Rejection is a person's word that two incidents are not related.
type Rejection struct {
	A, B   Incident
	Back   bool // the rejection is taken back
	At     time.Time
	Actor  Actor
	Reason string
}

// RejectionLog gives the entries of both incidents.
func RejectionLog(r Rejection) []Activity {
	reason, why := because(r.Reason)
	of := func(here, there Incident) Activity {
		kind, text := SuggestionRejected, "The suggestion that incident %d (%q) is related was rejected; the two are not merged by themselves any more.%s"
		if r.Back {
			kind, text = SuggestionReopened, "The suggestion that incident %d (%q) is related is open again.%s"
		}
		a := entry(here.ID, r.At, r.Actor, kind, text, there.ID, plain(there.Name, MaxName), why)
		return withDetails(a, "other", int64(there.ID), "reason", reason)
	}
	return []Activity{of(r.A, r.B), of(r.B, r.A)}
}

// CanReject says whether a suggestion about two incidents may be rejected, or the
// rejection taken back: nil, or a *RefusedError.
func CanReject(a, b Incident) error {
	if a.Status == Redirected || b.Status == Redirected {
		return refused("redirected", "incident %d was merged away", redirectedOf(a, b))
	}
	return nil
}

// Undecided refuses what needs a suggestion in another state.
func Undecided(state, wanted string) error {
	return refused("decided", "the suggestion is %s, not %s", state, wanted)
}

// criticalityOf is the degree of an asset as its incident shows it: empty for normal.
func criticalityOf(e Involved) string {
	if e.Criticality == correlate.CriticalityNormal {
		return ""
	}
	return string(e.Criticality)
}
