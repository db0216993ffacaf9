package story

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/entity"
)

// gains are the tactics that tell what an attacker obtained or did.
var gains = []struct {
	tactic alert.Tactic
	words  string
}{
	{alert.TacticCredentialAccess, "access to credentials"},
	{alert.TacticCollection, "data collected"},
	{alert.TacticExfiltration, "data sent out"},
	{alert.TacticImpact, "damage"},
}

// obtained tells what the alerts report as gained, without what was stopped.
func (t *teller) obtained() {
	var parts []string
	var proof, things []int32
	for _, g := range gains {
		var alerts []int32
		best := -1
		for i, it := range t.items {
			if !t.hasTactic(it.alerts[0], g.tactic) || it.rank < 2 || t.wasStopped(i) {
				continue
			}
			alerts = append(alerts, it.alerts...)
			if best < 0 || it.rank > t.items[best].rank {
				best = i
			}
		}
		if best < 0 {
			continue
		}
		such := ""
		if len(alerts) > 1 {
			such = "such as "
		}
		parts = append(parts, fmt.Sprintf("%s (%s, %s%s%s)", g.words, counted(len(alerts), "alert", "alerts"), such, t.title(best), t.place([]int{best})))
		proof = append(proof, alerts...)
		if m := t.web.main[best]; m >= 0 {
			things = append(things, m)
		}
	}
	if len(parts) > 0 {
		t.say("obtained", "What the attacker may have gained or done: "+listed(parts)+".", proof, things)
	}
}

func (t *teller) hasTactic(i int32, want alert.Tactic) bool {
	return slices.ContainsFunc(t.alerts[i].Tactics, func(name string) bool {
		got, ok := alert.ParseTactic(name)
		return ok && got == want
	})
}

func (t *teller) wasStopped(i int) bool {
	f := t.web.byItem[i]
	return f != nil && len(f.stopped) > 0
}

func (t *teller) title(i int) string {
	return quoted(t.alerts[t.items[i].alerts[0]].Title, maxQuote)
}

// place says where items were, by the assets that they are about.
func (t *teller) place(items []int) string {
	var at []int32
	one := true
	for _, i := range items {
		if m := t.web.main[i]; m >= 0 {
			at = append(at, m)
			one = one && t.things[m].Kind == t.things[at[0]].Kind
		}
	}
	at = distinct(at)
	switch {
	case len(at) == 0:
		return ""
	case len(at) == 1:
		th := &t.things[at[0]]
		return " " + preposition(th.Kind) + " " + nounOf(th.Kind) + " " + th.name()
	case one:
		kind := t.things[at[0]].Kind
		return " " + preposition(kind) + " " + countedKind(len(at), kind)
	}
	return " on " + counted(len(at), "entity", "entities")
}

func preposition(k entity.Kind) string {
	switch k {
	case entity.Device, entity.CloudResource, entity.IP:
		return "on"
	case entity.User:
		return "for"
	case entity.Mailbox, entity.App, entity.Container:
		return "in"
	}
	return "with"
}

// state tells what was stopped and what is still open.
func (t *teller) state() {
	stopped, things := t.stoppedAlerts()
	var parts []string
	proof := slices.Clone(stopped)
	if len(stopped) > 0 {
		parts = append(parts, fmt.Sprintf("In %s a product reports to have blocked or removed something (%s)", counted(len(stopped), "alert", "alerts"), t.kindly(things, 3)))
	}
	if loose, of := t.loose(); len(loose) > 0 {
		text := fmt.Sprintf("for %s of %s rated malicious no alert reports that", number(len(loose)), counted(of, "trace", "traces"))
		if of == 1 {
			text = "for the one trace rated malicious no alert reports that"
		}
		parts = append(parts, text)
		if len(stopped) == 0 {
			parts[0] = strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], "that") + "that it was stopped"
		}
		for _, i := range loose {
			proof = append(proof, t.things[i].alerts...)
		}
		things = append(things, loose...)
	}
	open := t.open()
	proof = append(proof, open...)
	switch {
	case len(open) == 0:
		parts = append(parts, allResolved(t.total))
		proof = append(proof, t.everyAlert()...)
	case t.total == 1:
		parts = append(parts, "the alert is still open")
	case len(open) == len(t.alerts):
		parts = append(parts, "all "+counted(len(open), "alert", "alerts")+" are still open")
	default:
		parts = append(parts, fmt.Sprintf("%s of %s %s still open", number(len(open)), counted(len(t.alerts), "alert", "alerts"), isAre(len(open))))
	}
	text := strings.Join(parts, "; ")
	t.say("state", strings.ToUpper(text[:1])+text[1:]+".", proof, things)
}

