package correlate

import (
	"math"
	"math/bits"
)

// Features are the named numbers by which a candidate incident is scored for an
// alert. Model files refer to them by name.
type Features [numFeatures]float32

// The features. "Surprise" is −ln of the probability that an entity that appears
// at its usual rate would have appeared within the gap by chance: 0 for what is
// everywhere, 3 for 1 in 20, 12 at most.
const (
	// What the shared entities say together.
	fTotal = iota
	fSecond
	fShared
	fClasses
	fPotential
	fShare
	fBestOthers
	fBestGap
	fBestUsers
	fBestDevices
	fBestRules
	fBestAlerts
	fBestAge
	fBestCore
	fHabit
	fBefore
	fBeforeTotal
	fBeforeRule
	fRare
	fRareTotal
	fPeerRate
	fPeerSameRule
	// Time.
	fGap
	fMinGap
	fAge
	// The rule and the alert.
	fRuleRate
	fRuleShare
	fSameRule
	fSameRuleGap
	fRarestRate
	fBurst
	fSeverity
	fEntities
	// The incident.
	fIncidentSeverity
	fIncidentGroups
	fIncidentRules
	fIncidentEntities
	fPace
	fPair
	// Tactics and products.
	fTacticStep
	fTacticsShared
	fTacticsKnown
	fSameService
	fServices
	// Rivals and experience.
	fRank
	fLead
	fRivals
	fHistory
	fElapsed
	numFeatures
)

// featureNames gives the names of the features as model files spell them.
var featureNames = func() [numFeatures]string {
	var out [numFeatures]string
	for i, n := range map[int]string{
		fTotal: "surprise.total", fSecond: "surprise.second", fShared: "shared.entities", fClasses: "shared.kinds",
		fPotential: "alert.potential", fShare: "shared.part", fBestOthers: "best.otherIncidents", fBestGap: "best.gap",
		fBestUsers: "best.users", fBestDevices: "best.devices", fBestRules: "best.rules", fBestAlerts: "best.alerts", fBestAge: "best.age", fBestCore: "best.core",
		fHabit:  "habit",
		fBefore: "before.best", fBeforeTotal: "before.total", fBeforeRule: "before.rule", fRare: "rare.best", fRareTotal: "rare.total",
		fPeerRate: "peer.ruleRate", fPeerSameRule: "peer.sameRule", fGap: "gap.incident", fMinGap: "gap.entity", fAge: "incident.age",
		fRuleRate: "rule.rate", fRuleShare: "rule.inIncident", fSameRule: "rule.same", fSameRuleGap: "rule.gap",
		fRarestRate: "incident.rarestRule", fBurst: "rule.burst", fSeverity: "alert.severity", fEntities: "alert.entities",
		fIncidentSeverity: "incident.severity", fIncidentGroups: "incident.groups", fIncidentRules: "incident.rules",
		fIncidentEntities: "incident.entities", fPace: "incident.pace", fPair: "rule.pair", fTacticStep: "tactic.step",
		fTacticsShared: "tactic.shared", fTacticsKnown: "tactic.known", fSameService: "service.same", fServices: "service.count",
		fRank: "rival.rank", fLead: "rival.lead", fRivals: "rival.count", fHistory: "history.alerts", fElapsed: "history.time",
	} {
		out[i] = n
	}
	return out
}()

// FeatureNames lists the names of the features in their order.
func FeatureNames() []string { return featureNames[:] }

// candidate is an incident that an alert may belong to.
type candidate struct {
	inc     *incident
	kinds   uint32 // bit n: one of class n is shared
	best    [classes]float64
	before  [classes]float64 // the same with the rates from before the incident
	rare    [classes]float64 // the same with the rates of rare rules only
	total   float64          // best surprise of each class, summed
	shared  []sharing
	top     *sharing // the most telling of shared, nil when it is none
	x       Features
	logOdds float64
}

// sharing is one entity that alert and incident share.
type sharing struct {
	at       int // index into signal.ents
	surprise float64
	before   float64
	rare     float64
	gap      int64
	others   float64
	share    *share // what the incident knows of it, once looked up
}

