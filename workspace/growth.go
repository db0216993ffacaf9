package workspace

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// newRow makes the kept form of an arriving alert. Case work that people did on
// an earlier version stays, unless the source itself changed that field since.
func newRow(seq int64, in *prepared, out correlate.Outcome, old store.Alert) store.Alert {
	a := in.alert
	row := store.Alert{
		Seq: seq, ID: a.ID, Source: in.source, Received: in.received, Updated: in.received,
		Incident: out.Incident, Link: out.Link, Normal: in.normal, Raw: in.raw,
		Title: a.Title, Severity: known(string(a.Severity)), Status: string(a.Status), Category: a.Category,
		Classification: string(a.Classification), Determination: string(a.Determination), Owner: a.AssignedTo,
		Techniques: slices.Clone(a.MITRETechniques), Product: a.ProductName, ServiceSource: string(a.ServiceSource),
		DetectionSource: string(a.DetectionSource), Rule: a.Rule(),
		FirstActivity: micro(a.Start()), LastActivity: micro(a.End()),
	}
	for _, t := range alert.TacticsOf(a) {
		row.Tactics = append(row.Tactics, string(t))
	}
	if row.Status == "" || row.Status == string(alert.StatusUnknown) {
		row.Status = string(alert.StatusNew)
	}
	if row.FirstActivity.IsZero() {
		row.FirstActivity, row.LastActivity = in.received, in.received
	}
	row.Excluded, row.Tag = out.Excluded, out.Tag
	if old.ID != "" {
		keepCaseWork(&row, old)
	}
	return row
}

func known(s string) string {
	if s == "" {
		return string(alert.SeverityUnknown)
	}
	return s
}

func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// keepCaseWork carries over what people set on the version that row replaces.
func keepCaseWork(row *store.Alert, old store.Alert) {
	row.Replaces, row.Received, row.Excluded, row.Tag = old.Seq, old.Received, old.Excluded, old.Tag
	was, err := alert.Decode(old.Normal, storedLimits)
	if err != nil {
		was = &alert.Alert{}
	}
	keep := func(now *string, before, kept string) {
		if *now == before || *now == "" {
			*now = kept
		}
	}
	status := string(was.Status)
	if status == "" || status == string(alert.StatusUnknown) {
		status = string(alert.StatusNew)
	}
	keep(&row.Status, status, old.Status)
	keep(&row.Classification, string(was.Classification), old.Classification)
	keep(&row.Determination, string(was.Determination), old.Determination)
	keep(&row.Owner, was.AssignedTo, old.Owner)
}

// member is an alert as its incident counts it.
func member(a store.Alert) incident.Member {
	return incident.Member{
		ID: a.ID, Title: a.Title, Severity: a.Severity, Status: a.Status, Tactics: a.Tactics, Techniques: a.Techniques,
		Product: a.Product, ServiceSource: a.ServiceSource, DetectionSource: a.DetectionSource,
		First: a.FirstActivity, Last: a.LastActivity, LinkScore: a.Link.Score,
	}
}

func members(alerts []store.Alert) []incident.Member {
	out := make([]incident.Member, len(alerts))
	for i, a := range alerts {
		out[i] = member(a)
	}
	return out
}

// alertEntities turns resolved mentions into rows, one for each mention.
func alertEntities(alertID string, seen []entity.Seen) []store.AlertEntity {
	out := make([]store.AlertEntity, 0, len(seen))
	for _, s := range seen {
		m := s.Mention
		row := store.AlertEntity{
			Alert: alertID, Entity: s.ID, Kind: m.Kind, Verdict: string(m.Verdict),
			Impacted: m.Impacted, Evidence: m.Evidence,
		}
		for _, r := range m.Roles {
			row.Roles = append(row.Roles, string(r))
		}
		out = append(out, row)
	}
	return out
}

