package correlate

import (
	"math"
	"slices"
)

// PairFeatures are the named numbers by which two incidents are compared that an
// alert ties together.
type PairFeatures [numPairFeatures]float32

const (
	pTotal = iota
	pSecond
	pTelling
	pOverlap
	pCoreLess
	pCoreMore
	pBestAge
	pBestOthers
	pLinkOwn
	pLinkOther
	pLinkTotal
	pLinkSecond
	pNew
	pGroupsLess
	pGroupsMore
	pRulesLess
	pRulesMore
	pEntitiesLess
	pEntitiesMore
	pGap
	pSpanLess
	pSpanMore
	pRulesShared
	pLift
	pRarestLess
	pRarestMore
	pSeverityLess
	pSeverityMore
	pTacticsShared
	pTacticsAll
	pServicesShared
	pAlertRule
	pBurst
	pHistory
	pBefore
	pBeforeTotal
	pRare
	pRareTotal
	pRuleBefore
	pTies
	pTieBest
	numPairFeatures
)

var pairNames = func() [numPairFeatures]string {
	var out [numPairFeatures]string
	for i, n := range map[int]string{
		pTotal: "surprise.total", pSecond: "surprise.second", pTelling: "shared.telling", pOverlap: "shared.part", pCoreLess: "core.less", pCoreMore: "core.more", pBestAge: "best.age", pBestOthers: "best.otherIncidents",
		pLinkOwn: "link.own", pLinkOther: "link.other", pLinkTotal: "link.total", pLinkSecond: "link.second", pNew: "own.new",
		pGroupsLess: "groups.less", pGroupsMore: "groups.more", pRulesLess: "rules.less", pRulesMore: "rules.more",
		pEntitiesLess: "entities.less", pEntitiesMore: "entities.more", pGap: "gap", pSpanLess: "span.less", pSpanMore: "span.more",
		pRulesShared: "rules.shared", pLift: "rules.lift", pRarestLess: "rarest.less", pRarestMore: "rarest.more",
		pSeverityLess: "severity.less", pSeverityMore: "severity.more", pTacticsShared: "tactics.shared", pTacticsAll: "tactics.all",
		pServicesShared: "services.shared", pAlertRule: "alert.ruleRate", pBurst: "alert.burst", pHistory: "history.alerts",
		pBefore: "before.best", pBeforeTotal: "before.total", pRare: "rare.best", pRareTotal: "rare.total", pRuleBefore: "before.rule", pTies: "ties", pTieBest: "ties.best",
	} {
		out[i] = n
	}
	return out
}()

// PairNames lists the names of the pair features in their order.
func PairNames() []string { return pairNames[:] }

// compare describes two incidents side by side. a is the one that holds the
// alert, b fits it too.
func (e *Engine) compare(s *signal, a, b *incident, own, other *candidate) (x PairFeatures) {
	less, more := a, b
	if less.groups > more.groups || less.groups == more.groups && less.ents.len() > more.ents.len() {
		less, more = more, less
	}
	e.compareEntities(less, more, &x)
	x[pLinkOwn], x[pLinkOther], x[pLinkTotal] = float32(own.logOdds), float32(other.logOdds), float32(other.total)
	x[pLinkSecond] = other.x[fSecond]
	if own.logOdds == noLink {
		x[pNew] = 1
	}
	x[pGroupsLess], x[pGroupsMore] = log1(float64(less.groups)), log1(float64(more.groups))
	x[pRulesLess], x[pRulesMore] = log1(float64(len(less.rules))), log1(float64(len(more.rules)))
	x[pEntitiesLess], x[pEntitiesMore] = log1(float64(less.ents.len())), log1(float64(more.ents.len()))
	x[pGap] = log1(float64(max(0, a.first-b.last, b.first-a.last)))
	x[pSpanLess], x[pSpanMore] = log1(float64(less.last-less.first)), log1(float64(more.last-more.first))
	e.compareRules(less, more, &x)
	x[pSeverityLess], x[pSeverityMore] = float32(less.severity), float32(more.severity)
	x[pTacticsShared] = float32(popcount(a.tactics & b.tactics))
	x[pTacticsAll] = float32(popcount(a.tactics | b.tactics))
	for _, v := range less.services {
		if slices.Contains(more.services, v) {
			x[pServicesShared]++
		}
	}
	x[pAlertRule] = log1(e.rules.weight(s.rule, e.clock))
	x[pBurst] = log1(e.rules.burst(s.rule, e.clock))
	x[pHistory] = log1(float64(e.total))
	if t := a.tied(b.id); t != nil {
		x[pTies], x[pTieBest] = log1(float64(t.n)), float32(t.best)
	} else {
		x[pTieBest] = noLink
	}
	return x
}

