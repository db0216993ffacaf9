package story

import (
	"cmp"
	"encoding/binary"
	"slices"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/entity"
)

// reading is the input in order: alerts by time, entities numbered by first
// sight, repeats folded. Alerts, things and items are named by their index.
type reading struct {
	Input
	lim      Limits
	total    int
	alerts   []Alert
	mentions [][]mention // by alert
	things   []thing
	items    []item
}

// thing is an entity with what all alerts say about it.
type thing struct {
	Entity
	impacted bool
	verdict  alert.Verdict
	roles    []string
	first    time.Time
	last     time.Time
	alerts   []int32 // ascending
}

// mention is a Mention with its entity's index.
type mention struct {
	thing    int32
	kind     entity.Kind
	roles    []string
	verdict  alert.Verdict
	impacted bool
	evidence int
}

func (m mention) has(roles ...alert.Role) bool {
	for _, r := range roles {
		if slices.Contains(m.roles, string(r)) {
			return true
		}
	}
	return false
}

// item is a line of the timeline: alerts of one rule with the same things.
type item struct {
	alerts []int32 // by time; the first one stands for all
	tactic alert.Tactic
	rank   int // of the severity
}

// foldWithin is the longest pause between two alerts of one item.
const foldWithin = 24 * time.Hour

func read(in Input) *reading {
	r := &reading{Input: in, lim: in.Limits.orDefaults()}
	byID := r.order()
	r.total = max(in.Total, len(r.alerts))
	r.attach(byID)
	r.fold()
	return r
}

// order sorts the alerts and gives their places by id.
func (r *reading) order() map[string]int32 {
	byID := make(map[string]int32, len(r.Alerts))
	for _, a := range r.Alerts {
		if _, twice := byID[a.ID]; twice {
			continue
		}
		byID[a.ID] = 0
		if a.Last.Before(a.First) {
			a.Last = a.First
		}
		r.alerts = append(r.alerts, a)
	}
	slices.SortStableFunc(r.alerts, func(a, b Alert) int {
		return cmp.Or(a.First.Compare(b.First), a.Last.Compare(b.Last), cmp.Compare(a.ID, b.ID))
	})
	for i, a := range r.alerts {
		byID[a.ID] = int32(i)
	}
	return byID
}

// attach hangs the mentions on their alerts and gathers the things.
func (r *reading) attach(byID map[string]int32) {
	known := make(map[entity.ID]Entity, len(r.Entities))
	for _, e := range r.Entities {
		known[e.ID] = e
	}
	rows := make([][]Mention, len(r.alerts))
	for _, m := range r.Mentions {
		if i, ok := byID[m.Alert]; ok {
			rows[i] = append(rows[i], m)
		}
	}
	places := make(map[entity.ID]int32, len(known))
	r.mentions = make([][]mention, len(r.alerts))
	for i, of := range rows {
		slices.SortStableFunc(of, compareMentions)
		r.mentions[i] = make([]mention, 0, len(of))
		for _, m := range of {
			at, ok := places[m.Entity]
			if !ok {
				at = int32(len(r.things))
				places[m.Entity] = at
				r.things = append(r.things, newThing(m, known))
			}
			r.mentions[i] = append(r.mentions[i], mention{at, r.things[at].Kind, m.Roles, alert.Verdict(m.Verdict), m.Impacted, m.Evidence})
			r.things[at].saw(int32(i), &r.alerts[i], m)
		}
	}
}

// compareMentions puts what stands outside of other items first.
func compareMentions(a, b Mention) int {
	if c := cmp.Or(cmp.Compare(uint(a.Evidence), uint(b.Evidence)), cmp.Compare(a.Entity, b.Entity)); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Verdict, b.Verdict), slices.Compare(a.Roles, b.Roles), cmp.Compare(rankBool(a.Impacted), rankBool(b.Impacted)))
}

func newThing(m Mention, known map[entity.ID]Entity) thing {
	e, ok := known[m.Entity]
	if !ok {
		e = Entity{ID: m.Entity, Kind: m.Kind}
	}
	if _, known := nouns[e.Kind]; !known {
		e.Kind = entity.Other
	}
	return thing{Entity: e}
}

func (t *thing) saw(i int32, a *Alert, m Mention) {
	if n := len(t.alerts); n == 0 || t.alerts[n-1] != i {
		t.alerts = append(t.alerts, i)
	}
	if t.first.IsZero() || a.First.Before(t.first) {
		t.first = a.First
	}
	if a.Last.After(t.last) {
		t.last = a.Last
	}
	t.impacted = t.impacted || m.Impacted
	if verdictRank(alert.Verdict(m.Verdict)) > verdictRank(t.verdict) {
		t.verdict = alert.Verdict(m.Verdict)
	}
	for _, role := range m.Roles {
		if len(t.roles) < 16 && !slices.Contains(t.roles, role) {
			t.roles = append(t.roles, role)
		}
	}
}

func verdictRank(v alert.Verdict) int {
	switch v {
	case alert.VerdictMalicious:
		return 4
	case alert.VerdictSuspicious:
		return 3
	case alert.VerdictNoThreatsFound:
		return 2
	case alert.VerdictUnknown:
		return 1
	}
	return 0
}

// fold makes the items, in order of first activity.
func (r *reading) fold() {
	open := map[string]int{}
	for i := range r.alerts {
		a := &r.alerts[i]
		key := r.foldKey(i)
		if at, ok := open[key]; ok {
			it := &r.items[at]
			before := r.alerts[it.alerts[len(it.alerts)-1]]
			if a.First.Sub(before.Last) <= foldWithin {
				it.alerts = append(it.alerts, int32(i))
				it.rank = max(it.rank, severityRank(a.Severity))
				continue
			}
		}
		open[key] = len(r.items)
		r.items = append(r.items, item{alerts: []int32{int32(i)}, tactic: tacticOf(a), rank: severityRank(a.Severity)})
	}
}

// foldKey is equal for alerts that say the same: one rule, one title, the same
// steps and things. Alerts that mention nothing are only folded with their like.
func (r *reading) foldKey(i int) string {
	a := &r.alerts[i]
	ids := make([]int32, 0, len(r.mentions[i]))
	for _, m := range r.mentions[i] {
		ids = append(ids, m.thing)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	key := make([]byte, 0, len(a.Rule)+len(a.Title)+len(a.Product)+4*len(ids)+8)
	for _, s := range append([]string{a.Rule, a.Title, a.Product}, a.Tactics...) {
		key = binary.AppendUvarint(key, uint64(len(s)))
		key = append(key, s...)
	}
	for _, id := range ids {
		key = binary.AppendUvarint(key, uint64(id))
	}
	return string(key)
}

func severityRank(s string) int { return alert.Severity(s).Rank() }

// tacticOf is the first of the alert's tactics in kill-chain order, or "".
func tacticOf(a *Alert) alert.Tactic {
	var out alert.Tactic
	for _, name := range a.Tactics {
		if t, ok := alert.ParseTactic(name); ok && (out == "" || t.Order() < out.Order()) {
			out = t
		}
	}
	return out
}
