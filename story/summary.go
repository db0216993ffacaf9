package story

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/entity"
)

// teller makes sentences. Each one is a template over counted facts; what can't
// be proven by an alert is not said.
type teller struct {
	*reading
	web *web
	out []Sentence
}

// say adds a sentence with its proof. Without an alert it is not said.
func (t *teller) say(topic, text string, alerts, things []int32) {
	if text == "" || len(alerts) == 0 {
		return
	}
	alerts = slices.Compact(slices.Sorted(slices.Values(alerts)))
	s := Sentence{Topic: topic, Text: text, Alerts: t.ids(alerts, t.lim.Proofs), AlertCount: len(alerts), Entities: []entity.ID{}}
	for _, th := range things {
		if id := t.things[th].ID; len(s.Entities) < t.lim.Proofs && !slices.Contains(s.Entities, id) {
			s.Entities = append(s.Entities, id)
		}
	}
	t.out = append(t.out, s)
}

// summary answers in about five sentences: how much, how it began, with what,
// how far, what was hit and lost, what is open.
func (t *teller) summary() []Sentence {
	t.out = []Sentence{}
	if len(t.alerts) == 0 {
		return t.out
	}
	if t.total > 1 {
		t.overview()
	}
	t.began()
	t.used()
	t.spread()
	t.hit()
	t.obtained()
	t.state()
	return t.out
}