func allResolved(n int) string {
	if n == 1 {
		return "the alert is resolved"
	}
	return "all alerts are resolved"
}

func (t *teller) stoppedAlerts() (alerts, things []int32) {
	for i := range t.items {
		f := t.web.byItem[i]
		if f == nil || len(f.stopped) == 0 {
			continue
		}
		alerts = append(alerts, t.items[i].alerts...)
		things = append(things, f.stopped...)
	}
	return alerts, distinct(things)
}

// loose lists the malicious traces that nothing is reported to have stopped,
// and how many malicious traces there are.
func (t *teller) loose() (out []int32, of int) {
	stopped := t.web.stoppedThings()
	for i := range t.things {
		if th := &t.things[i]; th.verdict == alert.VerdictMalicious && !th.Kind.Asset() {
			of++
			if !stopped[int32(i)] {
				out = append(out, int32(i))
			}
		}
	}
	return out, of
}

func (t *teller) open() []int32 {
	var out []int32
	for i := range t.alerts {
		if t.alerts[i].Status != string(alert.StatusResolved) {
			out = append(out, int32(i))
		}
	}
	return out
}

// steps tells the stages of the kill chain in order of time.
func (t *teller) steps() []Sentence {
	t.out = []Sentence{}
	stages := t.killChain()
	slices.SortStableFunc(stages, func(a, b Stage) int { return cmp.Or(a.First.Compare(b.First), a.Last.Compare(b.Last)) })
	for _, s := range stages {
		t.stage(s)
	}
	return t.out
}

func (t *teller) stage(s Stage) {
	var items []int
	var alerts, things []int32
	for i, it := range t.items {
		if !t.inStage(it, s) {
			continue
		}
		items = append(items, i)
		alerts = append(alerts, it.alerts...)
		if m := t.web.main[i]; m >= 0 {
			things = append(things, m)
		}
	}
	text := fmt.Sprintf("%s, %s (%s): %s.", s.Name, period(s), counted(len(alerts), "alert", "alerts"), someOf(t.kindsOfAlert(items), 5))
	t.say("stage", text, alerts, distinct(things))
}

func (t *teller) inStage(it item, s Stage) bool {
	if s.Tactic == "" {
		return it.tactic == ""
	}
	return t.hasTactic(it.alerts[0], alert.Tactic(s.Tactic))
}

func period(s Stage) string {
	from, to := s.First.UTC(), s.Last.UTC()
	switch {
	case to.Sub(from) < 60e9:
		return instant(from)
	case from.YearDay() == to.YearDay() && from.Year() == to.Year():
		return from.Format("2 Jan 2006 15:04") + " to " + to.Format("15:04 UTC")
	}
	return from.Format("2 Jan 2006 15:04") + " to " + to.Format("2 Jan 15:04 UTC")
}

// kindsOfAlert describes items by title, the most severe and earliest first:
// how often and where.
func (t *teller) kindsOfAlert(items []int) []string {
	groups := map[string][]int{}
	var order []string
	for _, i := range items {
		title := t.title(i)
		if groups[title] == nil {
			order = append(order, title)
		}
		groups[title] = append(groups[title], i)
	}
	rank := func(title string) int {
		worst := 0
		for _, i := range groups[title] {
			worst = max(worst, t.items[i].rank)
		}
		return worst
	}
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(rank(b), rank(a)) })
	out := make([]string, 0, len(order))
	for _, title := range order {
		n := 0
		for _, i := range groups[title] {
			n += len(t.items[i].alerts)
		}
		text := title + t.place(groups[title])
		if n > 1 {
			text = number(n) + " × " + text
		}
		out = append(out, strings.TrimSpace(text))
	}
	return out
}
