package correlate

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// Pair is two incidents, A the older one.
type Pair struct {
	A IncidentID `json:"a"`
	B IncidentID `json:"b"`
}

func pairOf(a, b IncidentID) Pair { return Pair{min(a, b), max(a, b)} }

// SuggestionKind says why two incidents were not simply merged.
type SuggestionKind string

// The kinds of suggestion.
const (
	// SuggestNear: they fit, but not well enough for a merge.
	SuggestNear SuggestionKind = "belowThreshold"
	// SuggestRefused: they fit well enough, but their case work forbids a merge.
	SuggestRefused SuggestionKind = "refused"
	// SuggestRival: an alert of one of them would have fitted the other as well.
	SuggestRival SuggestionKind = "secondBest"
)

// Suggestion says that two incidents may be related. A later one about the same
// pair replaces it.
type Suggestion struct {
	Pair
	Kind  SuggestionKind `json:"kind"`
	Score float64        `json:"score"` // probability that they are one, 0 to 1
	// Refusal is what forbids the merge: owner, classification or determination.
	Refusal string `json:"refusal,omitempty"`
	// Alert is the one that brought the pair up, Link what ties it to the other
	// incident.
	Alert string `json:"alert"`
	Link  Link   `json:"link"`
}

const (
	// suggestMargin is how far below the threshold of a merge, in log-odds, a
	// pair is still suggested; rivalMargin the same where an alert of one would
	// have joined the other by itself.
	suggestMargin = 2.0
	rivalMargin   = 3.0
	// maxSuggestions bounds the suggestions of one incident; the best are kept.
	maxSuggestions = 5
	// materially is the change of a score from which a suggestion is told anew.
	materially = 0.1
)

// suggestionBook keeps which pairs are suggested, with the score that was told.
type suggestionBook struct {
	told map[Pair]told
	with map[IncidentID][]IncidentID // partners, ascending
}

type told struct {
	Score float64
	Kind  SuggestionKind
}

func newSuggestionBook() suggestionBook {
	return suggestionBook{told: map[Pair]told{}, with: map[IncidentID][]IncidentID{}}
}

func (b *suggestionBook) add(p Pair, t told) {
	if _, known := b.told[p]; !known {
		for _, end := range [][2]IncidentID{{p.A, p.B}, {p.B, p.A}} {
			list := b.with[end[0]]
			at, _ := slices.BinarySearch(list, end[1])
			b.with[end[0]] = slices.Insert(list, at, end[1])
		}
	}
	b.told[p] = t
}

func (b *suggestionBook) remove(p Pair) {
	delete(b.told, p)
	for _, end := range [][2]IncidentID{{p.A, p.B}, {p.B, p.A}} {
		list := b.with[end[0]]
		if at, ok := slices.BinarySearch(list, end[1]); ok {
			b.with[end[0]] = slices.Delete(list, at, at+1)
		}
		if len(b.with[end[0]]) == 0 {
			delete(b.with, end[0])
		}
	}
}

// weakest is the suggestion of an incident with the least score.
func (b *suggestionBook) weakest(id IncidentID) (Pair, float64) {
	least, score := Pair{}, math.Inf(1)
	for _, o := range b.with[id] {
		if p := pairOf(id, o); b.told[p].Score < score {
			least, score = p, b.told[p].Score
		}
	}
	return least, score
}

// room makes room for a suggestion of that score at both ends, and says whether
// there is any.
func (b *suggestionBook) room(p Pair, score float64, out *Outcome) bool {
	for _, end := range []IncidentID{p.A, p.B} {
		if _, least := b.weakest(end); len(b.with[end]) >= maxSuggestions && least >= score {
			return false
		}
	}
	for _, end := range []IncidentID{p.A, p.B} {
		if weak, _ := b.weakest(end); len(b.with[end]) >= maxSuggestions {
			b.remove(weak)
			out.Withdrawn = append(out.Withdrawn, weak)
		}
	}
	return true
}

// withdraw ends the suggestions of an incident.
func (b *suggestionBook) withdraw(id IncidentID, out *Outcome) {
	for _, o := range slices.Clone(b.with[id]) {
		p := pairOf(id, o)
		b.remove(p)
		out.Withdrawn = append(out.Withdrawn, p)
	}
}

// end withdraws the suggestion of a pair, when there is one.
func (b *suggestionBook) end(p Pair, out *Outcome) {
	if _, known := b.told[p]; known {
		b.remove(p)
		out.Withdrawn = append(out.Withdrawn, p)
	}
}

// forget drops what is known of an incident without a word: people may still act
// on what they were told.
func (b *suggestionBook) forget(id IncidentID) {
	for _, o := range slices.Clone(b.with[id]) {
		b.remove(pairOf(id, o))
	}
}

