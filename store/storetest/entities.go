package storetest

import (
	"strconv"
	"testing"
	"time"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

func learnt(kind entity.Kind, typ, value string) store.LearntIdentifier {
	return store.LearntIdentifier{Identifier: entity.Identifier{Kind: kind, Type: typ, Value: value}, Alert: "a", At: epoch}
}

func entities(t *testing.T, s store.Store) {
	ctx := t.Context()
	b := newBook(t, s)
	c := b.next()
	for n := range 5 {
		e := entityOf(entity.ID(n+1), []entity.Kind{entity.User, entity.Device}[n%2], "Label "+strconv.Itoa(n))
		e.LastSeen = at(n % 3)
		c.Entities = append(c.Entities, e)
	}
	c.Entities[0].Identifiers = []store.LearntIdentifier{learnt(entity.User, "upn", "mara@harbor.example")}
	b.commit(c)

	c = b.next()
	c.Entities = []store.Entity{
		{ID: 1, Kind: entity.User, Label: "Mara", Critical: true, FirstSeen: at(-5), LastSeen: at(-4), Identifiers: []store.LearntIdentifier{learnt(entity.User, "sid", "S-1-5"), learnt(entity.User, "upn", "mara@harbor.example")}},
		{ID: 1, Kind: entity.User, Critical: true, FirstSeen: at(1), LastSeen: at(9)},
		{ID: 2},
	}
	b.commit(c)
	got := must1(s.Entity(ctx, home, 1))
	equal(t, "updated", store.Entity{ID: 1, Kind: entity.User, Label: "Mara", Critical: true, FirstSeen: at(-5), LastSeen: at(9),
		Identifiers: []store.LearntIdentifier{learnt(entity.User, "sid", "S-1-5"), learnt(entity.User, "upn", "mara@harbor.example")}}, got)
	if e := must1(s.Entity(ctx, home, 2)); e.Label != "Label 1" || e.Kind != entity.Device || !e.FirstSeen.Equal(at(2)) || !e.LastSeen.Equal(at(1)) {
		t.Errorf("an update that says nothing changed it: %+v", e)
	}
	list := func(q store.EntityQuery) (out string) {
		q.Workspace = home
		for _, e := range all(t, 2, func(p store.Paging) (store.Page[store.Entity], error) { q.Paging = p; return s.Entities(ctx, q) }) {
			out += strconv.Itoa(int(e.ID))
		}
		return out
	}
	for want, q := range map[string]store.EntityQuery{
		"13524": {}, "24": {Kinds: []entity.Kind{entity.Device}}, "1": {Search: "S-1-5"}, "5": {Search: "LABEL 4"}, "": {Search: "nobody"},
	} {
		if got := list(q); got != want {
			t.Errorf("%+v: got %q, want %q", q, got, want)
		}
	}
	if n := len(must1(s.EntitiesByID(ctx, home, []entity.ID{5, 1, 99, 5}))); n != 2 {
		t.Errorf("%d by id", n)
	}
}

func joins(t *testing.T, s store.Store) {
	ctx := t.Context()
	b := newBook(t, s)
	c := b.next()
	c.Alerts = []store.Alert{alertOf("a", 1, 1), alertOf("b", 2, 1), alertOf("c", 3, 2)}
	c.Entities = []store.Entity{entityOf(1, entity.Device, "wks-1"), entityOf(2, entity.Device, "WKS-1.harbor.example"), entityOf(3, entity.Device, "10.0.0.1")}
	c.Entities[1].Critical = true
	c.Entities[1].Identifiers = []store.LearntIdentifier{learnt(entity.Device, "fqdn", "wks-1.harbor.example"), learnt(entity.Device, "x", "both")}
	c.Entities[0].Identifiers = []store.LearntIdentifier{learnt(entity.Device, "x", "both")}
	mention := func(alert string, id entity.ID, evidence int) store.AlertEntity {
		return store.AlertEntity{Alert: alert, Entity: id, Kind: entity.Device, Evidence: evidence}
	}
	// Alert a mentions both 1 and 2 (in different evidence), b only 2, c only 2.
	c.AlertEntities = []store.AlertEntity{mention("a", 1, 0), mention("a", 2, 1), mention("b", 2, 0), mention("c", 2, 0), mention("c", 3, 1)}
	row := func(in correlate.IncidentID, id entity.ID, n int, verdict string) store.IncidentEntity {
		return store.IncidentEntity{Incident: in, Entity: id, Kind: entity.Device, Alerts: n, Verdict: verdict, First: at(int(id)), Last: at(9 - int(id)), Roles: []string{[]string{"source", "attacked"}[id%2]}}
	}
	c.Incidents = []incident.Incident{headOf(1, 1), headOf(2, 2)}
	c.IncidentEntities = []store.IncidentEntity{row(1, 1, 1, "suspicious"), row(1, 2, 2, "malicious"), row(2, 2, 1, "unknown"), row(2, 3, 1, "")}
	b.commit(c)

	c = b.next()
	c.Joins = []entity.Join{{From: 2, Into: 1, At: epoch}}
	// Planned before the join was known:
	c.Alerts = []store.Alert{alertOf("d", 4, 2)}
	c.AlertEntities = []store.AlertEntity{mention("d", 2, 0)}
	c.IncidentEntities = []store.IncidentEntity{row(2, 2, 1, "suspicious")}
	b.commit(c)

	one := must1(s.Entity(ctx, home, 2))
	if one.ID != 1 || !one.Critical || one.Label != "wks-1" || len(one.Identifiers) != 2 || one.Alerts != 4 || one.Incidents != 2 || !one.LastSeen.Equal(at(3)) {
		t.Errorf("joined entity: %+v", one)
	}
	if gone := must1(s.EntitiesByID(ctx, home, []entity.ID{2})); len(gone) != 1 || gone[0].RedirectTo != 1 {
		t.Errorf("redirected: %+v", gone)
	}
	inOne := must1(s.IncidentEntities(ctx, home, 1, nil, store.Paging{})).Items
	equal(t, "incident 1", []store.IncidentEntity{{Incident: 1, Entity: 1, Kind: entity.Device, Label: "wks-1", Verdict: "malicious", Roles: []string{"source", "attacked"}, Alerts: 2, First: at(1), Last: at(8)}}, inOne)
	inTwo := must1(s.IncidentEntities(ctx, home, 2, nil, store.Paging{})).Items
	if len(inTwo) != 2 || inTwo[0].Entity != 1 || inTwo[0].Alerts != 2 {
		t.Errorf("incident 2: %+v", inTwo)
	}
	if got := listAlerts(t, s, store.AlertQuery{Entity: 2, Sort: store.AlertsByStart, Asc: true}); len(got) != 4 {
		t.Errorf("alerts of the redirected id: %v", got)
	}
	equal(t, "incidents of the redirected id", []int{1, 2}, listIncidents(t, s, store.IncidentQuery{Entity: 2, Sort: store.ByID, Asc: true}))
	if n := len(must1(s.Entities(ctx, store.EntityQuery{Workspace: home})).Items); n != 2 {
		t.Errorf("%d entities are listed", n)
	}
	if found := must1(s.Entities(ctx, store.EntityQuery{Workspace: home, Search: "wks-1.HARBOR"})).Items; len(found) != 1 || found[0].ID != 1 {
		t.Errorf("found by the name it got: %+v", found)
	}

	// A chain: 1 goes into 3's place, so 2 must lead there as well.
	c = b.next()
	c.Joins = []entity.Join{{From: 3, Into: 1}, {From: 1, Into: 1}}
	b.commit(c)
	if e := must1(s.Entity(ctx, home, 3)); e.ID != 1 || e.Alerts != 4 {
		t.Errorf("chained: %+v", e)
	}
	if r := must1(s.IncidentEntities(ctx, home, 2, nil, store.Paging{})).Items; len(r) != 1 || r[0].Alerts != 2 {
		t.Errorf("alert c mentions both and counts once: %+v", r)
	}
}

func incidentEntities(t *testing.T, s store.Store) {
	ctx := t.Context()
	b := newBook(t, s)
	write := func(reset []correlate.IncidentID, rows ...store.IncidentEntity) {
		c := b.next()
		c.ResetEntities, c.IncidentEntities = reset, rows
		b.commit(c)
	}
	row := func(id entity.ID, n int, impacted bool) store.IncidentEntity {
		return store.IncidentEntity{Incident: 1, Entity: id, Kind: []entity.Kind{entity.IP, entity.User}[id%2], Alerts: n, Impacted: impacted}
	}
	list := func(kinds ...entity.Kind) (out string) {
		for _, e := range all(t, 2, func(p store.Paging) (store.Page[store.IncidentEntity], error) {
			return s.IncidentEntities(ctx, home, 1, kinds, p)
		}) {
			out += strconv.Itoa(int(e.Entity)) + ":" + strconv.Itoa(e.Alerts) + " "
		}
		return out
	}
	c := b.next()
	c.Entities = []store.Entity{entityOf(5, entity.User, "five")}
	b.commit(c)
	write(nil, row(1, 2, false), row(2, 3, false), row(3, 1, true), row(4, 2, true), row(5, 2, true), row(6, 2, false))
	if got := list(); got != "4:2 5:2 3:1 2:3 1:2 6:2 " {
		t.Errorf("order: %s", got)
	}
	if got := list(entity.User); got != "5:2 3:1 1:2 " {
		t.Errorf("of a kind: %s", got)
	}
	write(nil, row(1, -2, false), row(2, 1, false), row(2, 1, true), row(3, -1, false), row(5, -1, false), row(7, 0, false), row(8, -1, false))
	if got := list(); got != "2:5 4:2 5:1 6:2 " {
		t.Errorf("after differences: %s", got)
	}
	early, late := row(4, 0, false), row(4, 0, false)
	early.First, early.Verdict, early.Roles = at(-3), "malicious", []string{"attacker"}
	late.Last, late.Verdict, late.Roles = at(3), "noThreatsFound", []string{"source", "attacker"}
	write(nil, early, late)
	got := must1(s.IncidentEntities(ctx, home, 1, []entity.Kind{entity.IP}, store.Paging{Limit: 2})).Items[1]
	equal(t, "summed up", store.IncidentEntity{Incident: 1, Entity: 4, Kind: entity.IP, Impacted: true, Verdict: "malicious", Roles: []string{"source", "attacker"}, Alerts: 2, First: at(-3), Last: at(3)}, got)
	write([]correlate.IncidentID{1}, row(9, 1, false))
	if got := list(); got != "9:1 " {
		t.Errorf("after a reset: %s", got)
	}
	incidentAlertEntities(t, b)
}

func incidentAlertEntities(t *testing.T, b *book) {
	c := b.next()
	c.Alerts = []store.Alert{alertOf("late", 9, 4), alertOf("early", 2, 4), alertOf("other", 1, 5)}
	for n, id := range []string{"late", "early", "other", "early"} {
		c.AlertEntities = append(c.AlertEntities, store.AlertEntity{Alert: id, Entity: 1, Kind: entity.IP, Evidence: 3 - n})
	}
	c.AlertEntities = append(c.AlertEntities, c.AlertEntities[0]) // the same mention twice is one
	b.commit(c)
	rows, more, err := b.s.IncidentAlertEntities(t.Context(), home, 4, 10)
	if err != nil || more {
		t.Fatal(more, err)
	}
	equal(t, "by alert time", []store.AlertEntity{c.AlertEntities[3], c.AlertEntities[1], c.AlertEntities[0]}, rows)
	if rows, more, _ = b.s.IncidentAlertEntities(t.Context(), home, 4, 2); len(rows) != 2 || !more {
		t.Errorf("%d rows, more: %v", len(rows), more)
	}
}

func activities(t *testing.T, s store.Store) {
	ctx := t.Context()
	b := newBook(t, s)
	c := b.next()
	c.Activities = []incident.Activity{
		{Incident: 1, At: at(1), Actor: incident.Actor{Kind: incident.ByUser, Name: "Mara"}, Kind: incident.Commented, Text: "100% Sure", Details: map[string]any{"from": "a", "n": 1.5, "list": []any{"x"}}},
		{Incident: 2, At: at(2), Actor: incident.Correlation, Kind: incident.Created, Text: "made", Alerts: []string{"a"}, Count: 4},
		{Incident: 1, At: at(3), Actor: incident.Correlation, Kind: incident.AlertsAdded, Text: "added"},
	}
	b.commit(c)
	for i, a := range c.Activities {
		if a.ID != int64(i+1) {
			t.Errorf("activity %d got id %d", i, a.ID)
		}
	}
	c2 := b.next()
	c2.Activities = []incident.Activity{{Incident: 1, At: at(0), Actor: incident.Actor{Kind: incident.ByAutomation}, Kind: incident.TagsChanged}}
	b.commit(c2)
	every := append(c.Activities, c2.Activities...)
	pick := func(q store.ActivityQuery) (out []incident.Activity) {
		q.Workspace = home
		return all(t, 1, func(p store.Paging) (store.Page[incident.Activity], error) { q.Paging = p; return s.Activities(ctx, q) })
	}
	equal(t, "of incident 1", []incident.Activity{every[3], every[2], every[0]}, pick(store.ActivityQuery{Incident: 1}))
	equal(t, "of all", []incident.Activity{every[3], every[2], every[1], every[0]}, pick(store.ActivityQuery{}))
	equal(t, "by kind", []incident.Activity{every[2], every[0]}, pick(store.ActivityQuery{Incident: 1, Kinds: []string{"commented", "alertsAdded"}}))
	equal(t, "by actor", []incident.Activity{every[0]}, pick(store.ActivityQuery{Incident: 1, Actors: []string{"user"}}))
	equal(t, "by text and actor's name", []incident.Activity{every[0]}, pick(store.ActivityQuery{Incident: 1, Search: "sure mara 100%"}))
}

func merges(t *testing.T, s store.Store) {
	ctx := t.Context()
	b := newBook(t, s)
	m := incident.Merge{
		ID: 1 << 50, Source: 2, Target: 1, At: at(1), Actor: incident.Correlation, Reason: "same", Link: &correlate.Link{Score: 0.5},
		SourceBefore: wholeIncident(), TargetBefore: headOf(1, 1), TargetAfter: headOf(1, 2), Alerts: []string{"a", "b"},
	}
	later := m
	later.ID, later.Source, later.At = 3, 4, at(2)
	elsewhere := m
	elsewhere.ID, elsewhere.Target = 4, 9
	c := b.next()
	c.Merges = []incident.Merge{m, later, elsewhere}
	c.Activities = []incident.Activity{
		{Incident: 1, At: at(1), Kind: incident.Merged, Text: "merged", Merge: m.ID, Undoable: true},
		{Incident: 1, At: at(1), Kind: incident.Commented, Text: "copied", Merge: m.ID, Origin: 2},
		{Incident: 1, At: at(2), Kind: incident.Commented, Text: "copied too", Merge: later.ID, Origin: 4},
	}
	b.commit(c)
	equal(t, "merge", m, must1(s.Merge(ctx, home, m.ID)))
	equal(t, "merges into 1", []incident.Merge{later, m}, must1(s.MergesInto(ctx, home, 1)))
	texts := func() (out string) {
		for _, a := range must1(s.Activities(ctx, store.ActivityQuery{Workspace: home, Incident: 1})).Items {
			out += a.Text + " " + strconv.FormatBool(a.Undoable) + "; "
		}
		return out
	}
	if got := texts(); got != "copied too false; copied false; merged true; " {
		t.Errorf("log: %s", got)
	}
	c = b.next()
	m.UndoneAt, m.UndoneBy = at(9), "mara"
	c.Merges = []incident.Merge{m}
	b.commit(c)
	equal(t, "undone", m, must1(s.Merge(ctx, home, m.ID)))
	if got := texts(); got != "copied too false; merged false; " {
		t.Errorf("log after the undo: %s", got)
	}
	if n := len(must1(s.Activities(ctx, store.ActivityQuery{Workspace: home})).Items); n != 1 {
		t.Errorf("the log of the workspace has %d entries, copies belong nowhere", n)
	}
}

func replay(t *testing.T, s store.Store) {
	ctx := t.Context()
	b := newBook(t, s)
	var want []store.LogEntry
	enter := func(a store.Alert, came time.Time) {
		want = append(want, store.LogEntry{Seq: a.Seq, Source: a.Source, Received: came, AlertID: a.ID, Normal: a.Normal, Record: a.Record})
	}
	decided := alertOf("b", 2, 1)
	decided.Record = []byte{1, 0, 255, 128}
	first := b.alerts(alertOf("a", 1, 1), decided)
	enter(first.Alerts[0], at(1))
	enter(first.Alerts[1], at(2))
	c := b.next()
	v2 := alertOf("a", 1, 1)
	v2.Seq, v2.Replaces, v2.Updated, v2.Normal, v2.Record = 4, 1, at(50), []byte("second"), []byte("kept")
	cmd := correlate.Command{Seq: 3, Kind: correlate.CommandMove, Incident: 4, Sources: []correlate.IncidentID{5}, Alerts: []string{"a"}, State: correlate.State{Owner: "mara"}}
	c.Seq, c.Alerts, c.Commands = 5, []store.Alert{v2}, []correlate.Command{cmd, {Seq: 5, Kind: correlate.CommandMove, Recorded: &correlate.Recorded{Incident: 9, Created: true, Made: entity.Made{First: 3, Digests: []uint64{1 << 63, 7}}}}}
	b.commit(c)
	want = append(want, store.LogEntry{Seq: 3, Command: &c.Commands[0]})
	enter(v2, at(50))
	want = append(want, store.LogEntry{Seq: 5, Command: &c.Commands[1]})
	many := b.next()
	for n := range 2500 {
		many.Alerts = append(many.Alerts, alertOf("m"+strconv.Itoa(n), n, 2))
	}
	b.commit(many)
	for _, a := range many.Alerts {
		enter(a, a.Received)
	}
	for _, after := range []int64{0, 2, 5, 1500} {
		var got []store.LogEntry
		for e, err := range s.Replay(ctx, home, after) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e)
		}
		equal(t, "log after "+strconv.Itoa(int(after)), want[after:], got)
	}
	n := 0
	for range s.Replay(ctx, home, 0) {
		if n++; n == 3 {
			break
		}
	}
	if p := must1(s.Position(ctx, home)); p != 2505 {
		t.Errorf("position %d", p)
	}
}