// Bounds of the work for one alert.
const (
	maxFound  = 48 // incidents looked at
	maxScored = 8  // of them scored
)

// least is the surprise below which sharing an entity says nothing.
const least = 0.05

// leastBefore is the same for the rate from before the incident.
const leastBefore = 0.7

// leastRule is the same for the rule alone, which is weak evidence.
const leastRule = 1.5

// slack is added to each gap, in seconds: clocks differ and alerts have a length.
const slack = 60

// Pseudo-counts: how often an entity that has not been seen elsewhere is thought
// to start something in the memory, and the shortest time a rate may rest on.
const (
	priorTouches = 0.25
	minElapsed   = 12 * 3600
)

// span is the time that rates rest on, in seconds.
func (e *Engine) span() float64 {
	elapsed := max(e.clock-e.start, minElapsed)
	if e.scratch.elapsed != elapsed {
		e.scratch.elapsed, e.scratch.span = elapsed, memory*-math.Expm1(-float64(elapsed)/memory)
	}
	return e.scratch.span
}

// surprise of a touch with the given rate per second.
func surprise(rate float64, gap int64) float64 {
	return surpriseOf(rate * float64(gap+slack))
}

// collect finds the incidents that share something telling with the alert.
func (e *Engine) collect(s *signal, not IncidentID) []*candidate {
	e.scratch.found = e.scratch.found[:0]
	span := e.span()
	for k, p := range e.meet(s.ents) {
		if p != nil {
			e.touching(s, p, k, span, not)
		}
	}
	if p := e.rules.touched(s.rule); p != nil && len(s.ents) > 0 {
		e.touching(s, p, byRule, span, not)
	}
	return e.scratch.found
}

// meet looks up what is known of each entity of an alert. Most of it has not been
// looked at for long and comes from far away in the memory: asked for all at once it
// comes at once, where each look at one would wait for it by itself.
func (e *Engine) meet(ents []trace) []*presence {
	out := e.scratch.presences[:0]
	for k := range ents {
		out = append(out, e.index.Get(ents[k].id))
	}
	for _, p := range out {
		if p != nil {
			e.scratch.fetched += p.at + p.room[0].last
		}
	}
	for _, p := range out {
		if p == nil {
			continue
		}
		for k := range p.touches[:min(len(p.touches), len(p.room))] {
			if inc := e.incidents.Get(p.touches[k].inc); inc != nil {
				e.scratch.fetched += inc.last
			}
		}
	}
	e.scratch.presences = out
	return out
}

// byRule stands for the rule in place of an entity of the alert.
const byRule = -1

// touching adds the incidents that an entity, or the rule, appeared in.
func (e *Engine) touching(s *signal, p *presence, at int, span float64, not IncidentID) {
	cl := classRule
	if at >= 0 {
		cl = s.ents[at].class
	}
	since := fall(e.clock - p.at)
	weight, rare := (p.weight+ownPart*p.groups)*since, p.rare*since
	if surprise((max(weight-1, 0)+priorTouches)/span, 0) < least {
		return // everywhere: links nothing by itself
	}
	for n := range p.touches {
		t := &p.touches[n]
		gap := max(0, s.start-t.last, t.first-s.end)
		if t.rate*float64(gap+slack) > 3.1 && (weight-1+priorTouches)*float64(gap+slack) > 3.1*span {
			continue // the surprise is less than the least
		}
		own := fall(e.clock - t.made)
		others := max(0, weight-own)
		rate := (others + priorTouches) / span
		before := min(rate, t.rate)
		sur, was := surprise(rate, gap), surprise(before, gap)
		if sur < least && was < leastBefore || at < 0 && sur < leastRule && was < 2*leastRule {
			continue
		}
		inc := e.incidents.Get(t.inc)
		if inc == nil || inc.gone || t.inc == not || inc.state.Closed || inc.alone {
			continue
		}
		c := e.candidateFor(inc)
		if c == nil {
			continue
		}
		c.kinds |= 1 << cl
		if at < 0 {
			c.best[cl], c.before[cl] = max(c.best[cl], sur), max(c.before[cl], was)
			continue
		}
		seldom := surprise((max(0, rare-own*t.rarity)+priorTouches)/span, gap)
		c.shared = append(c.shared, sharing{at: at, surprise: sur, before: was, rare: seldom, gap: gap, others: others})
		c.before[cl], c.rare[cl] = max(c.before[cl], was), max(c.rare[cl], seldom)
		if sur > c.best[cl] {
			if cl != classStock {
				c.total += sur - c.best[cl]
			}
			c.best[cl] = sur
		}
	}
}

