package story

import (
	"cmp"
	"slices"
	"time"

	"github.com/clew-sec/clew/entity"
)

// Bridge says what an incident would be without one of the things that its
// alerts share: the counter-fact to the links that rest on it. With one part
// only, the incident holds together without it.
type Bridge struct {
	Entity entity.ID   `json:"entity"`
	Kind   entity.Kind `json:"kind"`
	Label  string      `json:"label"`
	Alerts int         `json:"alerts"` // that mention it
	// Parts are what the incident would fall into, the largest first, at most
	// 8; PartsTotal counts all.
	Parts      []Part `json:"parts"`
	PartsTotal int    `json:"partsTotal"`
	Apart      int    `json:"apart"` // alerts outside the largest part
	Text       string `json:"text"`
}

// Part is a number of alerts that hang together.
type Part struct {
	Alerts int       `json:"alerts"`
	First  time.Time `json:"first"`
	Alert  string    `json:"alertId"` // its first alert
	Title  string    `json:"title"`   // of its first alert
}

// Bounds of the counter-facts.
const (
	maxBridges = 50 // shared things that are tried, those in the most alerts first
	maxParts   = 8
	namedParts = 3
)

// Bridges tries the incident without each of the things that its links rest on.
// Alerts hang together when they mention one thing that some link names; an
// alert whose link names nothing, such as a repeat, hangs on the alerts that it
// names. What would split off the most alerts comes first. Alerts may come in
// any order; of two with one id the first counts.
func Bridges(alerts []Alert, mentions []Mention, entities []Entity) []Bridge {
	h := hang(alerts, mentions, entities)
	whole := h.roots(-1)
	out := make([]Bridge, 0, maxBridges)
	for _, at := range h.widest(maxBridges) {
		out = append(out, h.bridge(at, whole))
	}
	slices.SortStableFunc(out, func(a, b Bridge) int { return cmp.Compare(b.Apart, a.Apart) })
	return out
}

// hanging is how the alerts of an incident hang together. Alerts are in order
// of time; shared things are those that links name, by their number.
type hanging struct {
	alerts []Alert
	things []Entity
	of     [][]int32  // by thing: the alerts that mention it, each once
	direct [][2]int32 // an alert whose link names nothing, and one that it names
}

func hang(alerts []Alert, mentions []Mention, entities []Entity) *hanging {
	in := reading{Input: Input{Alerts: alerts}}
	byID := in.order()
	h := &hanging{alerts: in.alerts}
	named := map[entity.ID]bool{}
	for i, a := range h.alerts {
		for _, e := range a.Link.Entities {
			named[e.ID] = true
		}
		if len(a.Link.Entities) > 0 {
			continue
		}
		for _, p := range a.Link.Alerts {
			if j, ok := byID[p.ID]; ok {
				h.direct = append(h.direct, [2]int32{int32(i), j})
			}
		}
	}
	at := map[entity.ID]int{}
	for _, e := range entities {
		if _, twice := at[e.ID]; named[e.ID] && !twice {
			at[e.ID] = len(h.things)
			h.things = append(h.things, e)
		}
	}
	h.mention(mentions, byID, at)
	return h
}

func (h *hanging) mention(mentions []Mention, byID map[string]int32, at map[entity.ID]int) {
	h.of = make([][]int32, len(h.things))
	for _, m := range mentions {
		a, known := byID[m.Alert]
		t, shared := at[m.Entity]
		if known && shared {
			h.of[t] = append(h.of[t], a)
		}
	}
	for t := range h.of {
		slices.Sort(h.of[t])
		h.of[t] = slices.Compact(h.of[t])
	}
}

