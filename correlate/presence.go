package correlate

import (
	"math"
	"math/bits"
	"slices"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/entity"
)

// memory is the time constant of rates in seconds: what happened this long ago
// counts a third.
const memory = 3 * 24 * 3600

// presence is where an entity has appeared: the incidents it touched lately, and
// how often it touches a new one.
type presence struct {
	// What every look at it asks for comes first, with the touches right behind: most
	// entities touch one or two incidents.
	touches []touch // at most maxTouches, latest activity kept
	weight  float64 // touches of incidents, decayed to at
	groups  float64 // groups of alerts that mention it, decayed to at
	rare    float64 // touches weighted by the rarity of what brought them, decayed to at
	at      int64
	alerts  int64
	room    [2]touch // the first of touches
	since   int64
	users   uint64 // distinct users beside it, as a bitmap of hashes
	devices uint64
	rules   uint64
	routine routines
}

// routines count how often a rule brought the entity into an incident, for a few
// rules: the weight of each, decayed to at.
type routines struct {
	rule   [maxRoutines]int32
	weight [maxRoutines]float64
	at     [maxRoutines]int64
}

const maxRoutines = 4

// touch is one incident that the entity is part of.
type touch struct {
	inc         IncidentID
	first, last int64
	made        int64 // clock when it was entered
	impacted    bool
	rate        float64 // touches per second before this one
	rarity      float64 // part of this one in presence.rare
}

// newPresence is of an entity that is seen for the first time.
func newPresence(now int64) *presence {
	p := &presence{since: now}
	p.touches = p.room[:0]
	return p
}

// maxTouches bounds the incidents remembered of one entity.
const maxTouches = 12

func decay(w float64, from, to int64) float64 {
	if to <= from || w == 0 {
		return w
	}
	return w * fall(to-from)
}

// age brings the decayed counts to now.
func (p *presence) age(now int64) {
	p.weight, p.groups, p.rare = decay(p.weight, p.at, now), decay(p.groups, p.at, now), decay(p.rare, p.at, now)
	p.at = max(p.at, now)
}

// ownPart is how much a group of alerts counts beside a new incident in the rate
// of an entity. Without it an incident that has swallowed everything about a hub
// would make the hub look rare.
const ownPart = 0.1

// load is how often the entity lately began something, decayed to now.
func (p *presence) load(now int64) float64 {
	return (p.weight + ownPart*p.groups) * fall(now-p.at)
}

// moment is when a touch happens: the clock, the time that rates rest on by
// then, and how rare the rule is that brings it, from 0 to 1.
type moment struct {
	now    int64
	span   float64
	rarity float64
}

// touch notes that the entity is part of an incident.
func (p *presence) touch(inc IncidentID, g *group, m mark, when moment) {
	now := when.now
	p.age(now)
	rate := (p.weight + ownPart*p.groups + priorTouches) / when.span
	p.groups++
	p.beside(g)
	for k := range p.touches {
		t := &p.touches[k]
		if t.inc == inc {
			t.first, t.last, t.impacted = min(t.first, g.first), max(t.last, g.last), t.impacted || m.impacted
			if more := when.rarity - t.rarity; more > 0 {
				p.rare += more
				t.rarity = when.rarity
			}
			return
		}
	}
	p.weight++
	p.routine.count(g.rule, now)
	p.rare += when.rarity
	t := touch{inc, g.first, g.last, now, m.impacted, rate, when.rarity}
	if len(p.touches) < maxTouches {
		p.touches = append(p.touches, t)
		return
	}
	oldest := 0
	for k := range p.touches {
		if p.touches[k].last < p.touches[oldest].last {
			oldest = k
		}
	}
	p.touches[oldest] = t
}

// beside notes who else is in the alert.
func (p *presence) beside(g *group) {
	p.rules |= 1 << (uint32(g.rule) * 0x9E3779B1 >> 26)
	for _, m := range g.marks {
		bit := uint64(1) << (uint64(m.id) * 0x9E3779B97F4A7C15 >> 58)
		switch m.class {
		case classUser, classContextUser:
			p.users |= bit
		case classDevice:
			p.devices |= bit
		}
	}
}

func (r *routines) count(rule int32, now int64) {
	least := 0
	for k := range r.rule {
		r.weight[k], r.at[k] = decay(r.weight[k], r.at[k], now), max(r.at[k], now)
		if r.weight[k] > 0 && r.rule[k] == rule {
			r.weight[k]++
			return
		}
		if r.weight[k] < r.weight[least] {
			least = k
		}
	}
	if r.weight[least] < 1 {
		r.rule[least], r.weight[least], r.at[least] = rule, 1, now
	}
}

// habit is how often the rule brought the entity into incidents lately.
func (p *presence) habit(rule int32, now int64) float64 {
	r := &p.routine
	for k := range r.rule {
		if r.weight[k] > 0 && r.rule[k] == rule {
			return decay(r.weight[k], r.at[k], now)
		}
	}
	return 0
}

