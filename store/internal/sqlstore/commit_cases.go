package sqlstore

import (
	"maps"
	"slices"
	"strings"

	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/store/internal/queue"
)

var (
	intoIncident = newInsertion("incident (key, ws, rev, facets, doc)",
		"ON CONFLICT (key) DO UPDATE SET rev = excluded.rev, facets = excluded.facets, doc = excluded.doc")
	intoText = newInsertion("incident_text (key, search)",
		"ON CONFLICT (key) DO UPDATE SET search = excluded.search WHERE incident_text.search <> excluded.search")
	intoActivity = newInsertion("activity (key, incident, origin, at, actor_kind, kind, merge_id, search, doc)", "")
	intoMerge    = newInsertion("incident_merge (ws, id, target, at, undone_at, doc)",
		"ON CONFLICT (ws, id) DO UPDATE SET target = excluded.target, at = excluded.at, undone_at = excluded.undone_at, doc = excluded.doc")
	intoCommands = newInsertion("command_log (key, doc)", "")
	intoReject   = newInsertion("reject (key, at, source, origin, record, field, reason, raw, raw_bytes)", "")
	intoIntake   = newInsertion("intake (ws, source, received, added, updated, unchanged, rejected, folded, last)",
		`ON CONFLICT (ws, source) DO UPDATE SET received = intake.received + excluded.received, added = intake.added + excluded.added,
		updated = intake.updated + excluded.updated, unchanged = intake.unchanged + excluded.unchanged,
		rejected = intake.rejected + excluded.rejected, folded = intake.folded + excluded.folded,
		last = CASE WHEN excluded.last > intake.last THEN excluded.last ELSE intake.last END`)
)

func (w *writing) incidents() error {
	for _, i := range w.p.heads {
		if err := checkNumber("incident", int64(w.c.Incidents[i].ID)); err != nil {
			return err
		}
	}
	err := w.insert(intoIncident, len(w.p.heads), func(n int, args []any) []any {
		i := w.p.heads[n]
		return append(args, key(w.ws, int64(w.c.Incidents[i].ID)), w.ws, w.rev, string(w.p.facets[i]), w.p.docs[i])
	})
	if err != nil {
		return err
	}
	return w.insert(intoText, len(w.p.heads), func(n int, args []any) []any {
		head := &w.c.Incidents[w.p.heads[n]]
		return append(args, key(w.ws, int64(head.ID)), incidentSearch(head))
	})
}

// incidentSearch is what a search looks into, beside the id.
func incidentSearch(i *incident.Incident) string {
	parts := []string{i.Name}
	for _, a := range i.TopAssets {
		parts = append(parts, a.Label)
	}
	parts = append(append(parts, i.Tags...), i.SystemTags...)
	return folded(strings.Join(parts, "\n"))
}

// queueRow is what the queue filters and sorts by.
func queueRow(i *incident.Incident) queue.Row {
	return queue.Row{
		Name: clean(i.Name),
		Values: [][]string{
			queue.Status:          {string(i.Status)},
			queue.Severity:        {string(i.Severity)},
			queue.Owner:           {clean(i.Owner)},
			queue.Classification:  {string(i.Classification)},
			queue.Determination:   {string(i.Determination)},
			queue.Priority:        {incident.PriorityGroup(i.Priority)},
			queue.Tag:             distinct(i.Tags, i.SystemTags),
			queue.Tactic:          distinct(slices.Sorted(maps.Keys(i.Tally.Tactics))),
			queue.Product:         distinct(slices.Sorted(maps.Keys(i.Tally.Products))),
			queue.ServiceSource:   distinct(slices.Sorted(maps.Keys(i.Tally.Sources))),
			queue.DetectionSource: distinct(slices.Sorted(maps.Keys(i.Tally.Detections))),
		},
		Rank: severityRank(string(i.Severity)), Life: slices.Index(incident.Statuses(), i.Status),
		Score: i.Priority, Alerts: i.Tally.Alerts,
		Created: micros(i.CreatedAt), Updated: micros(i.UpdatedAt), First: micros(i.FirstActivity), Last: micros(i.LastActivity),
		Redirect: i.Status == incident.Redirected,
	}
}

// distinct lists what is in any of the lists, cleaned, without repeats and empty text.
func distinct(lists ...[]string) []string {
	out := []string{}
	for _, l := range lists {
		for _, v := range l {
			if v = clean(v); v != "" && !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
	}
	return out
}

func (w *writing) activities() error {
	return w.insert(intoActivity, len(w.c.Activities), func(i int, args []any) []any {
		a := &w.c.Activities[i]
		return append(args, key(w.ws, w.activity+int64(i)+1), key(w.ws, int64(a.Incident)), int64(a.Origin), micros(a.At),
			clean(string(a.Actor.Kind)), clean(string(a.Kind)), a.Merge, folded(a.Text+"\n"+a.Actor.Name), w.p.activities[i])
	})
}

func (w *writing) merges() error {
	last := map[int64]int{}
	for i := range w.c.Merges {
		last[w.c.Merges[i].ID] = i
	}
	rows := slices.Sorted(maps.Values(last))
	return w.insert(intoMerge, len(rows), func(n int, args []any) []any {
		m := &w.c.Merges[rows[n]]
		return append(args, w.ws, m.ID, int64(m.Target), micros(m.At), micros(m.UndoneAt), w.p.merges[rows[n]])
	})
}

func (w *writing) commands() error {
	return w.insert(intoCommands, len(w.c.Commands), func(i int, args []any) []any {
		return append(args, key(w.ws, w.c.Commands[i].Seq), w.p.commands[i])
	})
}

func (w *writing) rejects() error {
	return w.insert(intoReject, len(w.c.Rejects), func(i int, args []any) []any {
		r := &w.c.Rejects[i]
		return append(args, key(w.ws, w.reject+int64(i)+1), micros(r.At), clean(r.Source), clean(r.Origin), int64(r.Record),
			clean(r.Field), clean(r.Reason), w.p.rejects[i], r.RawBytes)
	})
}

// maxSource bounds the name of a counter, in bytes.
const maxSource = 200

func (w *writing) intake() error {
	sums := map[string]store.Intake{}
	for source, n := range w.c.Intake {
		source = clean(source)
		source = clean(source[:min(len(source), maxSource)])
		sums[source] = addIntake(sums[source], n)
	}
	sources := slices.Sorted(maps.Keys(sums))
	return w.insert(intoIntake, len(sources), func(i int, args []any) []any {
		n := sums[sources[i]]
		return append(args, w.ws, sources[i], n.Received, n.New, n.Updated, n.Unchanged, n.Rejected, n.Folded, micros(n.Last))
	})
}

func addIntake(a, b store.Intake) store.Intake {
	a.Received += b.Received
	a.New += b.New
	a.Updated += b.Updated
	a.Unchanged += b.Unchanged
	a.Rejected += b.Rejected
	a.Folded += b.Folded
	if b.Last.After(a.Last) {
		a.Last = b.Last
	}
	return a
}