func (t *teller) everyAlert() []int32 {
	out := make([]int32, len(t.alerts))
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

func (t *teller) overview() {
	products, worst := []string{}, 0
	for i := range t.alerts {
		if p := t.alerts[i].Product; p != "" && !slices.Contains(products, p) && len(products) < 1000 {
			products = append(products, p)
		}
		worst = max(worst, severityRank(t.alerts[i].Severity))
	}
	text := counted(t.total, "alert", "alerts")
	for i, p := range products {
		products[i] = productName(p)
	}
	switch {
	case len(products) == 1:
		text += " from " + products[0]
	case len(products) > 1:
		text += " from " + counted(len(products), "product", "products") + " (" + someOf(products, 4) + ")"
	}
	text += " " + t.span()
	if stages := t.chain(); stages != "" {
		text += ", " + stages
	}
	if w := severityWords[worst]; w != "" {
		text += "; the highest severity is " + w
	}
	if t.total > len(t.alerts) {
		text += fmt.Sprintf(". This account rests on %s of them", number(len(t.alerts)))
	}
	t.say("overview", text+".", t.everyAlert(), nil)
}

var severityWords = [5]string{1: "informational", 2: "low", 3: "medium", 4: "high"}

func (t *teller) span() string {
	first, last := t.alerts[0].First, t.alerts[0].Last
	for i := range t.alerts {
		if l := t.alerts[i].Last; l.After(last) {
			last = l
		}
	}
	if last.Sub(first) < time.Minute {
		return "tell of one moment"
	}
	return "tell of " + lasting(last.Sub(first)) + " of activity"
}

// chain names the first and the last step along the kill chain.
func (t *teller) chain() string {
	var order []alert.Tactic
	for _, it := range t.items {
		if it.tactic != "" && !slices.Contains(order, it.tactic) {
			order = append(order, it.tactic)
		}
	}
	slices.SortFunc(order, func(a, b alert.Tactic) int { return a.Order() - b.Order() })
	switch len(order) {
	case 0:
		return ""
	case 1:
		return "all of it " + strings.ToLower(order[0].Name())
	}
	return fmt.Sprintf("in %d stages from %s to %s", len(order), strings.ToLower(order[0].Name()), strings.ToLower(order[len(order)-1].Name()))
}

// productName is the name of a product inside a sentence: foreign, so bounded,
// and quoted when it is no plain name.
func productName(p string) string {
	p = visible(p, maxName)
	for _, c := range p {
		if !(c == ' ' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			return quoted(p, maxName)
		}
	}
	if words := strings.Fields(p); len(words) > 6 {
		return quoted(p, maxName)
	}
	return p
}

// began tells of the first alert that is more than information.
func (t *teller) began() {
	at := 0
	for i, it := range t.items {
		if it.rank > 1 && t.total == len(t.alerts) {
			at = i
			break
		}
	}
	it := &t.items[at]
	first := it.alerts[0]
	a := &t.alerts[first]
	text := "It began on " + instant(a.First) + " with " + quoted(a.Title, maxQuote)
	switch {
	case t.total > len(t.alerts):
		text = "The earliest of these is of " + instant(a.First) + ": " + quoted(a.Title, maxQuote)
	case t.total == 1:
		text = "On " + instant(a.First) + " there was " + quoted(a.Title, maxQuote)
	}
	if a.Product != "" {
		text += ", reported by " + productName(a.Product)
	}
	assets, traces := t.castOf(first)
	if len(assets) > 0 {
		text += "; it concerns " + t.kindly(assets, 3)
	}
	if len(traces) > 0 {
		text += "; rated hostile or suspicious: " + t.kindly(traces, 2)
	}
	t.say("began", text+".", it.alerts[:1], append(assets, traces...))
}

// castOf splits what an alert names into assets and attackers' traces.
func (t *teller) castOf(i int32) (assets, traces []int32) {
	for _, m := range t.mentions[i] {
		switch {
		case m.kind.Asset() && !m.has(alert.RoleAttacker, alert.RoleContextual):
			if !slices.Contains(assets, m.thing) {
				assets = append(assets, m.thing)
			}
		case m.has(alert.RoleAttacker, alert.RoleCommandAndControl) || verdictRank(m.verdict) >= 3:
			if !slices.Contains(traces, m.thing) && !m.kind.Asset() {
				traces = append(traces, m.thing)
			}
		}
	}
	return assets, traces
}

// named lists the names of things: at most n, then how many more there are.
func (t *teller) named(things []int32, n int) string {
	return t.listing(things, n, func(th *thing) string { return th.name() })
}

// kindly is named with the kind in front of each name.
func (t *teller) kindly(things []int32, n int) string {
	return t.listing(things, n, func(th *thing) string { return nounOf(th.Kind) + " " + th.name() })
}

// maxCompared is how many things are looked at for equal names.
const maxCompared = 500

// listing writes things with one name only once.
func (t *teller) listing(things []int32, n int, text func(*thing) string) string {
	count, order := map[string]int{}, []string{}
	for _, i := range things[:min(len(things), maxCompared)] {
		name := text(&t.things[i])
		if count[name]++; count[name] == 1 {
			order = append(order, name)
		}
	}
	shown := len(order)
	if shown > n || len(things) > maxCompared && shown >= n {
		shown = n - 1
	}
	rest := len(things)
	out := make([]string, 0, shown+1)
	for _, name := range order[:shown] {
		rest -= count[name]
		if count[name] > 1 {
			name = number(count[name]) + " × " + name
		}
		out = append(out, name)
	}
	if rest > 0 {
		out = append(out, number(rest)+" more")
	}
	return listed(out)
}

// used names the tools: malware, then what is rated malicious or plays the
// attacker.
func (t *teller) used() {
	var parts []string
	var proof, shown []int32
	if names, alerts := t.families(); len(names) > 0 {
		parts = append(parts, "malware "+someOf(names, 3))
		proof = append(proof, alerts...)
	}
	for _, k := range []struct {
		kind entity.Kind
		most int
	}{{entity.File, 4}, {entity.Process, 3}, {entity.Mail, 3}, {entity.URL, 2}, {entity.Domain, 2}, {entity.IP, 4}, {entity.App, 2}} {
		tools := t.tools(k.kind)
		if len(tools) == 0 || k.kind == entity.Process && len(t.tools(entity.File)) > 0 {
			continue
		}
		one, many := nouns[k.kind][0], nouns[k.kind][1]
		part := one + " " + t.named(tools, k.most)
		if len(tools) > 1 {
			part = counted(len(tools), one, many) + " (" + t.named(tools, k.most) + ")"
		}
		parts = append(parts, part)
		for _, i := range tools {
			proof = append(proof, t.things[i].alerts...)
		}
		shown = append(shown, tools...)
	}
	if len(parts) > 0 {
		t.say("used", "Tools and traces of it: "+listed(parts)+".", proof, shown)
	}
}

func (t *teller) families() (names []string, alerts []int32) {
	for i := range t.items {
		f := t.web.byItem[i]
		if f == nil || f.family == "" {
			continue
		}
		alerts = append(alerts, t.items[i].alerts...)
		if q := quoted(f.family, maxName); !slices.Contains(names, q) {
			names = append(names, q)
		}
	}
	return names, alerts
}

// tools lists the things of a kind that are the attacker's, most telling first.
func (t *teller) tools(kind entity.Kind) []int32 {
	var out []int32
	for i := range t.things {
		th := &t.things[i]
		if th.Kind != kind || kind.Asset() && th.impacted {
			continue
		}
		hostile := slices.Contains(th.roles, string(alert.RoleAttacker)) || slices.Contains(th.roles, string(alert.RoleCommandAndControl))
		if th.verdict == alert.VerdictMalicious || hostile || th.verdict == alert.VerdictSuspicious && kind == entity.Mail {
			out = append(out, int32(i))
		}
	}
	slices.SortStableFunc(out, func(a, b int32) int {
		x, y := &t.things[a], &t.things[b]
		return cmp.Or(cmp.Compare(verdictRank(y.verdict), verdictRank(x.verdict)), cmp.Compare(len(y.alerts), len(x.alerts)))
	})
	return out
}

// spread tells of movement between devices, else of the growing number of
// assets.
func (t *teller) spread() {
	if t.moved() {
		return
	}
	for _, kind := range []entity.Kind{entity.Device, entity.User, entity.Mailbox, entity.CloudResource} {
		hit := t.hitOf(kind)
		if len(hit) < 2 {
			continue
		}
		first, last := &t.things[hit[0]], &t.things[hit[len(hit)-1]]
		var proof []int32
		for _, i := range hit {
			proof = append(proof, t.things[i].alerts[0])
		}
		took := last.first.Sub(first.first)
		text := fmt.Sprintf("It touched %s at once", countedKind(len(hit), kind))
		if took >= time.Minute {
			text = fmt.Sprintf("It touched %s within %s, first %s and last %s", countedKind(len(hit), kind), lasting(took), first.name(), last.name())
		}
		t.say("spread", text+".", proof, hit)
		return
	}
}

func (t *teller) moved() bool {
	var from, to, proof []int32
	for _, e := range t.web.sortedTies() {
		if e.verb == Moved {
			from, to = append(from, e.from), append(to, e.to)
			proof = append(proof, t.web.ties[e].alerts...)
		}
	}
	from, to = distinct(from), distinct(to)
	if len(proof) == 0 {
		return false
	}
	text := fmt.Sprintf("From %s it moved on to %s: %s.", t.named(from, 3), countedKind(len(to), entity.Device), t.named(to, 5))
	if len(to) == 1 {
		text = fmt.Sprintf("From %s it moved on to device %s.", t.named(from, 3), t.things[to[0]].name())
	}
	t.say("spread", text, proof, append(from, to...))
	return true
}

// hitOf lists the impacted things of a kind by first sight.
func (t *teller) hitOf(kind entity.Kind) []int32 {
	var out []int32
	for i := range t.things {
		if th := &t.things[i]; th.Kind == kind && th.impacted {
			out = append(out, int32(i))
		}
	}
	slices.SortStableFunc(out, func(a, b int32) int { return t.things[a].first.Compare(t.things[b].first) })
	return out
}

func (t *teller) hit() {
	var parts []string
	var proof, all []int32
	critical := 0
	for _, kind := range []entity.Kind{entity.Device, entity.User, entity.Mailbox, entity.App, entity.CloudResource} {
		hit := t.hitOf(kind)
		if len(hit) == 0 {
			continue
		}
		names := t.named(t.worstFirst(hit), 4) + t.takenOver(hit)
		if len(hit) == 1 {
			parts = append(parts, nounOf(kind)+" "+names)
		} else {
			parts = append(parts, countedKind(len(hit), kind)+" ("+names+")")
		}
		for _, i := range hit {
			proof = append(proof, t.things[i].alerts...)
			if t.things[i].Critical {
				critical++
			}
		}
		all = append(all, hit...)
	}
	if len(parts) == 0 {
		return
	}
	text := "Impacted: " + listed(parts)
	switch {
	case critical > 0 && len(all) == 1:
		text += ", marked as critical"
	case critical > 0:
		text += fmt.Sprintf("; %s of these %s marked as critical", number(critical), isAre(critical))
	}
	t.say("hit", text+".", proof, all)
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// takenOver says of how many of several things an alert says that they are
// compromised and not only attacked.
func (t *teller) takenOver(things []int32) string {
	n := 0
	for _, i := range things {
		n += rankBool(t.compromised(i))
	}
	switch {
	case n == 0 || len(things) == 1:
		return ""
	case n == len(things):
		return "; all reported as compromised"
	}
	return "; " + number(n) + " reported as compromised"
}

func (t *teller) compromised(i int32) bool {
	return slices.Contains(t.things[i].roles, string(alert.RoleCompromised))
}

// worstFirst puts the critical before the others and the compromised before
// the attacked.
func (t *teller) worstFirst(things []int32) []int32 {
	out := slices.Clone(things)
	rank := func(i int32) int { return 2*rankBool(t.things[i].Critical) + rankBool(t.compromised(i)) }
	slices.SortStableFunc(out, func(a, b int32) int { return cmp.Compare(rank(b), rank(a)) })
	return out
}

func rankBool(b bool) int {
	if b {
		return 1
	}
	return 0
}

// distinct drops repeats and keeps the order.
func distinct(in []int32) []int32 {
	seen := make(map[int32]bool, len(in))
	out := in[:0]
	for _, x := range in {
		if !seen[x] {
			seen[x] = true
			out = append(out, x)
		}
	}
	return out
}