// absorb unites the presence of two entities that turned out to be one.
func (p *presence) absorb(o *presence) {
	now := max(p.at, o.at)
	p.age(now)
	o.age(now)
	p.weight, p.groups, p.rare = p.weight+o.weight, p.groups+o.groups, p.rare+o.rare
	p.since = min(p.since, o.since)
	p.alerts += o.alerts
	p.users, p.devices, p.rules = p.users|o.users, p.devices|o.devices, p.rules|o.rules
	for _, t := range o.touches {
		p.adopt(t, now)
	}
}

func (p *presence) adopt(t touch, now int64) {
	for k := range p.touches {
		if own := &p.touches[k]; own.inc == t.inc {
			own.first, own.last, own.impacted = min(own.first, t.first), max(own.last, t.last), own.impacted || t.impacted
			p.weight = max(0, p.weight-decay(1, max(own.made, t.made), now))
			p.rare = max(0, p.rare-min(own.rarity, t.rarity))
			own.rarity = max(own.rarity, t.rarity)
			if t.made < own.made {
				own.made, own.rate = t.made, t.rate
			}
			return
		}
	}
	if len(p.touches) < maxTouches {
		p.touches = append(p.touches, t)
	}
}

// redirect follows a merge of incidents.
func (p *presence) redirect(from, into IncidentID, now int64) {
	at := slices.IndexFunc(p.touches, func(t touch) bool { return t.inc == from })
	if at < 0 {
		return
	}
	t := p.touches[at]
	p.touches = slices.Delete(p.touches, at, at+1)
	t.inc = into
	p.age(now)
	p.adopt(t, now)
}

// leave takes an incident out.
func (p *presence) leave(inc IncidentID, now int64) {
	at := slices.IndexFunc(p.touches, func(t touch) bool { return t.inc == inc })
	if at < 0 {
		return
	}
	p.age(now)
	p.weight = max(0, p.weight-decay(1, p.touches[at].made, now))
	p.rare = max(0, p.rare-decay(p.touches[at].rarity, p.touches[at].made, now))
	p.touches = slices.Delete(p.touches, at, at+1)
}

// spread reckons from a bitmap of hashes how many different things set its bits.
func spread(bitmap uint64) float64 { return spreads[bits.OnesCount64(bitmap)] }

// spreads holds it for each number of set bits.
var spreads = func() (out [65]float64) {
	for set := range 64 {
		out[set] = -64 * math.Log(float64(64-set)/64)
	}
	out[64] = 270
	return out
}()

// ruleBook numbers the rules and keeps how often each starts something new.
type ruleBook struct {
	numbers map[string]int32
	stats   []ruleStat
	where   []*presence // which incidents each rule touched, by its number; nil for none
	asked   []answer    // weights that were asked for at one clock
}

// answer is a weight as of a clock.
type answer struct {
	at     int64
	weight float64
}

type ruleStat struct {
	Name   string
	Weight float64 // starts, decayed with memory
	Burst  float64 // starts, decayed with burstMemory
	At     int64
}

// burstMemory is the time constant of bursts in seconds.
const burstMemory = 1800

// maxRuleNames bounds the rules told apart; beyond it new ones share number 0.
const maxRuleNames = 1 << 16

func newRuleBook() ruleBook {
	return ruleBook{numbers: map[string]int32{}, stats: make([]ruleStat, 1)}
}

func (b *ruleBook) number(key []byte) int32 {
	if n, ok := b.numbers[string(key)]; ok {
		return n
	}
	if len(b.stats) >= maxRuleNames {
		return 0
	}
	n, name := int32(len(b.stats)), string(key)
	b.numbers[name] = n
	b.stats = append(b.stats, ruleStat{Name: name})
	return n
}

func (b *ruleBook) count(rule int32, now int64) {
	s := &b.stats[rule]
	s.Burst = b.burst(rule, now) + 1
	s.Weight, s.At = decay(s.Weight, s.At, now)+1, max(s.At, now)
	if int(rule) < len(b.asked) {
		b.asked[rule].at = -1
	}
}

func (b *ruleBook) weight(rule int32, now int64) float64 {
	if int(rule) >= len(b.asked) {
		b.asked = append(b.asked, make([]answer, len(b.stats)-len(b.asked))...)
	}
	a := &b.asked[rule]
	if a.at != now {
		s := &b.stats[rule]
		*a = answer{now, decay(s.Weight, s.At, now)}
	}
	return a.weight
}

// burst is how often the rule started something within the last half hour or so.
func (b *ruleBook) burst(rule int32, now int64) float64 {
	s := &b.stats[rule]
	return s.Burst * math.Exp(-float64(max(0, now-s.At))/burstMemory)
}

// presence gives which incidents the rule touched, to be added to.
func (b *ruleBook) presence(rule int32) *presence {
	if p := b.touched(rule); p != nil {
		return p
	}
	b.put(rule, &presence{})
	return b.where[rule]
}

