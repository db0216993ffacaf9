package correlate

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/clew-sec/clew/entity"
)

// bucket is the incident that further alerts of an excluded rule go to, while
// they lie within the rule's time frame and there is room.
type bucket struct {
	inc         IncidentID
	first, last int64
	n           int    // alerts that were put there
	alert       string // the first
	title       string
	// What the alerts have in common; the key is made of it.
	rule    string
	match   Match
	details string
	ents    []entity.ID // ascending
}

func (b *bucket) key() groupKey {
	text := make([]byte, 0, 256)
	for _, part := range []string{b.rule, string(b.match), b.details} {
		text = binary.LittleEndian.AppendUint64(text, uint64(len(part)))
		text = append(text, part...)
	}
	for _, id := range b.ents {
		text = binary.LittleEndian.AppendUint64(text, uint64(id))
	}
	a := xxhash.Sum64(text)
	return groupKey{a, xxhash.Sum64(append(text, 1))}
}

// likeness is an empty bucket for the alert, nil when the alert has nothing that
// its rule's grouping compares: it then makes an incident of its own.
func likeness(s *signal) *bucket {
	b := &bucket{rule: s.detector, match: s.grouping.Match, alert: s.id, title: clip(s.title, 200), first: s.start, last: s.end}
	if b.match == MatchAny {
		return b
	}
	for _, m := range s.ents {
		if !m.context && (b.match == MatchAll || slices.Contains(s.grouping.Kinds, m.kind)) {
			b.ents = append(b.ents, m.id)
		}
	}
	slices.Sort(b.ents)
	if b.match == MatchSelected {
		b.details = detailsOf(s)
	}
	if len(b.ents) == 0 && (b.match == MatchAll || len(s.grouping.Details) == 0) {
		return nil
	}
	return b
}

// detailsOf names what is selected, so that another selection is another bucket,
// and its values.
func detailsOf(s *signal) string {
	var b strings.Builder
	for _, k := range s.grouping.Kinds {
		fmt.Fprintf(&b, "%s,", k)
	}
	for _, d := range s.grouping.Details {
		switch d {
		case DetailTitle:
			fmt.Fprintf(&b, "|title=%q", s.title)
		case DetailSeverity:
			fmt.Fprintf(&b, "|severity=%d", s.severity)
		}
	}
	return b.String()
}

// takes says whether the alert belongs into the bucket's incident. All alerts of
// an incident lie within one time frame, whatever the order they come in.
func (b *bucket) takes(s *signal) bool {
	return b.n < MaxGrouped && max(b.last, s.start)-min(b.first, s.start) <= s.grouping.Window
}

// count notes that an alert was put into the bucket's incident; of no bucket, nothing.
func (b *bucket) count(s *signal) {
	if b != nil {
		b.n++
		b.first, b.last = min(b.first, s.start), max(b.last, s.start)
	}
}

// placeExcluded finds the incident of an alert whose rule is excluded from
// correlation: by the rule's own grouping and by nothing else.
func (e *Engine) placeExcluded(s *signal, out *Outcome) {
	out.Excluded = true
	like := likeness(s)
	var b *bucket
	if like != nil {
		b = e.buckets[like.key()]
	}
	into := e.standing(b)
	if into == nil || !b.takes(s) {
		into, b = e.open(true), like
		out.Created = true
		out.Link.Model = e.opt.Model.Version
		e.keep(b, into)
	} else {
		out.Link = e.explainGrouping(s, b)
	}
	e.trace(s, nil, 0, nil)
	if g := e.groups[s.key]; g != nil && g.excluded && e.root(g.inc) == into.id && len(s.ents) > 0 {
		link := out.Link
		e.fold(g, s, out)
		out.Link = link
	} else {
		e.enter(s, into)
	}
	out.Incident = into.id
	b.count(s)
}

// standing is the incident of a bucket while it may be fed.
func (e *Engine) standing(b *bucket) *incident {
	if b == nil {
		return nil
	}
	i := e.incidents.Get(e.root(b.inc))
	if i == nil || i.gone || i.state.Closed || i.alerts == 0 {
		return nil
	}
	return i
}

// keep makes a bucket the one that further alerts like it go to.
func (e *Engine) keep(b *bucket, into *incident) {
	if b == nil {
		return
	}
	b.inc, b.n, b.last = into.id, 0, b.first
	if old := e.buckets[b.key()]; old != nil {
		delete(e.bucketOf, old.inc)
	}
	e.buckets[b.key()] = b
	e.bucketOf[b.inc] = b
}

// dropBucket ends the grouping into an incident that is forgotten.
func (e *Engine) dropBucket(id IncidentID) {
	b := e.bucketOf[id]
	if b == nil {
		return
	}
	delete(e.bucketOf, id)
	if e.buckets[b.key()] == b {
		delete(e.buckets, b.key())
	}
}

// regroup follows a join of two entities in the bucket of an incident.
func (e *Engine) regroup(id IncidentID, j entity.Join) {
	b := e.bucketOf[id]
	if b == nil || !slices.Contains(b.ents, j.From) {
		return
	}
	e.dropBucket(id)
	b.ents = slices.DeleteFunc(slices.Clone(b.ents), func(x entity.ID) bool { return x == j.From || x == j.Into })
	b.ents = append(b.ents, j.Into)
	slices.Sort(b.ents)
	if other := e.buckets[b.key()]; other != nil {
		if other.first >= b.first {
			return // the later of two goes on
		}
		delete(e.bucketOf, other.inc)
	}
	e.buckets[b.key()] = b
	e.bucketOf[id] = b
}

// explainGrouping says why an alert of an excluded rule is in its incident.
func (e *Engine) explainGrouping(s *signal, b *bucket) Link {
	return Link{
		Score: 1, Reasons: []Reason{RepeatedAlertOccurrence}, Gap: max(0, s.start-b.last), Model: e.opt.Model.Version,
		Alerts: []LinkedAlert{{ID: b.alert, Title: b.title, Score: 1}},
		Facts:  []Fact{{Feature: "grouping", Text: "its rule is excluded from correlation; the rule's own grouping puts " + s.grouping.words() + " into one incident"}},
	}
}

// words says which alerts a grouping puts together.
func (g *Grouping) words() string {
	within := " within " + gapWords(g.Window)
	switch g.Match {
	case MatchAny:
		return "all of its alerts" + within
	case MatchSelected:
		var names []string
		for _, k := range g.Kinds {
			names = append(names, string(k))
		}
		for _, d := range g.Details {
			names = append(names, string(d))
		}
		return "its alerts with the same " + strings.Join(names, ", ") + within
	}
	return "its alerts about the same entities" + within
}

// bucketImage is a bucket in a snapshot.
type bucketImage struct {
	Inc            IncidentID
	First, Last    int64
	N              int
	Alert, Title   string
	Rule           string
	Match, Details string
	Ents           []entity.ID
}

func (e *Engine) bucketImages() []bucketImage {
	var out []bucketImage
	for _, id := range slices.Sorted(maps.Keys(e.bucketOf)) {
		b := e.bucketOf[id]
		out = append(out, bucketImage{b.inc, b.first, b.last, b.n, b.alert, b.title, b.rule, string(b.match), b.details, b.ents})
	}
	return out
}

func (e *Engine) loadBuckets(list []bucketImage) {
	for _, im := range list {
		b := &bucket{im.Inc, im.First, im.Last, im.N, im.Alert, im.Title, im.Rule, Match(im.Match), im.Details, im.Ents}
		e.buckets[b.key()] = b
		e.bucketOf[b.inc] = b
	}
}