// involve adds an alert's mentions to a case file (by 1) or takes them out (-1).
// An alert counts once for each entity, however often it mentions it.
func (p *plan) involve(f *caseFile, row store.Alert, mentions []store.AlertEntity, by int) {
	once := map[entity.ID]bool{}
	for _, m := range mentions {
		r := p.entityRow(f, m)
		d := p.delta(f.head.ID, m)
		widen(r, m, row)
		widen(d, m, row)
		if once[m.Entity] {
			continue
		}
		once[m.Entity] = true
		r.Alerts += by
		d.Alerts += by
	}
	for id := range once {
		if f.entities[id].Alerts <= 0 {
			delete(f.entities, id)
		}
	}
}

func (p *plan) entityRow(f *caseFile, m store.AlertEntity) *store.IncidentEntity {
	r := f.entities[m.Entity]
	if r == nil {
		r = &store.IncidentEntity{Incident: f.head.ID, Entity: m.Entity, Kind: m.Kind, Label: p.labels[m.Entity]}
		f.entities[m.Entity] = r
	}
	return r
}

// delta is the row of this plan's change for an entity of an incident.
func (p *plan) delta(id correlate.IncidentID, m store.AlertEntity) *store.IncidentEntity {
	key := rowKey{id, m.Entity}
	d, ok := p.deltas[key]
	if !ok {
		d = &store.IncidentEntity{Incident: id, Entity: m.Entity, Kind: m.Kind}
		p.deltas[key] = d
		p.deltaOrder = append(p.deltaOrder, key)
	}
	return d
}

// widen enters one mention into the sum over an incident's alerts.
func widen(r *store.IncidentEntity, m store.AlertEntity, row store.Alert) {
	r.Impacted = r.Impacted || m.Impacted
	if worse(m.Verdict, r.Verdict) {
		r.Verdict = m.Verdict
	}
	for _, role := range m.Roles {
		r.Roles = addRole(r.Roles, role)
	}
	if r.First.IsZero() || row.FirstActivity.Before(r.First) {
		r.First = row.FirstActivity
	}
	if row.LastActivity.After(r.Last) {
		r.Last = row.LastActivity
	}
}

func addRole(roles []string, role string) []string {
	if slices.Contains(roles, role) {
		return roles
	}
	return append(roles, role)
}

func worse(a, b string) bool { return verdictRank(a) > verdictRank(b) }

func verdictRank(v string) int {
	switch alert.Verdict(v) {
	case alert.VerdictMalicious:
		return 4
	case alert.VerdictSuspicious:
		return 3
	case alert.VerdictNoThreatsFound:
		return 1
	case "":
		return 0
	}
	return 2
}

// involved yields the entities of a case file for its head, in no order: what the
// head makes of them does not depend on it.
func (w *Workspace) involved(f *caseFile) iter.Seq[incident.Involved] {
	return func(yield func(incident.Involved) bool) {
		for id, r := range f.entities {
			if !yield(incident.Involved{
				ID: id, Kind: r.Kind, Label: r.Label, Impacted: r.Impacted, Criticality: w.criticality(id), Alerts: r.Alerts,
			}) {
				return
			}
		}
	}
}

// settle lets a case file's head catch up with the alerts that came to it in
// this plan, and logs them.
func (p *plan) settle(f *caseFile) {
	if len(f.added) == 0 && len(f.updated) == 0 && !f.rescope {
		return
	}
	g := incident.Growth{Added: f.added, Updated: f.updated, Involved: p.w.involved(f), At: p.at, Actor: incident.Correlation}
	p.log(incident.Grow(&f.head, g)...)
	f.added, f.updated, f.rescope = nil, nil, false
}

