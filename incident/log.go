package incident

import (
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/clew-sec/clew/correlate"
)

const maxListed = 100

// entry makes a log entry whose text is one plain, bounded sentence.
func entry(id correlate.IncidentID, at time.Time, by Actor, kind ActivityKind, format string, args ...any) Activity {
	text := fmt.Sprintf(format, args...)
	if r, n := utf8.DecodeRuneInString(text); unicode.IsLower(r) {
		text = string(unicode.ToUpper(r)) + text[n:]
	}
	return Activity{Incident: id, At: at, Actor: by, Kind: kind, Text: cut(text, maxText)}
}

func withAlerts(a Activity, members []Member) Activity {
	a.Count = len(members)
	for _, m := range members[:min(len(members), maxListed)] {
		a.Alerts = append(a.Alerts, m.ID)
	}
	return a
}

func withDetails(a Activity, pairs ...any) Activity {
	if a.Details == nil {
		a.Details = map[string]any{}
	}
	for n := 0; n+1 < len(pairs); n += 2 {
		if s, ok := pairs[n+1].(string); ok && s == "" {
			continue
		}
		a.Details[pairs[n].(string)] = pairs[n+1]
	}
	return a
}

// CopyLog gives the entries of a merged incident's log as the target shows them:
// marked with where they happened and with the merge. Entries that can be undone
// stay with the incident in which they happened.
func CopyLog(source []Activity, m Merge) []Activity {
	out := make([]Activity, len(source))
	for n, a := range source {
		if a.Origin == 0 {
			a.Origin = a.Incident
		}
		a.ID, a.Incident, a.Merge, a.Undoable = 0, m.Target, m.ID, false
		out[n] = a
	}
	return out
}

// because bounds a person's reason and makes the end of a sentence of it.
func because(reason string) (clean, sentence string) {
	if clean = plain(reason, maxReason); clean != "" {
		sentence = " Reason: " + clean
	}
	return clean, sentence
}
