package correlate

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/clew-sec/clew/entity"
)

// Bounds of a link.
const (
	maxLinkAlerts   = 5
	maxLinkEntities = 8
	maxLinkFacts    = 5
)

// explain says why the alert belongs to the candidate.
func (e *Engine) explain(s *signal, c *candidate) Link {
	slices.SortStableFunc(c.shared, func(a, b sharing) int { return cmp.Compare(b.surprise, a.surprise) })
	l := Link{Score: e.opt.Model.Link.Probability(c.logOdds), Model: e.opt.Model.Version, Gap: nearest(c)}
	l.Entities = e.sharedEntities(s, c)
	l.Alerts = e.linkedAlerts(s, c, l.Score)
	l.Reasons = e.reasons(s, c)
	l.Facts = e.facts(s, c)
	if from, to := tacticOrder(c.inc.tactics), tacticOrder(s.tactics); from > 0 && to > 0 {
		l.TacticFrom, l.TacticTo = tacticName(from), tacticName(to)
	}
	return l
}

func nearest(c *candidate) int64 {
	gap := int64(math.MaxInt64)
	for i := range c.shared {
		gap = min(gap, c.shared[i].gap)
	}
	if gap == math.MaxInt64 {
		return 0
	}
	return gap
}

func (e *Engine) sharedEntities(s *signal, c *candidate) []SharedEntity {
	out := e.scratch.entities.Take(min(len(c.shared), maxLinkEntities))
	for i := range c.shared[:min(len(c.shared), maxLinkEntities)] {
		m := &s.ents[c.shared[i].at]
		out = append(out, SharedEntity{ID: m.id, Kind: m.kind, Label: m.label, Alerts: e.seenIn(m.id), Total: int(e.total)})
	}
	return out
}

func (e *Engine) seenIn(id entity.ID) int {
	if p := e.index.Get(id); p != nil {
		return int(p.alerts)
	}
	return 0
}

func (e *Engine) linkedAlerts(s *signal, c *candidate, score float64) []LinkedAlert {
	out := e.scratch.linked[:0]
	for i := range c.shared {
		h := c.shared[i].share
		if h == nil || h.peer == nil || slices.ContainsFunc(out, func(l LinkedAlert) bool { return l.ID == h.alert }) {
			continue
		}
		part := c.shared[i].surprise / max(c.shared[0].surprise, 0.01)
		out = append(out, LinkedAlert{ID: h.alert, Title: h.title, Score: math.Round(1e4*score*min(1, part)) / 1e4})
		if len(out) == maxLinkAlerts {
			break
		}
	}
	if len(out) == 0 {
		// Only the rule ties them: the latest of the same rule is the peer.
		for _, r := range c.inc.rules {
			if r.rule == s.rule {
				out = append(out, LinkedAlert{ID: r.alert, Title: r.title, Score: score})
			}
		}
	}
	e.scratch.linked = out
	return e.scratch.peers.Clone(out)
}

// reasons puts the evidence into the words of correlationReason.
func (e *Engine) reasons(s *signal, c *candidate) []Reason {
	out := e.scratch.reasons[:0]
	for i := range c.shared {
		if c.shared[i].surprise < telling && i > 0 {
			break
		}
		out = c.shared[i].appendReasons(out, &s.ents[c.shared[i].at])
	}
	add := func(yes bool, r Reason) {
		if yes {
			out = append(out, r)
		}
	}
	from, to, gap := tacticOrder(c.inc.tactics), tacticOrder(s.tactics), nearest(c)
	add(from > 0 && to > from, EventSequence)
	add(s.tactics&c.inc.tactics != 0, SimilarTTPsOrBehavior)
	add(gap < 3600, TemporalProximity)
	add(gap < 24*3600, TimeFrame)
	add(c.x[fSameRule] > 0, RepeatedAlertOccurrence)
	add(len(out) == 0, EventCasualSequence)
	e.scratch.reasons = out
	return append(e.scratch.given.Take(len(out)), out...)
}

// appendReasons appends what sharing an entity means, unless it is there.
func (h *sharing) appendReasons(out []Reason, m *trace) []Reason {
	hit := h.share != nil && h.share.impacted
	if m.kind.Asset() {
		if m.impacted && hit {
			out = appendReason(out, SameTargetedAsset)
		}
		out = appendReason(out, SameAsset)
	}
	if r := classReasons[m.class]; r != "" {
		out = appendReason(out, r)
	}
	if m.impacted != hit && (m.class == classDevice || m.class == classPrivateIP || m.class == classContextIP) {
		out = appendReason(out, LateralMovementPath)
	}
	return out
}

func appendReason(out []Reason, r Reason) []Reason {
	if slices.Contains(out, r) {
		return out
	}
	return append(out, r)
}

