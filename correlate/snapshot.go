package correlate

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/clew-sec/clew/entity"
)

// snapshotForm is the version of the binary form. A snapshot of another form is
// refused; its owner then replays the log.
const snapshotForm = "clew engine 3\n"

// ErrSnapshot says that a snapshot can't be used.
var ErrSnapshot = errors.New("snapshot not usable")

// image is the whole state in slices of a fixed order. Groups are numbered, so
// that alerts can share them.
type image struct {
	Clock, Start, Total int64
	Next                IncidentID
	Forgot              bool
	Model               []byte // the model file that decided so far
	Resolver            entity.Image
	Presences           []presenceImage
	Rules               []ruleStat
	RulePresences       []presenceImage
	Pairs               []pairImage
	Groups              []groupImage
	Alerts              []alertImage
	Incidents           []incidentImage
	Redirects           []redirectImage
	Aged                []due[string]
	Watched             []due[IncidentID] // not in snapshots of earlier versions
	Controls            controlsImage
	Buckets             []bucketImage
	Suggestions         []suggestionImage
	Told                bool // not in snapshots of earlier versions
}

type presenceImage struct {
	ID                    entity.ID
	Touches               []touchImage
	Weight, Groups, Rare  float64
	At, Since, Alerts     int64
	Users, Devices, Rules uint64
	RoutineRule           [4]int32
	RoutineWeight         [4]float64
	RoutineAt             [4]int64
}

type pairImage struct {
	A, B int32
	N    float64
}

type touchImage struct {
	Inc               IncidentID
	First, Last, Made int64
	Impacted          bool
	Rate, Rarity      float64
}

type groupImage struct {
	Key         groupKey
	Current     bool // the group that further repeats go to
	Rule        int32
	Severity    uint8
	Tactics     uint32
	Service     string
	Title       string
	First, Last int64
	N           int
	Inc, Heir   IncidentID
	Alert       string
	Excluded    bool
	Marks       []markImage
}

type markImage struct {
	ID       entity.ID
	Class    uint8
	Impacted bool
}

type alertImage struct {
	ID     string
	Group  int // 0: none, else index + 1
	Inc    IncidentID
	Start  int64
	Manual bool
}

type incidentImage struct {
	ID                   IncidentID
	State                State
	First, Last, Touched int64
	Alerts, Groups       int
	Severity             uint8
	Tactics              uint32
	Services             []string
	Gone, Alone          bool
	Shares               []shareImage
	Recent               []entity.ID
	Rules                []ruleShareImage
	Ties                 []tieImage
	Own                  []string
	Absorbed, Apart      []IncidentID
}

type tieImage struct {
	With IncidentID
	N    int
	Best float64
}

type shareImage struct {
	ID          entity.ID
	First, Last int64
	N           int
	Impacted    bool
	Class       uint8
	Rule        int32
	Alert       string
	Title       string
}

type ruleShareImage struct {
	Rule         int32
	N            int
	Last         int64
	Alert, Title string
}

type redirectImage struct{ From, Into IncidentID }

