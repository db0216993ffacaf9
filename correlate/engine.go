package correlate

import (
	"cmp"
	"slices"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/entity/numbered"
)

// Options configures an engine. The zero value is the default.
type Options struct {
	// Horizon is how long an incident without activity, and what is known of
	// its alerts and entities, is kept for linking. Default 30 days.
	Horizon time.Duration
	// Model scores candidates; nil takes the model that is built in.
	Model *Model
	// Trace, when set, is told of every decision before it is carried out. It
	// is for training and measuring and must not keep its argument.
	Trace func(*Decision)
	// TracePair is told of every pair of incidents that was compared.
	TracePair func(*PairDecision)
}

// DefaultHorizon is how long quiet incidents are kept for linking.
const DefaultHorizon = 30 * 24 * time.Hour

func (o Options) complete() Options {
	if o.Horizon <= 0 {
		o.Horizon = DefaultHorizon
	}
	if o.Model == nil {
		o.Model = BuiltIn()
	}
	return o
}

// Decision is what the engine weighed for one alert.
type Decision struct {
	AlertID    string
	Folded     IncidentID // the alert repeats one of this incident; nothing was weighed
	Candidates []Weighed  // best first
	Chosen     IncidentID // 0: a new incident
}

// Weighed is one candidate incident of a Decision.
type Weighed struct {
	Incident IncidentID
	Features Features
	LogOdds  float64
}

// PairDecision is what the engine weighed for two incidents that an alert ties
// together.
type PairDecision struct {
	AlertID  string
	A, B     IncidentID
	Features PairFeatures
	LogOdds  float64
}

// Engine implements Correlator.
type Engine struct {
	opt      Options
	controls controls
	own      *Model // that of the options; opt.Model decides

	clock, start int64 // seconds; the time up to which the stream has come
	total        int64 // alerts added, repeats and updates apart
	resolver     *entity.Resolver
	index        numbered.Table[entity.ID, *presence]
	rules        ruleBook
	pairs        pairBook
	alerts       map[string]*placed
	groups       map[groupKey]*group
	incidents    numbered.Table[IncidentID, *incident]
	redirects    numbered.Table[IncidentID, IncidentID]
	next         IncidentID
	forgot       bool       // something has been forgotten since the start
	told         bool       // of all that people decided about the incidents that are known
	recalled     []Recalled // by the command that is carried out
	buckets      map[groupKey]*bucket
	bucketOf     map[IncidentID]*bucket
	suggestions  suggestionBook

	aged    agenda[string]     // alerts in order of arrival, for forgetting
	watched agenda[IncidentID] // every incident, for the same
	scratch scratch
	past    *past // nil unless the past is being repeated
}

// New gives an engine that has seen nothing.
func New(opt Options) *Engine {
	e := &Engine{
		opt: opt.complete(), resolver: entity.NewResolver(), rules: newRuleBook(),
		alerts: map[string]*placed{}, groups: map[groupKey]*group{}, next: 1, controls: newControls(Settings{Default: RuleEnabled}),
		buckets: map[groupKey]*bucket{}, bucketOf: map[IncidentID]*bucket{}, suggestions: newSuggestionBook(), told: true,
	}
	e.own = e.opt.Model
	return e
}

var _ Correlator = (*Engine)(nil)

// Entities gives access to what the engine learnt about entities. It must not
// be changed, and not be used while the engine works.
func (e *Engine) Entities() *entity.Resolver { return e.resolver }

// Add implements Correlator.
func (e *Engine) Add(in Arrival) Outcome {
	e.advance(in)
	kept, first := e.begin(in.Recorded), e.resolver.Next()
	s := e.read(in)
	if kept != nil {
		e.rejoin(&s, kept)
	}
	out := Outcome{AlertID: s.id, Tag: s.tag, Entities: s.seen, Joins: s.joins, Conflicts: e.resolver.TakeConflicts(), FirstEntity: first}
	e.follow(s.joins)
	known := e.alerts[s.id]
	switch {
	case kept != nil:
		e.placeAgain(known, &s, &out)
	case known != nil:
		e.update(known, &s, &out)
	default:
		e.place(&s, &out)
	}
	e.forget()
	return out
}

// maxStep is how far one alert can move the clock. A sender with a wrong clock
// can't make the engine forget everything.
const maxStep = 24 * 3600