// classReasons is what sharing an entity of a class means beside its being an asset.
var classReasons = [classes]Reason{
	classPublicIP: SharedIndicators, className: SharedIndicators,
	classFile: SimilarArtifacts, classProcess: SimilarArtifacts, classMail: SimilarArtifacts, classSession: SimilarArtifacts,
	classPrivateIP: NetworkProximity, classContextIP: NetworkProximity,
	classThreat: SameThreatSource,
}

// sayBest tells of the most telling thing that is shared: all there is to say of it
// the first time, later on its name.
func (e *Engine) sayBest(w *wording, s *signal, c *candidate) {
	if len(c.shared) == 0 {
		w.say("nothing telling is shared")
		return
	}
	m := &s.ents[c.shared[0].at]
	w.say("same ")
	w.say(classWords[m.class])
	w.say(" ")
	w.say(m.label)
	if w.told {
		return
	}
	w.told = true
	e.saySharing(w, s, &c.shared[0])
	if n := len(c.shared) - 1; n > 0 {
		w.say(", and ")
		w.count(n, "more shared thing")
	}
}

// saySharing says how rare a shared entity is, and when the incident had it.
func (e *Engine) saySharing(w *wording, s *signal, h *sharing) {
	w.say(" (in ")
	w.number(int64(e.seenIn(s.ents[h.at].id)))
	w.say(" of the last ")
	w.number(e.total)
	w.say(" alerts)")
	w.saySeen(s, h)
}

var classWords = [classes]string{"user", "device", "external address", "internal address", "file", "process", "web name", "mail", "session", "application", "cloud resource", "threat", "entity", "logged-on user", "device address", "related entity", "common program", "rule"}

// sayTactics says how a step of an attack follows another.
func (w *wording) sayTactics(from, to uint32) {
	a, b := tacticWords[tacticOrder(from)], tacticWords[tacticOrder(to)]
	switch {
	case a == "" || b == "":
		w.say("the step of the attack is not known")
	case a == b:
		w.say("the same step of an attack: ")
		w.say(a)
	case tacticOrder(to) > tacticOrder(from):
		w.say("a later step of an attack: ")
		w.say(a)
		w.say(", then ")
		w.say(b)
	default:
		w.say("an earlier step of an attack: ")
		w.say(b)
		w.say(", the incident has got to ")
		w.say(a)
	}
}

func gapWords(seconds int64) string { return string(appendGap(nil, seconds)) }

func appendGap(b []byte, seconds int64) []byte {
	d := time.Duration(seconds) * time.Second
	switch {
	case seconds < 1:
		return append(b, "less than a second"...)
	case d < time.Minute:
		return appendPlural(b, seconds, "second")
	case d < time.Hour:
		return appendPlural(b, int64(math.Round(d.Minutes())), "minute")
	case d < 48*time.Hour:
		return appendPlural(b, int64(math.Round(d.Hours())), "hour")
	}
	return appendPlural(b, int64(math.Round(d.Hours()/24)), "day")
}

func appendPlural(b []byte, n int64, what string) []byte {
	b = append(append(strconv.AppendInt(b, n, 10), ' '), what...)
	if n != 1 {
		b = append(b, 's')
	}
	return b
}

// appendNumber writes a number that is not negative with commas between its thousands.
func appendNumber(b []byte, n int64) []byte {
	if n < 1000 {
		return strconv.AppendInt(b, n, 10)
	}
	b = append(appendNumber(b, n/1000), ',')
	rest := n % 1000
	return append(b, byte('0'+rest/100), byte('0'+rest/10%10), byte('0'+rest%10))
}

// explainFold says that an alert repeats another.
func (e *Engine) explainFold(g *group, s *signal) Link {
	w := wording{b: e.scratch.words[:0]}
	w.say("repeat ")
	w.number(int64(g.n))
	w.say(" of the same rule about the same entities, ")
	if gap := s.start - g.first; gap > 0 {
		w.say("begun ")
		w.b = appendGap(w.b, gap)
		w.say(" after the first of them")
	} else {
		w.say("and none of them began earlier")
	}
	e.scratch.words = w.b
	return Link{
		Score: 1, Reasons: repeated, Gap: 0, Model: e.opt.Model.Version,
		Alerts: append(e.scratch.peers.Take(1), LinkedAlert{ID: g.alert, Title: g.title, Score: 1}),
		Facts:  append(e.scratch.facts.Take(1), Fact{Feature: "repeat", Text: e.scratch.texts.Of(w.b)}),
	}
}

// repeated is the reason of every repeat. It must not be changed.
var repeated = []Reason{RepeatedAlertOccurrence}
