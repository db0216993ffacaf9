// Package story tells an incident: the timeline of its alerts, the graph of what
// touched what, its way along the kill chain, and a summary in plain sentences
// that each name the alerts and entities they rest on.
//
// The package is pure: no clock, no I/O, no map order. It never leaves anything
// out silently: whatever is folded or cut is counted in the result. Titles and
// names come from alerts and are hostile; in every text of a Story they are
// bounded and their hidden characters are visible, but they still have to be
// escaped where they are shown.
package story

import (
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
)

// Input is an incident with what it holds.
type Input struct {
	Incident incident.Incident
	Alerts   []Alert // in any order; of two with one id the first counts
	// Total is the number of alerts of the incident when Alerts holds only a
	// part of them (the newest), else 0.
	Total    int
	Mentions []Mention // which alert mentions which entity; of other alerts they are ignored
	// MentionsCut says that Mentions holds only a part.
	MentionsCut bool
	Entities    []Entity // those without a mention are ignored
	Limits      Limits
}

// Alert is an alert as a story needs it. Either Decoded or Normal gives the
// evidence; without both the graph rests on the mentions alone.
type Alert struct {
	ID       string
	Title    string
	Severity string
	Status   string
	Product  string
	Rule     string
	Tactics  []string // in any usual spelling
	First    time.Time
	Last     time.Time
	Link     correlate.Link
	Normal   []byte // Graph JSON
	Decoded  *alert.Alert
}

// FromAlert reads everything that a story needs from an alert itself.
func FromAlert(a *alert.Alert, link correlate.Link) Alert {
	out := Alert{
		ID: a.ID, Title: a.Title, Severity: string(a.Severity), Status: string(a.Status), Product: a.ProductName,
		Rule: a.Rule(), First: a.Start(), Last: a.End(), Link: link, Decoded: a,
	}
	for _, t := range alert.TacticsOf(a) {
		out.Tactics = append(out.Tactics, string(t))
	}
	return out
}

// Mention says that an alert mentions an entity. Its fields are those of the
// store's row, so that one converts to the other.
type Mention struct {
	Alert    string
	Entity   entity.ID
	Kind     entity.Kind
	Roles    []string
	Verdict  string
	Impacted bool
	Evidence int // index into the alert's evidence, -1 when only named inside an item
}

// Entity is a resolved entity of the incident.
type Entity struct {
	ID       entity.ID
	Kind     entity.Kind
	Label    string
	Critical bool
}

// Limits bounds what a story holds. A field that is 0 takes its default.
type Limits struct {
	Nodes    int // of the graph, 150
	Edges    int // of the graph, 600
	Timeline int // items, 2,000
	Decode   int // alerts whose evidence is read, repeats not counted, 2,000
	Proofs   int // alert and entity ids of one sentence, 100 each
}

func (l Limits) orDefaults() Limits {
	for _, p := range []struct {
		have *int
		def  int
	}{{&l.Nodes, 150}, {&l.Edges, 600}, {&l.Timeline, 2000}, {&l.Decode, 2000}, {&l.Proofs, 100}} {
		if *p.have <= 0 {
			*p.have = p.def
		}
	}
	l.Nodes = max(l.Nodes, len(nouns)) // one group of each kind always fits
	return l
}

// Story is the whole account of one incident.
type Story struct {
	Incident correlate.IncidentID `json:"incident"`
	// Timeline is in order of first activity. TimelineTotal counts the alerts
	// of the incident, TimelineItems the items before any were cut.
	Timeline      []TimelineItem `json:"timeline"`
	TimelineTotal int            `json:"timelineTotal"`
	TimelineItems int            `json:"timelineItems"`
	Graph         Graph          `json:"graph"`
	KillChain     []Stage        `json:"killChain"`
	// Sentences is the summary in about five sentences, Steps the longer form.
	Sentences []Sentence `json:"sentences"`
	Steps     []Sentence `json:"steps"`
	Scope     Scope      `json:"scope"`
	Truncated Truncated  `json:"truncated"`
}

// Truncated counts what the story does not hold. All zero means that nothing
// was left out.
type Truncated struct {
	Alerts        int  `json:"alerts,omitempty"`        // of the incident, not handed in
	Mentions      bool `json:"mentions,omitempty"`      // not all mentions were handed in
	TimelineItems int  `json:"timelineItems,omitempty"` // cut, the least severe first
	Undecoded     int  `json:"undecoded,omitempty"`     // timeline items whose evidence was not read for the graph
	Unreadable    int  `json:"unreadable,omitempty"`    // timeline items whose alert is not valid
	Edges         int  `json:"edges,omitempty"`         // cut, those with the fewest alerts first
}

// TimelineItem is an alert, or several of one rule about the same entities
// within a day.
type TimelineItem struct {
	At       time.Time   `json:"at"`
	End      time.Time   `json:"end"`
	Alert    string      `json:"alertId"`
	Title    string      `json:"title"`
	Severity string      `json:"severity"`
	Tactic   string      `json:"tactic"`
	Product  string      `json:"product"`
	Entities []entity.ID `json:"entities"`      // at most 50, the assets first
	Why      string      `json:"why,omitempty"` // the reason of its link, in a sentence
	// Shares names the kinds of the things that the sentence names, Peer the
	// alert that it measures time from.
	Shares []entity.Kind `json:"shares,omitempty"`
	Peer   string        `json:"peer,omitempty"`
	Count  int           `json:"count"`            // alerts, 1 when nothing was folded
	Folded []string      `json:"folded,omitempty"` // the others' ids, at most 20
}

// Stage is a tactic of the kill chain. Tactic is empty for the alerts that name
// none.
type Stage struct {
	Tactic string    `json:"tactic"`
	Name   string    `json:"name"`
	Alerts int       `json:"alerts"`
	First  time.Time `json:"first"`
	Last   time.Time `json:"last"`
}

// Sentence is a statement with its proof. Topic is what it tells of: overview,
// began, used, spread, hit, obtained, state, or stage in the longer form.
type Sentence struct {
	Topic      string      `json:"topic"`
	Text       string      `json:"text"`
	Alerts     []string    `json:"alerts"` // never empty
	AlertCount int         `json:"alertCount"`
	Entities   []entity.ID `json:"entities"`
}

// Scope counts the distinct entities of the incident.
type Scope struct {
	Devices        int `json:"devices"`
	Users          int `json:"users"`
	Mailboxes      int `json:"mailboxes"`
	Apps           int `json:"apps"`
	CloudResources int `json:"cloudResources"`
	Addresses      int `json:"addresses"`
	Files          int `json:"files"`
	Processes      int `json:"processes"`
	URLs           int `json:"urls"` // with domains
	Mails          int `json:"mails"`
	Others         int `json:"others"`
	Impacted       int `json:"impacted"` // assets that an alert names as hit
	Critical       int `json:"critical"` // of these, marked as critical
}

// Build tells the story of in. It accepts any input.
func Build(in Input) *Story {
	r := read(in)
	s := &Story{Incident: in.Incident.ID, TimelineTotal: r.total}
	s.Truncated.Alerts = r.total - len(r.alerts)
	s.Truncated.Mentions = in.MentionsCut
	s.Timeline, s.Truncated.TimelineItems = r.timeline()
	s.TimelineItems = len(r.items)
	s.KillChain = r.killChain()
	s.Scope = r.scope()
	web := r.relate(&s.Truncated)
	s.Graph = r.graph(web, &s.Truncated)
	t := &teller{reading: r, web: web}
	s.Sentences = t.summary()
	s.Steps = t.steps()
	return s
}
