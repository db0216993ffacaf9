package story

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
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
	byID     map[string]int32 // places of the alerts
	stages   []uint32         // by alert: a bit for the order of each tactic
	mentions [][]mention      // by alert
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
	// own says that it is an item of some alert's evidence, near that it is
	// more than context where it is only named inside an item.
	own, near bool
	short     string // a device's first name, where no other thing has it
}

// context reports things that the graph does not draw: the file of a process,
// the host of a URL, a device's own addresses, where no alert is about them.
func (t *thing) context() bool {
	if t.own || t.impacted || t.Critical {
		return false
	}
	switch t.Kind {
	case entity.File, entity.Domain:
		return true
	case entity.IP, entity.User, entity.Device:
		return !t.near
	}
	return false
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

var onlyContext = []string{string(alert.RoleContextual)}

// item is a line of the timeline: alerts of one rule about the same things,
// whatever processes, sessions and messages there were.
type item struct {
	alerts  []int32 // by time; the first one stands for all
	strands []strand
	tactic  alert.Tactic
	rank    int // of the severity
}

// strand is the alerts of an item that mention exactly the same.
type strand struct {
	things []int32
	alerts []int32 // by time
}

// foldWithin is the longest pause between two alerts of one item.
const foldWithin = 24 * time.Hour

func read(in Input) *reading {
	r := &reading{Input: in, lim: in.Limits.orDefaults()}
	r.byID = r.order()
	r.total = max(in.Total, len(r.alerts))
	r.attach(r.byID)
	r.fold()
	return r
}

// order sorts the alerts and gives their places by id.
func (r *reading) order() map[string]int32 {
	byID := make(map[string]int32, len(r.Alerts))
	once := make([]*Alert, 0, len(r.Alerts))
	for i := range r.Alerts {
		a := &r.Alerts[i]
		if _, twice := byID[a.ID]; !twice {
			byID[a.ID] = 0
			once = append(once, a)
		}
	}
	slices.SortFunc(once, func(a, b *Alert) int {
		if c := a.First.Compare(b.First); c != 0 {
			return c
		}
		return cmp.Or(a.Last.Compare(b.Last), cmp.Compare(a.ID, b.ID))
	})
	r.alerts = make([]Alert, len(once))
	for i, a := range once {
		r.alerts[i] = *a
		if a.Last.Before(a.First) {
			r.alerts[i].Last = a.First
		}
	}
	r.stages = make([]uint32, len(r.alerts))
	for i, a := range r.alerts {
		byID[a.ID] = int32(i)
		for _, name := range a.Tactics {
			if t, ok := alert.ParseTactic(name); ok {
				r.stages[i] |= 1 << t.Order()
			}
		}
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
			r.mentions[i] = append(r.mentions[i], r.mention(at, m))
			r.things[at].saw(int32(i), &r.alerts[i], m)
		}
	}
	r.shorten()
}

// shorten gives the devices the first part of their full name where that is
// enough to tell them apart.
func (r *reading) shorten() {
	holders := map[string]int{}
	for i := range r.things {
		if t := &r.things[i]; t.Kind == entity.Device {
			first, _, _ := strings.Cut(t.Label, ".")
			holders[strings.ToLower(first)]++
		}
	}
	for i := range r.things {
		t := &r.things[i]
		first, _, more := strings.Cut(t.Label, ".")
		if t.Kind == entity.Device && more && strings.Trim(first, "0123456789") != "" && holders[strings.ToLower(first)] == 1 {
			t.short = first
		}
	}
}

// mention takes a row over. What is only named inside an item has the item's
// verdict and roles in its row, which say nothing about itself.
func (r *reading) mention(at int32, m Mention) mention {
	out := mention{at, r.things[at].Kind, m.Roles, alert.Verdict(m.Verdict), m.Impacted, m.Evidence}
	if m.Evidence < 0 {
		out.verdict = ""
		if !slices.Equal(m.Roles, onlyContext) {
			out.roles = nil
		}
	}
	return out
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
	t.near = t.near || !slices.Equal(m.Roles, onlyContext)
	if m.Evidence < 0 {
		// What is named inside an item did not get the item's verdict and role.
		return
	}
	t.own = true
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
		key, things := r.foldKey(i)
		at, ok := open[key]
		if ok {
			before := r.items[at].alerts
			ok = a.First.Sub(r.alerts[before[len(before)-1]].Last) <= foldWithin
		}
		if !ok {
			at = len(r.items)
			open[key] = at
			r.items = append(r.items, item{tactic: r.tacticOf(i)})
		}
		r.items[at].add(int32(i), things, severityRank(a.Severity))
	}
}

// comparedStrands bounds the search for a strand with the same things.
const comparedStrands = 8

func (it *item) add(i int32, things []int32, rank int) {
	it.alerts = append(it.alerts, i)
	it.rank = max(it.rank, rank)
	for k := len(it.strands) - 1; k >= max(0, len(it.strands)-comparedStrands); k-- {
		if slices.Equal(it.strands[k].things, things) {
			it.strands[k].alerts = append(it.strands[k].alerts, i)
			return
		}
	}
	it.strands = append(it.strands, strand{things, []int32{i}})
}

// foldKey is equal for alerts that say the same: one rule, one title, the same
// steps and lasting things. It also gives all things of the alert. Alerts that
// mention nothing are only folded with their like.
func (r *reading) foldKey(i int) (string, []int32) {
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
		switch r.things[id].Kind {
		case entity.Process, entity.Session, entity.Mail:
		default:
			key = binary.AppendUvarint(key, uint64(id))
		}
	}
	return string(key), ids
}

func severityRank(s string) int { return alert.Severity(s).Rank() }

// tacticOf is the first of the alert's tactics in kill-chain order, or "".
func (r *reading) tacticOf(i int) alert.Tactic {
	if r.stages[i] == 0 {
		return ""
	}
	return killChain[bits.TrailingZeros32(r.stages[i])-1]
}

// killChain is only read.
var killChain = alert.Tactics()
