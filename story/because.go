package story

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
)

// Peer is an alert that a link rests on, as far as words need it.
type Peer struct {
	Title  string
	First  time.Time
	Last   time.Time
	Tactic alert.Tactic
}

// PeerOf is an alert as a peer of others.
func PeerOf(a Alert) Peer {
	return Peer{Title: a.Title, First: a.First, Last: a.Last, Tactic: firstTactic(a.Tactics)}
}

// Because says in two or three phrases why an alert is in its incident: which things
// it shares and how rare they are, how far in time from which alert, and which step
// of the attack it is. The alert that opened its incident gives none; one that opened
// an incident which was merged away says what tied the two together. peer tells of
// the alerts that the link names, as far as they are known.
//
// The phrases hold foreign names, bounded and with hidden characters visible.
func Because(a Alert, peer func(id string) (Peer, bool)) []string {
	l := a.Link
	switch {
	case l.Manual:
		return []string{"put here by a person"}
	case CameAlong(a.ID, l):
		return cameAlong(l, peer)
	}
	var out []string
	if shared := sharedPhrase(l.Entities); shared != "" {
		out = append(out, shared)
	} else {
		out = factPhrases(l)
	}
	if near := nearPhrase(l, a.First, a.Last, peer); near != "" {
		out = append(out, near)
	}
	if step := stepPhrase(l); step != "" {
		out = append(out, step)
	}
	return out
}

// CameAlong says that the link of an alert tells of another one, which tied its
// incident to this one. Of merges before links said so, a link names the alert itself.
func CameAlong(id string, l correlate.Link) bool {
	return l.Through != nil || slices.ContainsFunc(l.Alerts, func(p correlate.LinkedAlert) bool { return p.ID == id })
}

// cameAlong is "came with an incident that “Memory was dumped” (credential access)
// tied to this one" and what that alert shares with the other of the two.
func cameAlong(l correlate.Link, peer func(id string) (Peer, bool)) []string {
	out := []string{"came with an incident that was merged into this one"}
	if l.Through != nil {
		p, known := peer(l.Through.ID)
		if !known {
			p = Peer{Title: l.Through.Title}
		}
		if p.Title != "" {
			out[0] = "came with an incident that " + p.quoted() + " tied to this one"
		}
	}
	if shared := sharedPhrase(l.Entities); shared != "" {
		out = append(out, "by the "+shared)
	}
	return out
}

// Reason joins the phrases of Because to one sentence without its full stop.
func Reason(phrases []string) string {
	text := strings.Join(phrases, ", ")
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// maxShared is how many shared things a phrase names.
const maxShared = 2

// sharedPhrase is "same user amy@… (rare: in 3 of 20,000 alerts) and same device
// lm-01 (in 40 of 20,000 alerts)".
func sharedPhrase(all []correlate.SharedEntity) string {
	named := telling(all)
	phrases := make([]string, 0, len(named))
	for _, e := range named {
		phrases = append(phrases, "same "+sameNoun(e.Kind)+" "+nameOf(e.Kind, e.Label)+rarity(e))
	}
	out := listed(phrases)
	if more := len(all) - len(phrases); more > 0 {
		out += ", and " + number(more) + " more"
	}
	return out
}

// telling gives the shared things that a phrase names: of each kind the first.
func telling(all []correlate.SharedEntity) []correlate.SharedEntity {
	var out []correlate.SharedEntity
	var kinds []entity.Kind
	for _, e := range all {
		if len(out) < maxShared && !slices.Contains(kinds, e.Kind) && !twin(kinds, e.Kind) {
			kinds = append(kinds, e.Kind)
			out = append(out, e)
		}
	}
	return out
}

// twin says that a process adds nothing to its file, nor a file to its process.
func twin(kinds []entity.Kind, k entity.Kind) bool {
	return k == entity.File && slices.Contains(kinds, entity.Process) || k == entity.Process && slices.Contains(kinds, entity.File)
}

func sameNoun(k entity.Kind) string {
	if k == entity.User {
		return "user"
	}
	return nounOf(k)
}

// nameOf is thing.name for what is not a thing of the incident.
func nameOf(k entity.Kind, label string) string {
	t := thing{Entity: Entity{Kind: k, Label: label}}
	return t.name()
}

// Bounds of the words "rare" and "common": in one of 200 alerts at most, in one
// of 20 at least. What is in a handful is rare in any number. Before there are
// so many alerts, neither can be said.
const (
	rareOf   = 200
	commonOf = 20
	handful  = 3
	tellable = 100
)

// rarity is " (rare: in 3 of 20,000 alerts)".
func rarity(e correlate.SharedEntity) string {
	if e.Total <= 0 {
		return ""
	}
	word := ""
	switch {
	case e.Total < tellable:
	case e.Alerts <= handful || e.Alerts*rareOf <= e.Total:
		word = "rare: "
	case e.Alerts*commonOf >= e.Total:
		word = "common: "
	}
	return " (" + word + "in " + number(e.Alerts) + " of " + number(e.Total) + " alerts)"
}

// factPhrases are the facts that speak for the link where nothing is shared.
func factPhrases(l correlate.Link) []string {
	var out []string
	for _, f := range l.Facts {
		text := visible(f.Text, maxWhy)
		repeat := f.Weight == 0 && len(l.Facts) == 1
		if (f.Weight > 0 || repeat) && text != "" && !slices.Contains(out, text) && len(out) < maxShared {
			out = append(out, text)
		}
	}
	return out
}

// nearPhrase is "14 minutes after “Memory was dumped” (credential access)". Of an
// alert that is not known any more it names the title only: the gap of the link is
// not to its activity, but to that of what both share.
func nearPhrase(l correlate.Link, first, last time.Time, peer func(id string) (Peer, bool)) string {
	if len(l.Alerts) == 0 {
		return ""
	}
	p, known := peer(l.Alerts[0].ID)
	if !known {
		return "linked to " + quoted(l.Alerts[0].Title, maxQuote)
	}
	return when(first, last, p) + " " + p.quoted()
}

// quoted is “Memory was dumped” (credential access).
func (p Peer) quoted() string {
	out := quoted(p.Title, maxQuote)
	if p.Tactic.Name() != "" {
		out += " (" + strings.ToLower(p.Tactic.Name()) + ")"
	}
	return out
}

// when says how the activity of an alert lies to that of another. Where that has a
// length it is named from which end of it the time counts.
func when(first, last time.Time, p Peer) string {
	switch {
	case first.After(p.Last) && p.Last.After(p.First):
		return span(first.Sub(p.Last)) + " after the end of"
	case first.After(p.Last):
		return span(first.Sub(p.Last)) + " after"
	case last.Before(p.First) && last.After(first):
		return "ended " + span(p.First.Sub(last)) + " before"
	case last.Before(p.First):
		return span(p.First.Sub(last)) + " before"
	}
	return "active at the same time as"
}

// span is lasting with seconds where they matter.
func span(d time.Duration) string {
	switch s := int(d.Round(time.Second) / time.Second); {
	case s < 1:
		return "less than a second"
	case s < 120:
		return counted(s, "second", "seconds")
	}
	return lasting(d)
}

// stepPhrase says that the attack went on from one tactic to a later one.
func stepPhrase(l correlate.Link) string {
	from, known := alert.ParseTactic(l.TacticFrom)
	to, named := alert.ParseTactic(l.TacticTo)
	if !known || !named || to.Order() <= from.Order() {
		return ""
	}
	return "a later step: from " + strings.ToLower(from.Name()) + " to " + strings.ToLower(to.Name())
}
