package incident

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
)

// Patch is what a person or an automation wants to change. Nil fields stay.
type Patch struct {
	// Name at most MaxName characters; an empty one hands the naming back.
	Name   *string `json:"name,omitempty"`
	Status *string `json:"status,omitempty"`
	// Severity fixes it; empty lets it follow the alerts again.
	Severity       *string `json:"severity,omitempty"`
	Owner          *string `json:"owner,omitempty"` // empty: nobody
	Classification *string `json:"classification,omitempty"`
	Determination  *string `json:"determination,omitempty"`
	// ResolvingComment is the resolution note; it is optional.
	ResolvingComment *string `json:"resolvingComment,omitempty"`
	Comment          *string `json:"comment,omitempty"`
	// Tags replaces the custom tags.
	Tags *[]string `json:"tags,omitempty"`
	// Version is the one that the caller read; ErrStale if it is not the current one.
	Version *int64 `json:"-"`
}

// Applied is what a patch did.
type Applied struct {
	Incident   Incident
	Activities []Activity
	// Changed is false when the patch asked for what already was; then
	// Activities is empty and nothing is to be written.
	Changed bool
	// AlertOwner is set when the owner changed: the incident's alerts get it.
	AlertOwner *string
	// AlertStatus is "resolved" when the incident was resolved: its alerts that
	// are not resolved yet are resolved with it.
	AlertStatus *string
	// AlertClassification and AlertDetermination are set when an incident was
	// resolved with a classification: the alerts resolved with it get them too.
	AlertClassification, AlertDetermination *string
}

// Apply changes an incident as the patch says, all of it or, on an error,
// nothing. It fails with an *InvalidError, a *RefusedError or ErrStale.
func Apply(i Incident, p Patch, at time.Time, by Actor) (Applied, error) {
	if p.Version != nil && *p.Version != i.Version {
		return Applied{}, ErrStale
	}
	if i.Status == Redirected {
		return Applied{}, CanBecome(Redirected, Active, CausePatch)
	}
	w := &patching{i: i.Clone(), p: p, at: at, by: by}
	for _, step := range []func(*patching) error{
		(*patching).name, (*patching).severity, (*patching).owner, (*patching).tags,
		(*patching).classification, (*patching).status, (*patching).comments,
	} {
		if err := step(w); err != nil {
			return Applied{}, err
		}
	}
	out := w.out
	out.Changed = len(out.Activities) > 0
	if out.Changed {
		w.i.Refresh()
		w.i.touch(at, by)
	}
	out.Incident = w.i
	return out, nil
}

// patching is a patch under way.
type patching struct {
	i   Incident
	p   Patch
	at  time.Time
	by  Actor
	out Applied
}

func (w *patching) log(kind ActivityKind, from, to, format string, args ...any) {
	a := entry(w.i.ID, w.at, w.by, kind, format, args...)
	a.Details = map[string]any{"from": from, "to": to}
	w.out.Activities = append(w.out.Activities, a)
}

// line checks a text of one line.
func line(field, s string, limit int) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case !utf8.ValidString(s):
		return "", invalid(field, "is not valid UTF-8")
	case utf8.RuneCountInString(s) > limit:
		return "", invalid(field, "is longer than %d characters", limit)
	case alert.Visible(s) != s:
		return "", invalid(field, "holds control or invisible characters")
	}
	return s, nil
}

func (w *patching) name() error {
	if w.p.Name == nil {
		return nil
	}
	name, err := line("name", *w.p.Name, MaxName)
	if err != nil {
		return err
	}
	old, edited := w.i.Name, w.i.NameEdited
	w.i.Name, w.i.NameEdited = name, name != ""
	if name == "" {
		w.i.Name = GenerateName(&w.i)
	}
	if w.i.Name == old && (w.i.NameEdited == edited || !edited) {
		w.i.NameEdited = edited
		return nil
	}
	w.log(NameChanged, old, w.i.Name, "The name was changed from %q to %q.", old, w.i.Name)
	return nil
}

func (w *patching) severity() error {
	if w.p.Severity == nil {
		return nil
	}
	old, edited := w.i.Severity, w.i.SeverityEdited
	if strings.TrimSpace(*w.p.Severity) == "" {
		w.i.SeverityEdited = false
		w.i.Severity = w.i.Tally.highest()
		if edited {
			w.log(SeverityChanged, string(old), string(w.i.Severity), "The severity follows the alerts again: %s.", w.i.Severity)
		}
		return nil
	}
	s := alert.ParseEnum[alert.Severity](*w.p.Severity)
	if severityRank(s) == 0 {
		return invalid("severity", "%q is none of informational, low, medium, high", plain(*w.p.Severity, maxLabel))
	}
	if s == old {
		return nil
	}
	w.i.Severity, w.i.SeverityEdited = s, true
	w.log(SeverityChanged, string(old), string(s), "The severity was changed from %s to %s.", old, s)
	return nil
}

func (w *patching) owner() error {
	if w.p.Owner == nil {
		return nil
	}
	owner, err := line("owner", *w.p.Owner, MaxOwner)
	if err != nil || owner == w.i.Owner {
		return err
	}
	old := w.i.Owner
	w.i.Owner = owner
	w.out.AlertOwner = &owner
	switch {
	case owner == "":
		w.log(OwnerChanged, old, owner, "%q is no longer the owner; nobody is.", old)
	case old == "":
		w.log(OwnerChanged, old, owner, "The incident was assigned to %q.", owner)
	default:
		w.log(OwnerChanged, old, owner, "The incident was reassigned from %q to %q.", old, owner)
	}
	return nil
}