// widest names the n things in the most alerts, two at least.
func (h *hanging) widest(n int) []int {
	var out []int
	for t := range h.things {
		if len(h.of[t]) > 1 {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int {
		return cmp.Or(cmp.Compare(len(h.of[b]), len(h.of[a])), cmp.Compare(h.things[a].ID, h.things[b].ID))
	})
	return out[:min(n, len(out))]
}

// roots gives by alert the first alert that it hangs together with, when one of
// the things (or, with -1, none) is left out.
func (h *hanging) roots(without int) []int32 {
	root := make([]int32, len(h.alerts))
	for i := range root {
		root[i] = int32(i)
	}
	for t, of := range h.of {
		if t == without {
			continue
		}
		for _, a := range of[min(1, len(of)):] {
			unite(root, of[0], a)
		}
	}
	for _, d := range h.direct {
		unite(root, d[0], d[1])
	}
	for i := range root {
		root[i] = rootOf(root, int32(i))
	}
	return root
}

func unite(root []int32, a, b int32) {
	a, b = rootOf(root, a), rootOf(root, b)
	root[max(a, b)] = min(a, b)
}

func rootOf(root []int32, a int32) int32 {
	for root[a] != a {
		root[a] = root[root[a]]
		a = root[a]
	}
	return a
}

// bridge splits the part of the incident that a thing holds together.
func (h *hanging) bridge(at int, whole []int32) Bridge {
	roots := h.roots(at)
	place := map[int32]int{}
	e := h.things[at]
	b := Bridge{Entity: e.ID, Kind: e.Kind, Label: visible(e.Label, maxLabel), Alerts: len(h.of[at])}
	all := 0
	for i, r := range roots {
		if whole[i] != whole[h.of[at][0]] {
			continue
		}
		all++
		p, ok := place[r]
		if !ok {
			p = len(b.Parts)
			place[r] = p
			a := h.alerts[i]
			b.Parts = append(b.Parts, Part{First: a.First, Alert: a.ID, Title: visible(a.Title, maxTitle)})
		}
		b.Parts[p].Alerts++
	}
	slices.SortStableFunc(b.Parts, func(x, y Part) int { return cmp.Compare(y.Alerts, x.Alerts) })
	b.Apart, b.PartsTotal = all-b.Parts[0].Alerts, len(b.Parts)
	b.Text = b.words(all)
	b.Parts = b.Parts[:min(len(b.Parts), maxParts)]
	return b
}

// words is "Without the address 10.0.0.9 the incident falls into three parts: 9
// alerts from “Sign-in” on, 3 alerts from “Logon” on and 1 alert “Scan”." Parts
// has all parts.
func (b *Bridge) words(all int) string {
	without := "Without the " + sameNoun(b.Kind) + " " + nameOf(b.Kind, b.Label)
	if b.PartsTotal == 1 {
		return without + " the " + counted(all, "alert", "alerts") + " still hang together."
	}
	single := slices.IndexFunc(b.Parts, func(p Part) bool { return p.Alerts == 1 })
	if single < 0 {
		single = len(b.Parts)
	}
	phrases := severalWords(b.Parts[:single])
	if alone := b.Parts[single:]; len(alone) > 0 {
		phrases = append(phrases, aloneWords(alone))
	}
	return without + " the incident falls into " + small(b.PartsTotal) + " parts: " + listed(phrases) + "."
}

// severalWords names the first of the parts with several alerts.
func severalWords(parts []Part) []string {
	var phrases []string
	for i, p := range parts {
		if i == namedParts && len(parts) > namedParts+1 {
			rest := 0
			for _, q := range parts[i:] {
				rest += q.Alerts
			}
			return append(phrases, number(len(parts)-i)+" more with "+number(rest)+" alerts")
		}
		phrases = append(phrases, counted(p.Alerts, "alert", "alerts")+" from "+quoted(p.Title, maxQuote)+" on")
	}
	return phrases
}

// aloneWords tells of the parts with one alert: what they are called, twice at
// most.
func aloneWords(parts []Part) string {
	var titles []string
	for _, p := range parts {
		if t := quoted(p.Title, maxQuote); !slices.Contains(titles, t) {
			titles = append(titles, t)
		}
	}
	text := counted(len(parts), "alert", "single alerts") + " "
	if len(titles) > 2 {
		return text + "such as " + listed(titles[:2])
	}
	return text + listed(titles)
}

// small writes out small numbers.
func small(n int) string {
	words := []string{2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine"}
	if n >= 2 && n < len(words) {
		return words[n]
	}
	return number(n)
}
