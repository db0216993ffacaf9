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
	{alert.TacticCredentialAccess, "credentials attacked or taken"},
	{alert.TacticCollection, "data collected"},
	{alert.TacticExfiltration, "data sent out"},
	{alert.TacticImpact, "damage"},
}

// obtained tells what the alerts report as gained, without what was stopped.
func (t *teller) obtained() {
	var parts []string
	var proof, things []int32
	for _, g := range gains {
		var items []int
		var alerts []int32
		for i, it := range t.items {
			if t.hasTactic(it.alerts[0], g.tactic) && it.rank > 1 && !t.wasStopped(i) {
				items = append(items, i)
				alerts = append(alerts, it.alerts...)
			}
		}
		if len(items) == 0 {
			continue
		}
		titles := t.byTitle(items)
		example := quoted(titles[0].title, maxQuote) + t.place(titles[0].items)
		switch {
		case len(titles) > 1:
			example = "such as " + t.titled(titles[0])
		case len(alerts) > 1:
			example = "all " + example
		}
		parts = append(parts, fmt.Sprintf("%s (%s, %s)", g.words, counted(len(alerts), "alert", "alerts"), example))
		proof = append(proof, alerts...)
		for _, i := range titles[0].items {
			if m := t.web.main[i]; m >= 0 {
				things = append(things, m)
			}
		}
	}
	if len(parts) > 0 {
		t.say("obtained", "What the attacker may have gained or done: "+listed(parts)+".", proof, things)
	}
}

func (t *teller) hasTactic(i int32, want alert.Tactic) bool {
	return t.stages[i]&(1<<want.Order()) != 0
}

func (t *teller) wasStopped(i int) bool {
	f := t.web.byItem[i]
	return f != nil && len(f.stopped) > 0
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
	case entity.Device, entity.CloudResource:
		return "on"
	case entity.User:
		return "for"
	case entity.Mailbox, entity.App, entity.Container:
		return "in"
	case entity.IP:
		return "at"
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
		parts = append(parts, looseWords(len(loose), of))
		for _, i := range loose {
			proof = append(proof, t.things[i].alerts...)
		}
		things = append(things, loose...)
	}
	open := t.open()
	proof = append(proof, open...)
	switch {
	case len(open) == 0:
		parts = append(parts, allResolved(t.total, t.read()))
		proof = append(proof, t.everyAlert()...)
	case t.total == 1:
		parts = append(parts, "the alert is still open")
	case len(open) == len(t.alerts) && len(open) > 1:
		parts = append(parts, "all "+counted(len(open), "alert", "alerts")+t.read()+" are still open")
	default:
		parts = append(parts, fmt.Sprintf("%s of %s%s %s still open", number(len(open)), counted(len(t.alerts), "alert", "alerts"), t.read(), isAre(len(open))))
	}
	text := strings.Join(parts, "; ")
	t.say("state", strings.ToUpper(text[:1])+text[1:]+".", proof, things)
}

// read limits a statement to the alerts at hand where these are not all.
func (t *teller) read() string {
	if t.total > len(t.alerts) {
		return " read here"
	}
	return ""
}

func looseWords(n, of int) string {
	switch {
	case of == 1:
		return "no alert reports that the trace rated malicious was stopped"
	case n == of:
		return "no alert reports that any of the " + counted(of, "trace", "traces") + " rated malicious was stopped"
	}
	return fmt.Sprintf("for %s of the %s rated malicious no alert reports that", number(n), counted(of, "trace", "traces"))
}

func allResolved(n int, read string) string {
	if n == 1 {
		return "the alert is resolved"
	}
	return "all alerts" + read + " are resolved"
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
	text := fmt.Sprintf("%s, %s (%s): %s.", s.Name, period(s), counted(len(alerts), "alert", "alerts"), t.kindsOfAlert(items))
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

// titleGroup is the items of one title.
type titleGroup struct {
	title  string
	items  []int
	alerts int
	rank   int
}

// byTitle groups items by title: the most severe first, then the most frequent,
// then the latest, since that is nearest to what came of it.
func (t *teller) byTitle(items []int) []titleGroup {
	at := map[string]int{}
	var out []titleGroup
	for _, i := range items {
		raw := t.alerts[t.items[i].alerts[0]].Title
		g, ok := at[raw]
		if !ok {
			g = len(out)
			at[raw] = g
			out = append(out, titleGroup{title: raw})
		}
		out[g].items = append(out[g].items, i)
		out[g].alerts += len(t.items[i].alerts)
		out[g].rank = max(out[g].rank, t.items[i].rank)
	}
	slices.SortStableFunc(out, func(a, b titleGroup) int {
		return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(b.alerts, a.alerts), cmp.Compare(b.items[0], a.items[0]))
	})
	return out
}

func (t *teller) titled(g titleGroup) string {
	text := quoted(g.title, maxQuote) + t.place(g.items)
	if g.alerts > 1 {
		text = number(g.alerts) + " × " + text
	}
	return text
}

// kindsOfAlert describes items by title: how often and where. At most five
// titles are written out.
func (t *teller) kindsOfAlert(items []int) string {
	groups := t.byTitle(items)
	shown := len(groups)
	if shown > 5 {
		shown = 4
	}
	out := make([]string, 0, shown+1)
	for _, g := range groups[:shown] {
		out = append(out, t.titled(g))
	}
	if more := len(groups) - shown; more > 0 {
		out = append(out, counted(more, "other kind of alert", "other kinds of alert"))
	}
	return listed(out)
}
