package correlate

import (
	"fmt"
	"math"
)

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
	out, best := make([]Fact, 0, maxLinkFacts), ""
	for range maxLinkFacts {
		t := heaviest(&sum)
		if math.Abs(sum[t]) < 0.01 {
			break
		}
		out = append(out, Fact{Feature: featureNames[lead[t]], Weight: math.Round(sum[t]*1e3) / 1e3, Text: e.words(s, c, t, &best)})
		sum[t] = 0
	}
	return out
}

// sharedTopics is what topics say of the most telling thing.
var sharedTopics = [topics]string{
	topicBefore: "how quiet it was around it before this incident began: ",
	topicRare:   "how little out of the ordinary happens around it otherwise: ",
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

// words says in a sentence what a topic means here. best keeps the words for the
// most telling thing, which several topics name.
func (e *Engine) words(s *signal, c *candidate, t topic, best *string) string {
	inc := c.inc
	switch t {
	case topicShared, topicBefore, topicRare:
		if *best == "" {
			*best = e.bestWords(s, c)
		}
		return sharedTopics[t] + *best
	case topicGap:
		return "its activity is " + gapWords(nearest(c)) + " from the nearest activity it shares something with"
	case topicRuleRate:
		return "the rule started about " + count(e.rules.weight(s.rule, e.clock)) + " new activities in the last days"
	case topicSameRule:
		if c.x[fSameRule] > 0 {
			return "the incident holds alerts of the same rule"
		}
		return "the incident holds no alert of the same rule"
	case topicHabit:
		return "how often this rule brings up the same entity otherwise"
	case topicPeer:
		return "the rarest rule of the incident started about " + count(math.Expm1(float64(c.x[fRarestRate]))) + " activities in the last days"
	case topicPair:
		if c.x[fPair] > 0 {
			return "rules of the incident have met this rule in other incidents"
		}
		return "no rule of the incident has met this rule elsewhere"
	case topicTactic:
		return tacticWords(inc.tactics, s.tactics)
	case topicIncident:
		return fmt.Sprintf("the incident holds %d alerts of %d rules about %d entities", inc.alerts, len(inc.rules), len(inc.ents))
	case topicRivals:
		if c.x[fRank] == 0 {
			return "no other incident shares as much"
		}
		return "other incidents share as much"
	}
	return fmt.Sprintf("the incident has alerts of %d products", len(inc.services))
}