// Snapshot implements Correlator.
func (e *Engine) Snapshot() ([]byte, error) {
	im := e.image()
	var err error
	if im.Model, err = e.opt.Model.File(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString(snapshotForm)
	if err := gob.NewEncoder(&b).Encode(im); err != nil {
		return nil, fmt.Errorf("encoding the engine's state: %w", err)
	}
	return b.Bytes(), nil
}

// Restore gives an engine that continues exactly where the snapshot was taken, with
// the model that it was taken under until Renew, provided that the other options are
// the same.
func Restore(snapshot []byte, opt Options) (*Engine, error) {
	rest, ok := bytes.CutPrefix(snapshot, []byte(snapshotForm))
	if !ok {
		return nil, fmt.Errorf("%w: not of the form that this version reads", ErrSnapshot)
	}
	var im image
	if err := gob.NewDecoder(bytes.NewReader(rest)).Decode(&im); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	e := New(opt)
	if err := e.keepModel(im.Model); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	if err := e.load(&im); err != nil {
		return nil, err
	}
	return e, nil
}

func (e *Engine) image() *image {
	im := &image{
		Clock: e.clock, Start: e.start, Total: e.total, Next: e.next, Forgot: e.forgot, Told: e.told,
		Resolver: e.resolver.Image(), Rules: e.rules.stats, Aged: e.aged.list(),
		Watched: e.watched.list(),
	}
	for id, p := range e.index.All() {
		im.Presences = append(im.Presences, p.image(id))
	}
	for r, p := range e.rules.where {
		if p != nil {
			im.RulePresences = append(im.RulePresences, p.image(entity.ID(r)))
		}
	}
	for a, row := range e.pairs.rows {
		for _, m := range row {
			im.Pairs = append(im.Pairs, pairImage{int32(a), m.rule, m.n})
		}
	}
	numbers := map[*group]int{}
	number := func(g *group) int {
		if g == nil {
			return 0
		}
		if numbers[g] == 0 {
			im.Groups = append(im.Groups, g.image(e.groups[g.key] == g))
			numbers[g] = len(im.Groups)
		}
		return numbers[g]
	}
	for _, id := range slices.Sorted(maps.Keys(e.alerts)) {
		p := e.alerts[id]
		im.Alerts = append(im.Alerts, alertImage{id, number(p.group), p.inc, p.start, p.manual})
	}
	for _, key := range slices.SortedFunc(maps.Keys(e.groups), compareKeys) {
		number(e.groups[key])
	}
	for _, i := range e.incidents.All() {
		im.Incidents = append(im.Incidents, i.image())
	}
	for from, into := range e.redirects.All() {
		im.Redirects = append(im.Redirects, redirectImage{from, into})
	}
	im.Controls, im.Buckets, im.Suggestions = e.controls.image(), e.bucketImages(), e.suggestions.image()
	return im
}

func compareKeys(a, b groupKey) int { return slices.Compare(a[:], b[:]) }

func (p *presence) image(id entity.ID) presenceImage {
	out := presenceImage{ID: id, Weight: p.weight, Groups: p.groups, Rare: p.rare, At: p.at, Since: p.since, Alerts: p.alerts, Users: p.users, Devices: p.devices, Rules: p.rules}
	for _, t := range p.touches {
		out.Touches = append(out.Touches, touchImage{t.inc, t.first, t.last, t.made, t.impacted, t.rate, t.rarity})
	}
	out.RoutineRule, out.RoutineWeight, out.RoutineAt = p.routine.rule, p.routine.weight, p.routine.at
	return out
}

func (im *presenceImage) presence() *presence {
	p := &presence{weight: im.Weight, groups: im.Groups, rare: im.Rare, at: im.At, since: im.Since, alerts: im.Alerts, users: im.Users, devices: im.Devices, rules: im.Rules}
	for _, t := range im.Touches {
		p.touches = append(p.touches, touch{t.Inc, t.First, t.Last, t.Made, t.Impacted, t.Rate, t.Rarity})
	}
	p.routine = routines{im.RoutineRule, im.RoutineWeight, im.RoutineAt}
	return p
}

func (g *group) image(current bool) groupImage {
	out := groupImage{
		Key: g.key, Current: current, Rule: g.rule, Severity: g.severity, Tactics: g.tactics, Service: g.service, Title: g.title,
		First: g.first, Last: g.last, N: g.n, Inc: g.inc, Heir: g.heir, Alert: g.alert, Excluded: g.excluded,
	}
	for _, m := range g.marks {
		out.Marks = append(out.Marks, markImage{m.id, uint8(m.class), m.impacted})
	}
	return out
}

func (im *groupImage) group(all peers) *group {
	g := &group{
		key: im.Key, rule: im.Rule, severity: im.Severity, tactics: im.Tactics, service: im.Service, peer: all.of(im.Alert, im.Title),
		first: im.First, last: im.Last, n: im.N, inc: im.Inc, heir: im.Heir, excluded: im.Excluded, marks: make([]mark, 0, len(im.Marks)),
	}
	for _, m := range im.Marks {
		g.marks = append(g.marks, mark{m.ID, class(m.Class), m.Impacted})
	}
	return g
}

func (i *incident) image() incidentImage {
	out := incidentImage{
		ID: i.id, State: i.state, First: i.first, Last: i.last, Touched: i.touched, Alerts: i.alerts, Groups: i.groups, Severity: i.severity,
		Tactics: i.tactics, Services: i.services, Gone: i.gone, Alone: i.alone, Own: i.own, Absorbed: i.absorbed, Apart: i.apart, Recent: i.recent,
	}
	for _, id := range i.ents.ids() {
		s := i.ents.get(id)
		out.Shares = append(out.Shares, shareImage{id, s.first, s.last, s.n, s.impacted, uint8(s.class), s.rule, s.alert, s.title})
	}
	for _, t := range i.ties {
		out.Ties = append(out.Ties, tieImage{t.with, t.n, t.best})
	}
	for _, r := range i.rules {
		out.Rules = append(out.Rules, ruleShareImage{r.rule, r.n, r.last, r.alert, r.title})
	}
	return out
}

// peers are those of a snapshot, which writes each out wherever it is named.
type peers map[peer]*peer

func (all peers) of(alert, title string) *peer {
	p := all[peer{alert, title}]
	if p == nil {
		p = &peer{alert, title}
		all[*p] = p
	}
	return p
}

func (im *incidentImage) incident(all peers) *incident {
	i := newIncident(im.ID)
	i.state, i.first, i.last, i.touched, i.alerts, i.groups = im.State, im.First, im.Last, im.Touched, im.Alerts, im.Groups
	i.severity, i.tactics, i.services, i.gone, i.alone = im.Severity, im.Tactics, im.Services, im.Gone, im.Alone
	i.own, i.absorbed, i.apart, i.recent = im.Own, im.Absorbed, im.Apart, im.Recent
	for _, s := range im.Shares {
		i.ents.put(s.ID, &share{s.First, s.Last, s.N, s.Impacted, class(s.Class), s.Rule, all.of(s.Alert, s.Title)})
	}
	for _, t := range im.Ties {
		i.ties = append(i.ties, tie{t.With, t.N, t.Best})
	}
	for _, r := range im.Rules {
		i.rules = append(i.rules, ruleShare{r.Rule, r.N, r.Last, all.of(r.Alert, r.Title)})
	}
	return i
}

// sound checks the numbers by which things are held.
func (im *image) sound() error {
	rules := max(len(im.Rules), 1)
	for k := range im.Presences {
		if id := im.Presences[k].ID; id < 1 || id >= im.Resolver.Next {
			return fmt.Errorf("%w: an entity has number %d", ErrSnapshot, id)
		}
	}
	for k := range im.RulePresences {
		if id := im.RulePresences[k].ID; id < 0 || int(id) >= rules {
			return fmt.Errorf("%w: rule %d is unknown", ErrSnapshot, id)
		}
	}
	for _, p := range im.Pairs {
		if p.A < 0 || int(p.A) >= rules {
			return fmt.Errorf("%w: rule %d of a pair is unknown", ErrSnapshot, p.A)
		}
	}
	for k := range im.Incidents {
		if id := im.Incidents[k].ID; id < 1 || id >= im.Next {
			return fmt.Errorf("%w: an incident has number %d", ErrSnapshot, id)
		}
	}
	for _, r := range im.Redirects {
		if r.From < 1 || r.From >= im.Next {
			return fmt.Errorf("%w: an incident merged away has number %d", ErrSnapshot, r.From)
		}
	}
	return nil
}

func (e *Engine) load(im *image) error {
	if err := im.sound(); err != nil {
		return err
	}
	e.clock, e.start, e.total, e.next, e.forgot = im.Clock, im.Start, im.Total, max(im.Next, 1), im.Forgot
	e.resolver = entity.FromImage(im.Resolver)
	for k := range im.Presences {
		e.index.Set(im.Presences[k].ID, im.Presences[k].presence())
	}
	if len(im.Rules) > 0 {
		e.rules.stats = im.Rules
		for n, r := range im.Rules[1:] {
			e.rules.numbers[r.Name] = int32(n + 1)
		}
	}
	for k := range im.RulePresences {
		e.rules.put(int32(im.RulePresences[k].ID), im.RulePresences[k].presence())
	}
	for _, p := range im.Pairs {
		e.pairs.set(p.A, p.B, p.N)
	}
	groups, all := make([]*group, len(im.Groups)), peers{}
	for k := range im.Groups {
		groups[k] = im.Groups[k].group(all)
		if int(groups[k].rule) >= len(e.rules.stats) || groups[k].rule < 0 {
			return fmt.Errorf("%w: group %d has an unknown rule", ErrSnapshot, k)
		}
		if im.Groups[k].Current {
			e.groups[groups[k].key] = groups[k]
		}
	}
	for _, a := range im.Alerts {
		if a.Group < 0 || a.Group > len(groups) {
			return fmt.Errorf("%w: an alert has an unknown group", ErrSnapshot)
		}
		p := &placed{inc: a.Inc, start: a.Start, manual: a.Manual}
		if a.Group > 0 {
			p.group = groups[a.Group-1]
		}
		e.alerts[a.ID] = p
	}
	for k := range im.Incidents {
		e.incidents.Set(im.Incidents[k].ID, im.Incidents[k].incident(all))
	}
	for _, r := range im.Redirects {
		e.redirects.Set(r.From, r.Into)
	}
	e.loadAgenda(im, groups)
	e.controls = im.Controls.controls()
	e.loadBuckets(im.Buckets)
	e.suggestions.load(im.Suggestions)
	if e.told = im.Told; !e.told {
		e.handOn()
	}
	return nil
}