func (w *patching) tags() error {
	if w.p.Tags == nil {
		return nil
	}
	tags, err := cleanTags(*w.p.Tags)
	if err != nil || slices.Equal(tags, w.i.Tags) {
		return err
	}
	old := w.i.Tags
	w.i.Tags = tags
	w.log(TagsChanged, strings.Join(old, ", "), strings.Join(tags, ", "), "The tags were changed to %s.", orNone(strings.Join(tags, ", ")))
	return nil
}

// cleanTags sorts tags and drops repeats and empty ones.
func cleanTags(in []string) ([]string, error) {
	out := make([]string, 0, min(len(in), MaxTags))
	for _, t := range in {
		t, err := line("tags", t, MaxTag)
		if err != nil {
			return nil, err
		}
		if at, has := slices.BinarySearch(out, t); t != "" && !has {
			out = slices.Insert(out, at, t)
		}
		if len(out) > MaxTags {
			return nil, invalid("tags", "are more than %d", MaxTags)
		}
	}
	return out, nil
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func (w *patching) classification() error {
	if w.p.Classification == nil && w.p.Determination == nil {
		return nil
	}
	oldC, oldD := notSet(w.i.Classification), notSet(w.i.Determination)
	c, d, err := Classify(oldC, oldD, w.p.Classification, w.p.Determination)
	if err != nil || c == oldC && d == oldD {
		return err
	}
	w.i.Classification, w.i.Determination = c, d
	w.log(Classified, string(oldC)+", "+string(oldD), string(c)+", "+string(d), "The incident was classified as %s, %s.", c, d)
	return nil
}

func (w *patching) status() error {
	if w.p.Status == nil {
		return nil
	}
	to, ok := parseStatus(*w.p.Status)
	if !ok {
		return invalid("status", "%q is none of active, inProgress, resolved", plain(*w.p.Status, maxLabel))
	}
	from := w.i.Status
	if err := CanBecome(from, to, CausePatch); err != nil || from == to {
		return err
	}
	w.i.Status = to
	w.log(StatusChanged, string(from), string(to), "The status was changed from %s to %s.", from, to)
	if to != Resolved {
		w.i.ResolvedAt, w.i.ResolvingComment = time.Time{}, ""
		return nil
	}
	w.i.ResolvedAt = w.at
	w.carryToAlerts()
	return nil
}

func (w *patching) carryToAlerts() {
	resolved := string(alert.StatusResolved)
	w.out.AlertStatus = &resolved
	if w.i.Classification != alert.ClassificationUnknown {
		c, d := string(w.i.Classification), string(w.i.Determination)
		w.out.AlertClassification, w.out.AlertDetermination = &c, &d
	}
}

func parseStatus(s string) (Status, bool) {
	for _, known := range []Status{Active, InProgress, Resolved} {
		if strings.EqualFold(s, string(known)) {
			return known, true
		}
	}
	return "", false
}

func (w *patching) comments() error {
	if w.p.ResolvingComment != nil {
		note, err := CheckComment("resolvingComment", *w.p.ResolvingComment)
		if err != nil {
			return err
		}
		if w.i.Status != Resolved && note != "" {
			return invalid("resolvingComment", "belongs to a resolved incident; set the status to resolved")
		}
		if note != w.i.ResolvingComment {
			w.i.ResolvingComment = note
			w.out.Activities = append(w.out.Activities, commented(w.i.ID, w.at, w.by, note, "resolution"))
		}
	}
	if w.p.Comment == nil {
		return nil
	}
	text, err := CheckComment("comment", *w.p.Comment)
	if err != nil || text == "" {
		return err
	}
	w.out.Activities = append(w.out.Activities, commented(w.i.ID, w.at, w.by, text, ""))
	return nil
}

// CheckComment bounds a comment and makes its hidden characters visible; line
// ends and tabs stay.
func CheckComment(field, text string) (string, error) {
	if len(text) > 8*MaxComment {
		return "", invalid(field, "is longer than %d characters", MaxComment)
	}
	text = paragraphs(text)
	if utf8.RuneCountInString(text) > MaxComment {
		return "", invalid(field, "is longer than %d characters", MaxComment)
	}
	return text, nil
}

func commented(id correlate.IncidentID, at time.Time, by Actor, text, about string) Activity {
	a := Activity{Incident: id, At: at, Actor: by, Kind: Commented, Text: text}
	if about != "" {
		a.Details = map[string]any{"about": about}
	}
	return a
}

// Comment adds a comment to an incident, a resolved one too.
func Comment(i Incident, text string, at time.Time, by Actor) (Incident, Activity, error) {
	text, err := CheckComment("comment", text)
	switch {
	case err != nil:
		return i, Activity{}, err
	case text == "":
		return i, Activity{}, invalid("comment", "is empty")
	case i.Status == Redirected:
		return i, Activity{}, CanBecome(Redirected, Active, CausePatch)
	}
	i = i.Clone()
	i.touch(at, by)
	return i, commented(i.ID, at, by, text, ""), nil
}