// candidateFor gives the candidate for an incident, a new one when there is none
// yet, nil when there are enough.
func (e *Engine) candidateFor(inc *incident) *candidate {
	for _, c := range e.scratch.found {
		if c.inc == inc {
			return c
		}
	}
	n := len(e.scratch.found)
	if n >= maxFound {
		return nil
	}
	if n == len(e.scratch.pool) {
		e.scratch.pool = append(e.scratch.pool, &candidate{})
	}
	c := e.scratch.pool[n]
	c.inc, c.total, c.logOdds, c.shared = inc, 0, 0, c.shared[:0]
	for ; c.kinds != 0; c.kinds &= c.kinds - 1 {
		k := bits.TrailingZeros32(c.kinds)
		c.best[k], c.before[k], c.rare[k] = 0, 0, 0
	}
	e.scratch.found = append(e.scratch.found, c)
	return c
}

// describe fills the features of a candidate. rivals are sorted by total, at is
// the candidate's place among them.
func (e *Engine) describe(s *signal, c *candidate, rivals []*candidate, at int) {
	x, inc := &c.x, c.inc
	e.describeShared(s, c)
	x[fGap] = log1(float64(max(0, s.start-inc.last, inc.first-s.end)))
	x[fAge] = log1(float64(max(0, s.start-inc.first)))
	e.describeRule(s, c)
	x[fIncidentSeverity] = float32(inc.severity)
	x[fIncidentGroups] = log1(float64(inc.groups))
	x[fIncidentRules] = log1(float64(len(inc.rules)))
	x[fIncidentEntities] = log1(float64(inc.ents.len()))
	x[fPace] = log1(float64(inc.last-inc.first) / float64(max(1, inc.groups)))
	describeTactics(s, inc, x)
	x[fRank] = float32(at)
	other := 0.0
	if len(rivals) > 1 {
		o := 0
		if at == 0 {
			o = 1
		}
		other = rivals[o].total
	}
	x[fLead] = float32(c.total - other)
}

// common gives the features that are the same for all candidates of an alert.
func (e *Engine) common(s *signal, rivals int) (x Features) {
	x[fSeverity], x[fEntities] = float32(s.severity), log1(float64(len(s.ents)))
	x[fRivals] = log1(float64(rivals - 1))
	x[fHistory] = log1(float64(e.total))
	x[fElapsed] = log1(float64(e.clock - e.start))
	x[fRuleRate] = log1(e.rules.weight(s.rule, e.clock))
	x[fBurst] = log1(e.rules.burst(s.rule, e.clock))
	x[fPotential] = float32(e.potential(s))
	return x
}

func (e *Engine) describeShared(s *signal, c *candidate) {
	x := &c.x
	first, second := 0.0, 0.0
	kinds := 0
	for set := c.kinds & (1<<classStock - 1); set != 0; set &= set - 1 {
		k := bits.TrailingZeros32(set)
		v, before, rare := c.best[k], float32(c.before[k]), float32(c.rare[k])
		if v > first {
			first, second = v, first
		} else {
			second = max(second, v)
		}
		if v > 0 {
			kinds++
		}
		x[fBefore], x[fRare] = max(x[fBefore], before), max(x[fRare], rare)
		x[fBeforeTotal] += before
		x[fRareTotal] += rare
	}
	x[fTotal], x[fSecond] = float32(c.total), float32(second)
	x[fBeforeRule] = float32(c.before[classRule])
	x[fShared], x[fClasses] = log1(float64(len(c.shared))), float32(kinds)
	x[fMinGap] = 30
	for i := range c.shared {
		if h := &c.shared[i]; !s.ents[h.at].stock {
			x[fMinGap] = min(x[fMinGap], log1(float64(h.gap)))
		}
	}
	if c.top != nil {
		e.describeBest(s, c, c.top)
	}
	x[fShare] = float32(c.total / max(float64(x[fPotential]), 0.1))
}

