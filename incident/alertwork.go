package incident

import (
	"fmt"
	"strings"
	"time"

	"github.com/clew-sec/clew/alert"
)

// AlertState is the case work of one alert.
type AlertState struct {
	ID, Title                                    string
	Status, Owner, Classification, Determination string
}

// AlertPatch is what a person wants to change of alerts. Nil fields stay.
type AlertPatch struct {
	Status         *string `json:"status,omitempty"`
	Owner          *string `json:"owner,omitempty"` // empty: nobody
	Classification *string `json:"classification,omitempty"`
	Determination  *string `json:"determination,omitempty"`
	Comment        *string `json:"comment,omitempty"`
}

// EditedAlerts is what an alert patch did to the alerts of one incident.
type EditedAlerts struct {
	Incident Incident
	Alerts   []AlertState // those that changed, as they are now
}

// EditAlerts changes the case work of some of an incident's alerts, all of them
// or, on an error, none. The incident's own status stays: it is the case file's,
// not the alerts'. It fails with an *InvalidError or a *RefusedError.
func EditAlerts(i Incident, alerts []AlertState, p AlertPatch, at time.Time, by Actor) (EditedAlerts, []Activity, error) {
	if i.Status == Redirected {
		return EditedAlerts{}, nil, CanBecome(Redirected, Active, CausePatch)
	}
	out := EditedAlerts{Incident: i.Clone()}
	for _, a := range alerts {
		b, err := p.apply(a)
		if err != nil {
			return EditedAlerts{}, nil, err
		}
		if b == a {
			continue
		}
		count(&out.Incident.Tally.Statuses, orUnknown(a.Status), -1, maxKinds)
		count(&out.Incident.Tally.Statuses, orUnknown(b.Status), 1, maxKinds)
		out.Alerts = append(out.Alerts, b)
	}
	log, err := alertLog(i, out.Alerts, p, at, by)
	if err == nil && len(log) > 0 {
		out.Incident.touch(at, by)
	}
	return out, log, err
}

func (p AlertPatch) apply(a AlertState) (AlertState, error) {
	if p.Status != nil {
		s := alert.ParseEnum[alert.Status](*p.Status)
		if s != alert.StatusNew && s != alert.StatusInProgress && s != alert.StatusResolved {
			return a, invalid("status", "%q is none of new, inProgress, resolved", plain(*p.Status, maxLabel))
		}
		a.Status = string(s)
	}
	if p.Owner != nil {
		owner, err := line("owner", *p.Owner, MaxOwner)
		if err != nil {
			return a, err
		}
		a.Owner = owner
	}
	if p.Classification != nil || p.Determination != nil {
		c, d, err := Classify(alert.Classification(a.Classification), alert.Determination(a.Determination), p.Classification, p.Determination)
		if err != nil {
			return a, err
		}
		a.Classification, a.Determination = string(c), string(d)
	}
	return a, nil
}

func alertLog(i Incident, changed []AlertState, p AlertPatch, at time.Time, by Actor) ([]Activity, error) {
	var out []Activity
	if len(changed) > 0 {
		list := make([]Member, len(changed))
		for n, a := range changed {
			list[n] = Member{ID: a.ID, Title: a.Title}
		}
		a := entry(i.ID, at, by, AlertUpdated, "%s changed: %s.", alertsWere(list), p.words())
		out = append(out, withAlerts(a, list))
	}
	if p.Comment == nil {
		return out, nil
	}
	text, err := CheckComment("comment", *p.Comment)
	if err != nil || text == "" {
		return out, err
	}
	return append(out, commented(i.ID, at, by, text, "alert")), nil
}

func (p AlertPatch) words() string {
	var parts []string
	for _, f := range []struct {
		name  string
		value *string
	}{{"status", p.Status}, {"owner", p.Owner}, {"classification", p.Classification}, {"determination", p.Determination}} {
		if f.value != nil {
			parts = append(parts, fmt.Sprintf("%s is %q now", f.name, plain(*f.value, maxLabel)))
		}
	}
	return strings.Join(parts, ", ")
}