// contested says that case work alone forbids a merge: a person can settle that.
func contested(err error) (what string, yes bool) {
	if r, is := errors.AsType[*refusalError](err); is && r.settled {
		return r.what, true
	}
	return "", false
}

// refusalError is a rule that forbids a merge.
type refusalError struct {
	what    string // owner, classification, determination, closed, excluded, parted
	settled bool   // by people, who can settle it otherwise
	text    string
}

// Error implements error.
func (r *refusalError) Error() string { return ErrRefused.Error() + ": " + r.text }

// Unwrap gives ErrRefused.
func (r *refusalError) Unwrap() error { return ErrRefused }

// near is a pair that was compared and not merged.
type near struct {
	a, b    *incident
	odds    float64
	refusal string
}

// consider enters a pair that was compared and not merged.
func (e *Engine) consider(s *signal, c *candidate, n near) {
	pair := pairOf(n.a.id, n.b.id)
	sug := Suggestion{Pair: pair, Kind: SuggestNear, Score: e.opt.Model.Pair.Probability(n.odds), Refusal: n.refusal, Alert: s.id}
	short := e.mergeAt(n.a, n.b) - n.odds
	switch {
	case n.refusal != "" && short <= 0:
		sug.Kind = SuggestRefused
	case short <= suggestMargin:
	case c.logOdds >= e.joinAt() && short <= rivalMargin:
		sug.Kind = SuggestRival
	default:
		return
	}
	was, known := e.suggestions.told[pair]
	if known && was.Kind == sug.Kind && math.Abs(was.Score-sug.Score) < materially {
		return
	}
	sug.Link = e.explain(s, c)
	e.scratch.near = append(e.scratch.near, sug)
}

// suggest tells of the pairs that were considered for an alert and are still two
// incidents after its merges.
func (e *Engine) suggest(out *Outcome) {
	near := e.scratch.near
	slices.SortStableFunc(near, func(a, b Suggestion) int { return cmp.Compare(b.Score, a.Score) })
	for _, sug := range near {
		sug.Pair = pairOf(e.root(sug.A), e.root(sug.B))
		a, b := e.incidents.Get(sug.A), e.incidents.Get(sug.B)
		if a == nil || b == nil || a == b {
			continue
		}
		if _, yes := contested(e.refusal(a, b)); !yes && e.refusal(a, b) != nil {
			continue
		}
		if _, known := e.suggestions.told[sug.Pair]; !known && !e.suggestions.room(sug.Pair, sug.Score, out) {
			continue
		}
		if slices.ContainsFunc(out.Suggestions, func(o Suggestion) bool { return o.Pair == sug.Pair }) {
			continue
		}
		e.suggestions.add(sug.Pair, told{sug.Score, sug.Kind})
		out.Suggestions = append(out.Suggestions, sug)
	}
	clear(near)
	e.scratch.near = near[:0]
}

// applyRejection parts two incidents that were suggested, or takes that back.
func (e *Engine) applyRejection(c Command) (Outcome, error) {
	if len(c.Sources) != 1 {
		return Outcome{}, fmt.Errorf("%w: a rejection names two incidents", ErrRefused)
	}
	for _, id := range []IncidentID{c.Incident, c.Sources[0]} {
		if err := e.known(id); err != nil {
			return Outcome{}, err
		}
	}
	if e.root(c.Incident) == e.root(c.Sources[0]) {
		return Outcome{}, fmt.Errorf("%w: incidents %d and %d are one", ErrRefused, c.Incident, c.Sources[0])
	}
	a, b := e.live(c.Incident), e.live(c.Sources[0])
	out := Outcome{Incident: a.id}
	if c.Kind == CommandUnreject {
		e.reconcile(a, b)
		return out, nil
	}
	e.part(a, b)
	e.suggestions.end(pairOf(a.id, b.id), &out)
	return out, nil
}

type suggestionImage struct {
	A, B  IncidentID
	Score float64
	Kind  string
}

func (b *suggestionBook) image() []suggestionImage {
	out := make([]suggestionImage, 0, len(b.told))
	for _, p := range slices.SortedFunc(maps.Keys(b.told), func(x, y Pair) int { return cmp.Or(cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B)) }) {
		out = append(out, suggestionImage{p.A, p.B, b.told[p].Score, string(b.told[p].Kind)})
	}
	return out
}

func (b *suggestionBook) load(list []suggestionImage) {
	for _, s := range list {
		b.add(Pair{s.A, s.B}, told{s.Score, SuggestionKind(s.Kind)})
	}
}