func checkpoints(t *testing.T, s store.Store) {
	ctx := t.Context()
	b := newBook(t, s)
	b.alerts(alertOf("a", 1, 1))
	for n, data := range [][]byte{[]byte("one"), make([]byte, 3<<20), []byte("three"), {}} {
		if err := s.SaveCheckpoint(ctx, home, int64(n), data); err != nil {
			t.Fatal(err)
		}
		seq, got, err := s.Checkpoint(ctx, home)
		if err != nil || seq != int64(n) || string(got) != string(data) {
			t.Errorf("checkpoint %d: %d, %d bytes, %v", n, seq, len(got), err)
		}
	}
	if err := s.SaveCheckpoint(ctx, home, 3, []byte("again")); err != nil {
		t.Fatal(err)
	}
	if _, got, _ := s.Checkpoint(ctx, home); string(got) != "again" {
		t.Errorf("replaced checkpoint: %q", got)
	}
}

func rejectsAndIntake(t *testing.T, s store.Store) {
	ctx := t.Context()
	b := newBook(t, s)
	c := b.next()
	for n := range 3 {
		c.Rejects = append(c.Rejects, store.Reject{At: at(n), Source: "graph", Origin: "file.json", Record: n + 1, Field: "/id", Reason: "no id", Raw: make([]byte, n*50_000), RawBytes: int64(n * 50_000)})
	}
	c.Intake = map[string]store.Intake{"graph": {Received: 6, New: 1, Updated: 1, Unchanged: 1, Rejected: 3, Folded: 1, Last: at(2)}, "wazuh": {Received: 1, New: 1}}
	b.commit(c)
	if c.Rejects[0].ID != 1 || c.Rejects[2].ID != 3 {
		t.Errorf("ids %d, %d", c.Rejects[0].ID, c.Rejects[2].ID)
	}
	got := all(t, 2, func(p store.Paging) (store.Page[store.Reject], error) { return s.Rejects(ctx, home, p) })
	want := []store.Reject{c.Rejects[2], c.Rejects[1], c.Rejects[0]}
	want[0].Raw = want[0].Raw[:64<<10]
	equal(t, "dead letters", want, got)
	c = b.next()
	c.Intake = map[string]store.Intake{"graph": {Received: 2, New: 2, Last: at(1)}}
	b.commit(c)
	equal(t, "counters", map[string]store.Intake{
		"graph": {Received: 8, New: 3, Updated: 1, Unchanged: 1, Rejected: 3, Folded: 1, Last: at(2)}, "wazuh": {Received: 1, New: 1},
	}, must1(s.Intake(ctx, home)))
}