// complete makes the change whole: heads, entity rows, times.
func (p *plan) complete() {
	for _, id := range p.order {
		p.settle(p.touched[id])
	}
	for _, id := range p.order {
		// The next batch goes on with the case file while this one is written.
		p.change.Incidents = append(p.change.Incidents, p.touched[id].head.Clone())
	}
	if len(p.change.Joins) > 0 {
		p.rewriteJoined()
	}
	for _, key := range p.deltaOrder {
		if d := p.deltas[key]; *zeroed(d) != (rowChange{}) {
			p.change.IncidentEntities = append(p.change.IncidentEntities, *d)
		}
	}
	for _, id := range p.entityOrder {
		p.change.Entities = append(p.change.Entities, *p.entities[id])
	}
	for _, id := range p.arrived {
		p.change.AlertEntities = append(p.change.AlertEntities, p.mentions[id]...)
	}
	p.change.At = p.at
}

// rowChange is what makes a difference row worth writing.
type rowChange struct {
	alerts      int
	impacted    bool
	verdict     string
	roles       int
	first, last time.Time
}

func zeroed(d *store.IncidentEntity) *rowChange {
	return &rowChange{d.Alerts, d.Impacted, d.Verdict, len(d.Roles), d.First, d.Last}
}

// resolve enters what the engine learnt of entities into the plan.
func (p *plan) resolve(ctx context.Context, in *prepared, out *correlate.Outcome) error {
	for _, s := range out.Entities {
		p.sight(in, s)
	}
	p.clash(out.Conflicts)
	return p.joinAll(ctx, out.Joins)
}

func (p *plan) joinAll(ctx context.Context, joins []entity.Join) error {
	for _, j := range joins {
		p.change.Joins = append(p.change.Joins, j)
		if err := p.join(ctx, j); err != nil {
			return err
		}
	}
	return nil
}

// maxClashes bounds the contradictions that are remembered as written.
const maxClashes = 10_000

// clash keeps contradictions. Alerts repeat them, so those that were written
// lately are passed over; the store knows the others.
func (p *plan) clash(all []entity.Conflict) {
	for _, c := range all {
		k := c.Key()
		if p.w.clashes[k] {
			continue
		}
		if len(p.w.clashes) >= maxClashes {
			clear(p.w.clashes)
		}
		p.w.clashes[k] = true
		c.At = micro(c.At)
		p.change.Conflicts = append(p.change.Conflicts, c)
	}
}

// sightStep is how far the last sight of an entity must move on before its row
// is written again: a busy entity would otherwise be rewritten with each alert.
const sightStep = 10 * time.Minute

func (p *plan) sight(in *prepared, s entity.Seen) {
	p.labels[s.ID] = s.Mention.Label
	if _, told := p.w.critical[s.ID]; told || s.Critical {
		p.w.critical[s.ID] = s.Critical
	}
	critical := p.w.criticality(s.ID) == correlate.CriticalityCritical
	p.isNew[s.ID] = p.isNew[s.ID] || s.New
	first, last := micro(in.alert.Start()), micro(in.alert.End())
	e, planned := p.entities[s.ID]
	if !planned && !s.New && len(s.Learnt) == 0 && last.Before(p.w.seen[s.ID].Add(sightStep)) {
		return
	}
	if !planned {
		e = &store.Entity{ID: s.ID, Kind: s.Mention.Kind, Label: s.Mention.Label, Critical: critical, FirstSeen: first, LastSeen: last}
		p.entities[s.ID] = e
		p.entityOrder = append(p.entityOrder, s.ID)
	}
	for _, l := range s.Learnt {
		e.Identifiers = append(e.Identifiers, learnt(l, in))
	}
	if first.Before(e.FirstSeen) {
		e.FirstSeen = first
	}
	if last.After(e.LastSeen) {
		e.LastSeen = last
	}
	p.w.seen[s.ID] = e.LastSeen
}

// learnt is an identifier with its proof: the alert that is arriving, or the row
// of the inventory.
func learnt(k entity.Known, in *prepared) store.LearntIdentifier {
	if k.Inventory != "" {
		return store.LearntIdentifier{Identifier: k.Identifier, Inventory: k.Inventory, At: k.At}
	}
	return store.LearntIdentifier{Identifier: k.Identifier, Alert: in.alert.ID, At: in.received}
}