// compareEntities looks for what both incidents hold among the entities that
// came last to the smaller one.
func (e *Engine) compareEntities(less, more *incident, x *PairFeatures) {
	span := e.span()
	both, strong, best := 0, 0, 0.0
	var most, before, rare [classes]float32
	for _, id := range less.recent {
		f, h, p := less.ents.get(id), more.ents.get(id), e.index.Get(id)
		if f == nil || h == nil || p == nil || f.class == classStock || e.muted(id) {
			continue
		}
		both++
		gap := max(0, f.first-h.last, h.first-f.last)
		others := max(0, p.load(e.clock)-2)
		rate := (others + priorTouches) / span
		sur := surprise(rate, gap)
		earliest, rarities := p.touched(less.id, more.id, rate)
		was := float32(surprise(earliest, gap))
		seldom := float32(surprise((max(0, decay(p.rare, p.at, e.clock)-rarities)+priorTouches)/span, gap))
		before[f.class], rare[f.class] = max(before[f.class], was), max(rare[f.class], seldom)
		if sur >= telling {
			strong++
		}
		if sur > best {
			best = sur
			x[pCoreLess] = part(f, less)
			x[pCoreMore] = part(h, more)
			x[pBestAge], x[pBestOthers] = log1(float64(max(0, e.clock-p.since))), log1(others)
		}
		most[f.class] = max(most[f.class], float32(sur))
	}
	for k := range most {
		x[pTotal] += most[k]
		x[pBefore], x[pRare] = max(x[pBefore], before[k]), max(x[pRare], rare[k])
		x[pBeforeTotal] += before[k]
		x[pRareTotal] += rare[k]
	}
	x[pSecond] = secondOf(most[:])
	x[pTelling] = log1(float64(strong))
	x[pOverlap] = float32(both) / float32(max(1, len(less.recent)))
}

// touched gives the rate from before the first of two incidents touched the
// entity, at most the rate given, and the part that both have in its rare touches.
func (p *presence) touched(a, b IncidentID, rate float64) (before, rarity float64) {
	for k := range p.touches {
		if t := &p.touches[k]; t.inc == a || t.inc == b {
			rate = min(rate, t.rate)
			rarity += t.rarity
		}
	}
	return rate, rarity
}

// part is the share of an incident's alerts that mention an entity.
func part(s *share, i *incident) float32 {
	return float32(min(1, float64(s.n)/float64(max(1, i.alerts))))
}

func secondOf(v []float32) float32 {
	var first, second float32
	for _, f := range v {
		if f > first {
			first, second = f, first
		} else {
			second = max(second, f)
		}
	}
	return second
}

func (e *Engine) compareRules(less, more *incident, x *PairFeatures) {
	rarest := [2]float64{math.Inf(1), math.Inf(1)}
	for k, i := range []*incident{less, more} {
		for _, r := range i.rules[:min(len(i.rules), pairedRules)] {
			rarest[k] = min(rarest[k], e.rules.weight(r.rule, e.clock))
		}
	}
	lift, shared := 0.0, 0
	for _, r := range less.rules[:min(len(less.rules), 8)] {
		row, own := e.pairs.row(r.rule), e.rules.weight(r.rule, e.clock)
		for _, o := range more.rules[:min(len(more.rules), 8)] {
			if r.rule == o.rule {
				shared++
				e.compareRule(r, o, less, more, x)
			} else {
				lift = max(lift, e.lift(row, own, o.rule))
			}
		}
	}
	x[pRarestLess], x[pRarestMore] = log1(rarest[0]), log1(rarest[1])
	x[pRulesShared], x[pLift] = log1(float64(shared)), float32(math.Log1p(lift))
}

// compareRule says how surprising it is that both incidents hold a rule.
func (e *Engine) compareRule(r, o ruleShare, less, more *incident, x *PairFeatures) {
	p := e.rules.touched(r.rule)
	if p == nil {
		return
	}
	gap := max(0, less.first-o.last, more.first-r.last)
	rate := (max(0, p.load(e.clock)-2) + priorTouches) / e.span()
	earliest, _ := p.touched(less.id, more.id, rate)
	x[pRuleBefore] = max(x[pRuleBefore], float32(surprise(earliest, gap)))
}

func popcount(v uint32) int {
	n := 0
	for ; v != 0; v &= v - 1 {
		n++
	}
	return n
}