// touched is presence, nil when the rule touched none.
func (b *ruleBook) touched(rule int32) *presence {
	if int(rule) >= len(b.where) {
		return nil
	}
	return b.where[rule]
}

func (b *ruleBook) put(rule int32, p *presence) {
	if more := len(b.stats) - len(b.where); more > 0 {
		b.where = append(b.where, make([]*presence, more)...)
	}
	b.where[rule] = p
}

// touch notes that the rule is part of an incident.
func (b *ruleBook) touch(rule int32, inc IncidentID, g *group, when moment) {
	b.presence(rule).touch(inc, g, mark{}, when)
}

// rareRule is how often a rule starts something within the memory to count half
// as a rare one.
const rareRule = 4

// moment is now, seen from a group of alerts of the rule.
func (e *Engine) moment(rule int32) moment {
	return moment{e.clock, e.span(), rareRule / (rareRule + e.rules.weight(rule, e.clock))}
}

// pairBook counts how often two rules met in one incident: for each rule the
// others, in order of their numbers.
type pairBook struct {
	rows [][]met // by the number of the rule
	n    int
}

type met struct {
	rule int32
	n    float64
}

// Bounds of the pair book: the pairs it knows, and the rules of one incident
// that a newcomer is paired with.
const (
	maxPairs    = 1 << 17
	pairedRules = 24
)

// count notes that a rule came to an incident that held others.
func (b *pairBook) count(inc *incident, rule int32) {
	for i := range inc.rules[:min(len(inc.rules), pairedRules)] {
		if inc.rules[i].rule == rule {
			return
		}
		b.set(rule, inc.rules[i].rule, 1)
		b.set(inc.rules[i].rule, rule, 1)
	}
}

func (b *pairBook) set(a, with int32, n float64) {
	row := b.row(a)
	at, ok := findMet(row, with)
	switch {
	case ok:
		row[at].n += n
	case b.n < 2*maxPairs:
		if more := int(a) + 1 - len(b.rows); more > 0 {
			b.rows = append(b.rows, make([][]met, more)...)
		}
		b.rows[a] = slices.Insert(row, at, met{with, n})
		b.n++
	}
}

// row is what is known of a rule beside others.
func (b *pairBook) row(rule int32) []met {
	if int(rule) >= len(b.rows) {
		return nil
	}
	return b.rows[rule]
}

func findMet(row []met, rule int32) (int, bool) {
	lo, hi := 0, len(row)
	for lo < hi {
		if m := (lo + hi) / 2; row[m].rule < rule {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo, lo < len(row) && row[lo].rule == rule
}

// lift says how much more often two rules met than two independent rules would; its
// logarithm is what models know. row holds the rules that the one of weight own met.
func (e *Engine) lift(row []met, own float64, with int32) float64 {
	at, ok := findMet(row, with)
	if !ok {
		return 0
	}
	return 10 * row[at].n / (3 + min(own, e.rules.weight(with, e.clock)))
}

// class is the kind of an entity as far as linking goes: kinds that say the same
// sort of thing share one.
type class uint8

const (
	classUser class = iota
	classDevice
	classPublicIP
	classPrivateIP
	classFile
	classProcess
	className // URL and domain
	classMail
	classSession
	classApp
	classCloud
	classThreat
	classOther
	classContextUser
	classContextIP
	classContext
	classStock
	classRule
	classes
)

func classOf(t *trace) class {
	if t.stock {
		return classStock
	}
	if t.context {
		switch t.kind {
		case entity.User:
			return classContextUser
		case entity.IP:
			return classContextIP
		case entity.Mail, entity.Malware, entity.Process, entity.Other:
		default:
			return classContext
		}
	}
	switch t.kind {
	case entity.User:
		return classUser
	case entity.Device:
		return classDevice
	case entity.IP:
		if t.private {
			return classPrivateIP
		}
		return classPublicIP
	case entity.File:
		return classFile
	case entity.Process:
		return classProcess
	case entity.URL, entity.Domain:
		return className
	case entity.Mail, entity.Mailbox, entity.MailCluster:
		return classMail
	case entity.Session:
		return classSession
	case entity.App:
		return classApp
	case entity.CloudResource, entity.Container:
		return classCloud
	case entity.Malware:
		return classThreat
	}
	return classOther
}

// tacticOrder is the order of the last tactic of a set, 0 when it is empty.
func tacticOrder(set uint32) int { return bits.Len32(set >> 1) }

func tacticName(order int) string {
	if order < 1 || order > len(killChain) {
		return ""
	}
	return string(killChain[order-1])
}

var killChain = alert.Tactics()

// tacticWords are the tactics by their order as sentences name them; nothing for 0.
var tacticWords = func() []string {
	out := make([]string, 1, len(killChain)+1)
	for _, t := range killChain {
		out = append(out, t.InWords())
	}
	return out
}()
