package correlate

import "math"

// topic is what a reader takes several features for: their contributions are added
// up and told once.
type topic uint8

// The topics.
const (
	topicUntold topic = iota // of the alert alone or the stream: says nothing of this incident
	topicShared
	topicBefore
	topicRare
	topicGap
	topicRuleRate
	topicSameRule
	topicHabit
	topicPeer
	topicPair
	topicTactic
	topicIncident
	topicRivals
	topicServices
	topics
)

var topicOf = func() (out [numFeatures]topic) {
	for t, features := range map[topic][]int{
		topicShared: {fTotal, fSecond, fShare, fShared, fClasses, fBestOthers, fBestGap, fBestUsers, fBestDevices, fBestRules, fBestAlerts, fBestAge, fBestCore},
		topicBefore: {fBefore, fBeforeTotal}, topicRare: {fRare, fRareTotal},
		topicGap: {fGap, fMinGap}, topicRuleRate: {fRuleRate, fBurst}, topicSameRule: {fSameRule, fRuleShare, fSameRuleGap, fPeerSameRule, fBeforeRule},
		topicHabit: {fHabit}, topicPeer: {fPeerRate, fRarestRate}, topicPair: {fPair},
		topicTactic:   {fTacticStep, fTacticsShared, fTacticsKnown},
		topicIncident: {fIncidentGroups, fIncidentRules, fIncidentEntities, fPace, fAge, fIncidentSeverity},
		topicRivals:   {fRank, fLead, fRivals}, topicServices: {fSameService, fServices},
	} {
		for _, f := range features {
			out[f] = t
		}
	}
	return out
}()

// facts names what decided, strongest first.
func (e *Engine) facts(s *signal, c *candidate) []Fact {
	e.scratch.parts = e.opt.Model.Link.AppendExplained(e.scratch.parts[:0], c.x[:])
	var sum [topics]float64
	var lead [topics]int
	var begun [topics]bool
	for f, w := range e.scratch.parts {
		t := topicOf[f]
		if sum[t] += w; math.Abs(w) > math.Abs(e.scratch.parts[lead[t]]) || !begun[t] {
			lead[t], begun[t] = f, true
		}
	}
	sum[topicUntold] = 0
	out := e.scratch.told[:0]
	var ends [maxLinkFacts]int
	w := wording{b: e.scratch.words[:0]}
	for k := range maxLinkFacts {
		t := heaviest(&sum)
		if math.Abs(sum[t]) < 0.01 {
			break
		}
		out = append(out, Fact{Feature: featureNames[lead[t]], Weight: math.Round(sum[t]*1e3) / 1e3})
		e.words(&w, s, c, t, lead[t])
		ends[k] = len(w.b)
		sum[t] = 0
	}
	e.scratch.told, e.scratch.words = out, w.b
	text, from := e.scratch.texts.Of(w.b), 0
	for k := range out {
		out[k].Text, from = text[from:ends[k]], ends[k]
	}
	return e.scratch.facts.Clone(out)
}

// wording is the words for the facts of a link, one behind the other.
type wording struct {
	b    []byte
	told bool // of the most telling thing
}

func (w *wording) say(text string) { w.b = append(w.b, text...) }

func (w *wording) number(n int64) { w.b = appendNumber(w.b, n) }

// count says how many of a thing there are.
func (w *wording) count(n int, one string) {
	w.number(int64(n))
	w.say(" ")
	switch {
	case n == 1:
		w.say(one)
	case one[len(one)-1] == 'y':
		w.say(one[:len(one)-1])
		w.say("ies")
	default:
		w.say(one)
		w.say("s")
	}
}

// about says how many of a thing there are, more or less.
func (w *wording) about(n float64, one string) {
	if whole := int(math.Round(n)); whole < 1 {
		w.say("no ")
		w.say(one)
	} else {
		w.say("about ")
		w.count(whole, one)
	}
}

func heaviest(sum *[topics]float64) topic {
	best := topic(0)
	for t := range topics {
		if math.Abs(sum[t]) > math.Abs(sum[best]) {
			best = t
		}
	}
	return best
}

// sharedTopics is what topics say before they name the most telling thing.
var sharedTopics = [topics]string{
	topicBefore: "how quiet it was around it before this incident began: ",
	topicRare:   "how little out of the ordinary happens around it otherwise: ",
}

// words says in a sentence what a topic means here. lead is its weightiest feature.
func (e *Engine) words(w *wording, s *signal, c *candidate, t topic, lead int) {
	switch t {
	case topicShared, topicBefore, topicRare:
		w.say(sharedTopics[t])
		e.sayBest(w, s, c)
	case topicGap:
		w.sayGap(s, c, lead)
	case topicRuleRate:
		w.say("the rule started ")
		w.about(e.rules.weight(s.rule, e.clock), "new activity")
		w.say(" in the last days")
	case topicPeer:
		w.say("the rarest rule of the incident started ")
		w.about(math.Expm1(float64(c.x[fRarestRate])), "activity")
		w.say(" in the last days")
	case topicTactic:
		w.sayTactics(c.inc.tactics, s.tactics)
	case topicIncident:
		w.say("the incident holds ")
		w.count(c.inc.alerts, "alert")
		w.say(" of ")
		w.count(len(c.inc.rules), "rule")
		w.say(" about ")
		w.count(c.inc.ents.len(), "entity")
	case topicServices:
		w.say("the incident has alerts of ")
		w.count(len(c.inc.services), "product")
	default:
		w.say(plainWords(c, t))
	}
}

// plainWords is for the topics that name nothing and count nothing.
func plainWords(c *candidate, t topic) string {
	switch {
	case t == topicHabit:
		return "how often this rule brings up the same entity otherwise"
	case t == topicSameRule && c.x[fSameRule] > 0:
		return "the incident holds alerts of the same rule"
	case t == topicSameRule:
		return "the incident holds no alert of the same rule"
	case t == topicPair && c.x[fPair] > 0:
		return "rules of the incident have met this rule in other incidents"
	case t == topicPair:
		return "no rule of the incident has met this rule elsewhere"
	case c.x[fRank] == 0:
		return "no other incident shares as much"
	}
	return "other incidents share as much"
}