// recallTop finds the most telling entity that each candidate shares, common programs
// apart, and looks up what the incident knows of it: of all at once, as in meet.
func (e *Engine) recallTop(s *signal, found []*candidate) {
	for _, c := range found {
		c.top = nil
		for i := range c.shared {
			if h := &c.shared[i]; !s.ents[h.at].stock && (c.top == nil || h.surprise > c.top.surprise) {
				c.top = h
			}
		}
		if c.top != nil {
			c.top.share = c.inc.ents.get(s.ents[c.top.at].id)
		}
	}
	for _, c := range found {
		if c.top != nil && c.top.share != nil {
			e.scratch.fetched += c.top.share.last
		}
	}
}

// recall looks up what the incident knows of the entities shared, before anything
// changes it: the explanation rests on it.
func (c *candidate) recall(s *signal) {
	for i := range c.shared {
		c.shared[i].share = c.inc.ents.get(s.ents[c.shared[i].at].id)
	}
}

// describeBest tells of the most telling shared entity.
func (e *Engine) describeBest(s *signal, c *candidate, h *sharing) {
	x := &c.x
	p := e.scratch.presences[h.at]
	x[fBestOthers], x[fBestGap] = log1(h.others), log1(float64(h.gap))
	x[fBestUsers], x[fBestDevices], x[fBestRules] = log1(spread(p.users)), log1(spread(p.devices)), log1(spread(p.rules))
	x[fBestAlerts] = log1(float64(p.alerts))
	x[fHabit] = log1(p.habit(s.rule, e.clock))
	x[fBestAge] = log1(float64(max(0, e.clock-p.since)))
	if h.share != nil {
		x[fBestCore] = float32(min(1, float64(h.share.n)/float64(max(1, c.inc.alerts))))
		x[fPeerRate] = log1(e.rules.weight(h.share.rule, e.clock))
		if h.share.rule == s.rule {
			x[fPeerSameRule] = 1
		}
	}
}

// potential is the surprise that the alert's entities could bring at best.
func (e *Engine) potential(s *signal) float64 {
	var best [classes]float64
	span := e.span()
	for k := range s.ents {
		m := &s.ents[k]
		if m.stock {
			continue
		}
		w := 0.0
		if p := e.scratch.presences[k]; p != nil {
			w = max(0, p.load(e.clock)-1)
		}
		best[m.class] = max(best[m.class], surprise((w+priorTouches)/span, 0))
	}
	sum := 0.0
	for _, v := range best {
		sum += v
	}
	return sum
}

func (e *Engine) describeRule(s *signal, c *candidate) {
	x, inc := &c.x, c.inc
	mine := e.rules.weight(s.rule, e.clock)
	x[fSameRuleGap] = 30
	rarest := math.Inf(1)
	for _, r := range inc.rules {
		w := e.rules.weight(r.rule, e.clock)
		if r.rule == s.rule {
			x[fSameRule] = 1
			x[fRuleShare] = log1(float64(r.n))
			x[fSameRuleGap] = log1(float64(max(0, s.start-r.last)))
		}
		rarest = min(rarest, w)
	}
	x[fRarestRate] = log1(rarest)
	lift := 0.0
	row := e.scratch.met
	for i := range inc.rules[:min(len(inc.rules), pairedRules)] {
		if inc.rules[i].rule != s.rule {
			lift = max(lift, e.lift(row, mine, inc.rules[i].rule))
		}
	}
	x[fPair] = float32(math.Log1p(lift))
}

func describeTactics(s *signal, inc *incident, x *Features) {
	from, to := tacticOrder(inc.tactics), tacticOrder(s.tactics)
	if from > 0 && to > 0 {
		x[fTacticsKnown] = 1
		x[fTacticStep] = float32(to - from)
	}
	if s.tactics&inc.tactics != 0 {
		x[fTacticsShared] = 1
	}
	for _, v := range inc.services {
		if v == s.service {
			x[fSameService] = 1
		}
	}
	x[fServices] = float32(len(inc.services))
}