// advance moves the clock to the alert's last activity, never beyond the time of
// arrival.
func (e *Engine) advance(in Arrival) {
	at := unix(in.Alert.End())
	if r := unix(in.Received); r > 0 && r < at {
		at = r
	}
	switch {
	case e.clock == 0:
		e.clock, e.start = at, at
	case at > e.clock+maxStep:
		e.clock += maxStep
	case at > e.clock:
		e.clock = at
	}
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// signal is an alert as the engine works with it.
type signal struct {
	id, title  string
	rule       int32
	start, end int64
	severity   uint8
	tactics    uint32 // bit n: the tactic of order n
	service    string
	tag        RuleState // that the description asks for
	excluded   bool      // from correlation, as it is stamped now
	detector   string    // the rule as settings name it
	grouping   Grouping  // of an excluded rule
	seen       []entity.Seen
	joins      []entity.Join
	ents       []trace
	key        groupKey  // of rule and entities
	kept       *Recorded // what was decided when the alert came, where that is repeated
}

// noLink stands for the score of an alert with the incident it began.
const noLink = -8

// trace is one distinct entity of an alert.
type trace struct {
	id       entity.ID
	class    class
	impacted bool
	context  bool // only named beside the matter
	label    string
	kind     entity.Kind
	stock    bool // a program that every machine has
	private  bool // an address that means something only inside one network
}

// read extracts and resolves the alert's entities.
func (e *Engine) read(in Arrival) signal {
	a := in.Alert
	s := signal{
		id: a.ID, title: a.Title, start: unix(a.Start()), end: unix(a.End()),
		severity: severityRank(a.Severity), service: string(a.ServiceSource), detector: clip(a.Rule(), MaxRuleName), tag: tagOf(a.Description),
	}
	var control RuleControl
	if len(e.controls.rules) > 0 {
		control = e.controls.rules[s.detector]
	}
	s.excluded, s.grouping = e.controls.settings.stateOf(control, s.tag)
	if s.start == 0 {
		s.start = cmp.Or(unix(in.Received), e.clock)
	}
	s.end = max(s.end, s.start)
	s.tactics = alert.TacticSetOf(a)
	e.scratch.key = appendRuleKey(e.scratch.key[:0], a)
	s.rule = e.rules.number(e.scratch.key)
	at := time.Unix(max(s.end, e.clock-int64(e.opt.Horizon.Seconds())), 0).UTC()
	s.seen = e.scratch.extract.Append(e.scratch.seen[:0], a)
	s.seen, s.joins = e.resolver.ResolveSeen(s.seen, entity.Proof{Alert: a.ID, At: at})
	e.scratch.seen = s.seen
	e.recognise(s.seen, s.joins)
	s.ents = e.distinct(s.seen)
	s.key = keyOf(&s)
	return s
}

// appendRuleKey names the rule of an alert. Products reuse a detector id for
// detections that differ in what they found, so the title belongs to it.
func appendRuleKey(dst []byte, a *alert.Alert) []byte {
	return append(append(append(dst, clip(a.Rule(), 200)...), 0), clip(a.Title, 200)...)
}

func clip(s string, n int) string { return s[:min(len(s), n)] }

func severityRank(s alert.Severity) uint8 {
	switch s {
	case alert.SeverityInformational:
		return 1
	case alert.SeverityLow:
		return 2
	case alert.SeverityMedium:
		return 3
	case alert.SeverityHigh:
		return 4
	}
	return 0
}

// maxTraces bounds the entities of one alert that are used for linking. All of
// them are resolved, kept and shown.
const maxTraces = 64

// distinct gives each entity that may link once. A mention in its own right counts
// before one beside the matter. A device that only held an address links nothing:
// measured, it led to more wrong joins than right ones.
func (e *Engine) distinct(seen []entity.Seen) []trace {
	out := e.scratch.traces[:0]
	for i := range seen {
		if seen[i].Leased || e.muted(seen[i].ID) {
			continue
		}
		m := &seen[i].Mention
		context := m.Evidence < 0 && contextual(m.Roles)
		at := 0
		for at < len(out) && out[at].id != seen[i].ID {
			at++
		}
		switch {
		case at < len(out):
			out[at].impacted = out[at].impacted || m.Impacted
			out[at].context = out[at].context && context
		case len(out) < maxTraces:
			out = append(out, trace{
				id: seen[i].ID, kind: m.Kind, label: m.Label, impacted: m.Impacted, context: context, stock: m.Stock,
				private: m.Kind == entity.IP && len(m.Identifiers) > 0 && m.Identifiers[0].Scope == "private",
			})
		}
	}
	e.scratch.traces = out
	for i := range out {
		out[i].class = classOf(&out[i])
	}
	return out
}

func contextual(roles []alert.Role) bool {
	return len(roles) == 1 && roles[0] == alert.RoleContextual
}

// place finds the incident of a new alert.
func (e *Engine) place(s *signal, out *Outcome) {
	e.total++
	if s.excluded {
		e.placeExcluded(s, out)
		return
	}
	if g := e.repeats(s); g != nil {
		e.fold(g, s, out)
		return
	}
	found := e.weigh(s, 0)
	target := e.choose(found)
	e.trace(s, found, 0, target)
	var into *incident
	if target == nil {
		into = e.open(false)
		out.Created = true
		out.Link.Model = e.opt.Model.Version
	} else {
		into = target.inc
		out.Link = e.explain(s, target)
	}
	out.Incident = into.id
	e.enter(s, into)
	if target == nil {
		target = e.newcomer(into)
	}
	e.unite(s, target, found, out)
}

func (e *Engine) trace(s *signal, found []*candidate, folded IncidentID, chosen *candidate) {
	if e.opt.Trace == nil {
		return
	}
	d := Decision{AlertID: s.id, Folded: folded}
	for i := range found {
		d.Candidates = append(d.Candidates, Weighed{found[i].inc.id, found[i].x, found[i].logOdds})
	}
	if chosen != nil {
		d.Chosen = chosen.inc.id
	}
	e.opt.Trace(&d)
}

// root follows merges.
func (e *Engine) root(id IncidentID) IncidentID {
	for {
		to := e.redirects.Get(id)
		if to == 0 {
			return id
		}
		id = to
	}
}

// open makes an incident.
func (e *Engine) open(alone bool) *incident {
	i := newIncident(e.next)
	i.alone = alone
	e.incidents.Set(i.id, i)
	e.watch(i)
	e.next++
	return i
}

// enter puts the alert into an incident as a group of its own.
func (e *Engine) enter(s *signal, into *incident) {
	entry := &entry{peer: peer{s.id, clip(s.title, 200)}, group: group{
		key: s.key, rule: s.rule, severity: s.severity, tactics: s.tactics, service: s.service,
		first: s.start, last: s.end, inc: into.id, excluded: s.excluded,
	}}
	g := &entry.group
	g.peer = &entry.peer
	if g.marks = entry.room[:0]; len(s.ents) > len(entry.room) {
		g.marks = make([]mark, 0, len(s.ents))
	}
	g.marks = appendMarks(g.marks, s.ents)
	e.groups[s.key] = g
	entry.placed = placed{group: g, inc: into.id, start: s.start}
	e.alerts[s.id] = &entry.placed
	e.aged.push(s.id, e.clock)
	into.own = append(into.own, s.id)
	e.rules.count(s.rule, e.clock)
	e.pairs.count(into, s.rule)
	e.join(g, into, 1)
	e.rules.touch(s.rule, into.id, g, e.moment(s.rule))
}

// join adds a group to the facts of an incident and to the index.
func (e *Engine) join(g *group, into *incident, n int) {
	into.add(g, n)
	into.touched = e.clock
	when := e.moment(g.rule)
	for _, m := range g.marks {
		p := e.index.Get(m.id)
		if p == nil {
			p = newPresence(e.clock)
			e.index.Set(m.id, p)
		}
		p.alerts += int64(n)
		p.touch(into.id, g, m, when)
	}
}

// follow carries joins of entities over to the index and to the incidents.
func (e *Engine) follow(joins []entity.Join) {
	for _, j := range joins {
		from := e.index.Get(j.From)
		if from == nil {
			continue
		}
		e.index.Delete(j.From)
		into := e.index.Get(j.Into)
		if into == nil {
			e.index.Set(j.Into, from)
		} else {
			into.absorb(from)
		}
		for _, t := range from.touches {
			if i := e.incidents.Get(e.root(t.inc)); i != nil {
				i.rename(j.From, j.Into)
			}
			e.regroup(t.inc, j)
		}
	}
}

// update takes a new version of a known alert: it stays where it is; what it
// says in addition is added, and may join its incident to another.
func (e *Engine) update(known *placed, s *signal, out *Outcome) {
	out.Update = true
	inc := e.incidents.Get(e.root(known.inc))
	if inc == nil {
		inc = e.revive(known.inc)
	}
	out.Incident = inc.id
	g := known.group
	if g == nil {
		return
	}
	out.Excluded = g.excluded
	fresh := false
	for _, m := range appendMarks(nil, s.ents) {
		if slices.ContainsFunc(g.marks, func(o mark) bool { return e.resolver.Find(o.id) == m.id }) {
			continue
		}
		if len(g.marks) >= maxTraces {
			break
		}
		g.marks = append(g.marks, m)
		fresh = true
	}
	g.severity, g.tactics = max(g.severity, s.severity), g.tactics|s.tactics
	g.first, g.last = min(g.first, s.start), max(g.last, s.end)
	e.join(g, inc, 0)
	if s.excluded = g.excluded; fresh && !s.excluded {
		found := e.weigh(s, inc.id)
		e.unite(s, e.newcomer(inc), found, out)
	}
}

// newcomer stands for the incident that an alert is in without a score.
func (e *Engine) newcomer(inc *incident) *candidate {
	e.scratch.own = candidate{inc: inc, logOdds: noLink}
	return &e.scratch.own
}

// revive makes a forgotten incident known again, empty.
func (e *Engine) revive(id IncidentID) *incident {
	i := e.forgotten(id)
	e.bringBack(i)
	return i
}

// forgotten is what is known of a forgotten incident.
func (e *Engine) forgotten(id IncidentID) *incident {
	i := newIncident(id)
	i.last, i.first = e.clock, e.clock
	e.recall(i)
	return i
}

// remember makes an incident known, unless it is.
func (e *Engine) remember(i *incident) {
	if e.incidents.Get(i.id) == nil {
		e.incidents.Set(i.id, i)
		e.watch(i)
	}
}
