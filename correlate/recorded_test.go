package correlate_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
)

// entry is a log entry as the store gives it back.
type entry struct {
	alert   *alert.Alert
	command correlate.Command
	record  []byte
	where   correlate.IncidentID // of the alert, as senders were told
}

// past is an engine's life with its log.
type past struct {
	flow *flow
	log  []entry
}

func newPast(opt correlate.Options) *past { return &past{flow: newFlow(opt)} }

func (p *past) add(a *alert.Alert) {
	out := p.flow.add(a)
	r := out.Record()
	p.log = append(p.log, entry{alert: a, record: r.Append(nil), where: out.Incident})
}

func (p *past) apply(c correlate.Command) error {
	out, err := p.flow.apply(c)
	if err != nil {
		p.flow.seq-- // it is not in the log
		return err
	}
	c.Keep(&out)
	p.log = append(p.log, entry{command: c})
	return nil
}

// last is the largest number that an entity got.
func (p *past) last() entity.ID { return p.flow.engine.Entities().Next() - 1 }

// replay gives an engine that repeats the log after the first entries.
func (p *past) replay(t interface{ Fatal(...any) }, e *correlate.Engine, after int) (*flow, correlate.Followed) {
	f := newFlow(correlate.Options{})
	f.engine, f.seq = e, int64(after)
	e.Follow(p.last())
	for _, x := range p.log[after:] {
		if x.alert == nil {
			if _, err := f.apply(x.command); err != nil {
				t.Fatal(err)
			}
			continue
		}
		r, err := correlate.ParseRecorded(x.record)
		if err != nil {
			t.Fatal(err)
		}
		f.seq++
		f.take(e.Add(correlate.Arrival{Seq: f.seq, Source: "test", Received: x.alert.CreatedDateTime, Alert: x.alert, Recorded: r}))
	}
	return f, e.Followed()
}

// homes is where each alert is.
func (f *flow) homes() map[string]correlate.IncidentID {
	out := map[string]correlate.IncidentID{}
	for id := range f.where {
		out[id] = f.home(id)
	}
	return out
}

// otherwise is a model that decides otherwise: it stands for another version.
func otherwise(by float64) *correlate.Model {
	m := *correlate.BuiltIn()
	m.Version = fmt.Sprintf("otherwise %+g", by)
	m.Join, m.Consider, m.Merge = m.Join+by, m.Consider+by, m.Merge+by
	return &m
}

// live draws a life with all that happens: repeats, merges, moves, splits, closed
// incidents, excluded rules, updates, entities taken apart, and so long a time that
// things are forgotten.
func live(t *rapid.T, opt correlate.Options) *past {
	p := newPast(opt)
	stream := company(uint64(rapid.IntRange(1, 5).Draw(t, "seed")), rapid.IntRange(40, 140).Draw(t, "alerts"))
	jump := time.Duration(0)
	for i, a := range stream {
		if rapid.IntRange(0, 80).Draw(t, "days pass") == 0 {
			jump += 20 * 24 * time.Hour
		}
		a.FirstActivityDateTime, a.LastActivityDateTime = a.FirstActivityDateTime.Add(jump), a.LastActivityDateTime.Add(jump)
		a.CreatedDateTime = a.CreatedDateTime.Add(jump)
		p.add(a)
		if i < 10 {
			continue
		}
		switch rapid.IntRange(0, 12).Draw(t, "then") {
		case 0:
			again := *a
			again.ID += "-again"
			p.add(&again)
		case 1:
			late := *stream[rapid.IntRange(0, i-1).Draw(t, "updated")]
			late.Evidence = append(slices.Clone(late.Evidence), a.Evidence...)
			late.CreatedDateTime = a.CreatedDateTime
			p.add(&late)
		case 2:
			p.try(t, drawn(t, p.flow, stream[:i]))
		}
	}
	return p
}

// try does what may be refused.
func (p *past) try(t *rapid.T, c correlate.Command) {
	if err := p.apply(c); err != nil && !errors.Is(err, correlate.ErrRefused) && !errors.Is(err, correlate.ErrNoAlert) {
		t.Fatal(err)
	}
}

// drawn is something that a person does.
func drawn(t *rapid.T, f *flow, as []*alert.Alert) correlate.Command {
	a := as[rapid.IntRange(0, len(as)-1).Draw(t, "alert")].ID
	switch rapid.IntRange(0, 6).Draw(t, "kind") {
	case 0: // an undone merge
		if merged := slices.Sorted(maps.Keys(f.into)); len(merged) > 0 {
			return f.undo(merged[rapid.IntRange(0, len(merged)-1).Draw(t, "merge")])
		}
	case 1:
		return correlate.Command{Kind: correlate.CommandState, Incident: f.home(a), State: correlate.State{Closed: true}}
	case 2:
		s := correlate.Settings{Rules: []correlate.RuleControl{{Rule: "det-" + rapid.SampledFrom(rules).Draw(t, "rule"), State: correlate.RuleDisabled}}}
		return correlate.Command{Kind: correlate.CommandSettings, Settings: &s}
	case 3:
		return divide(f, as, a)
	}
	return command(t, f, as)
}

// undo takes a merge back.
func (f *flow) undo(from correlate.IncidentID) correlate.Command {
	var gone []string
	for id, at := range f.where {
		for at != from && f.into[at] != 0 {
			at = f.into[at]
		}
		if at == from {
			gone = append(gone, id)
		}
	}
	slices.Sort(gone)
	return correlate.Command{Kind: correlate.CommandUndoMerge, Incident: f.root(from), Sources: []correlate.IncidentID{from}, Alerts: gone}
}

// divide takes a user of an alert apart.
func divide(f *flow, as []*alert.Alert, id string) correlate.Command {
	c := correlate.Command{Kind: correlate.CommandState, Incident: f.home(id)}
	at := slices.IndexFunc(as, func(a *alert.Alert) bool { return a.ID == id })
	for _, m := range entity.Extract(as[at]) {
		if m.Kind != entity.User || len(m.Identifiers) < 2 {
			continue
		}
		whole := f.engine.Entities().Lookup(m.Identifiers[0])
		if whole == 0 {
			continue
		}
		x := &correlate.Division{Entity: whole, Kind: entity.User, Separation: entity.Separation{Going: m.Identifiers[:1], Staying: m.Identifiers[1:]}, Alerts: []string{id}}
		return correlate.Command{Kind: correlate.CommandDivide, Division: x}
	}
	return c
}

func (f *flow) root(id correlate.IncidentID) correlate.IncidentID {
	for f.into[id] != 0 {
		id = f.into[id]
	}
	return id
}

// The same version that follows its record comes to the very state, byte for byte,
// from the beginning as well as from a snapshot, and as if it had decided anew.
func TestRecordChangesNothingForTheSameVersion(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := live(t, correlate.Options{})
		want := snapshot(t, p.flow.engine)
		f, how := p.replay(t, correlate.New(correlate.Options{}), 0)
		if !bytes.Equal(want, snapshot(t, f.engine)) {
			t.Error("the states differ")
		}
		if how.Recorded != len(p.log) || how.Unrecorded+how.Otherwise+len(how.Made)+len(how.Joins) > 0 {
			t.Errorf("%+v", how)
		}
		if diff := cmp.Diff(p.flow.homes(), f.homes()); diff != "" {
			t.Error(diff)
		}
	})
}

// A version that decides otherwise, more readily or less, ends with exactly the
// incidents that people have seen, and goes on from there with its own numbers.
func TestRecordIsFollowedByAnotherVersion(t *testing.T) {
	t.Parallel()
	differed := 0
	rapid.Check(t, func(t *rapid.T) {
		p := live(t, correlate.Options{})
		other := correlate.Options{Model: otherwise(rapid.SampledFrom([]float64{-6, -2, 3, 8}).Draw(t, "other"))}
		f, how := p.replay(t, correlate.New(other), 0)
		if diff := cmp.Diff(p.flow.homes(), f.homes()); diff != "" {
			t.Fatal(diff)
		}
		if len(how.Made)+len(how.Joins) > 0 {
			t.Errorf("%+v", how)
		}
		differed += how.Otherwise
		// The engines agree about each alert, not only their outcomes.
		if n := p.flow.engine.Settle(maps.All(p.flow.homes())); n != 0 {
			t.Fatalf("%d alerts were elsewhere in the first engine", n)
		}
		if n := f.engine.Settle(maps.All(p.flow.homes())); n != 0 {
			t.Fatalf("%d alerts were elsewhere in the engine", n)
		}
		// What is new gets the next number in both.
		lone := finding{id: "lone", rule: "Never seen", at: begin, user: 999_999, ip: "192.0.2.77"}.alert()
		lone.CreatedDateTime = lone.FirstActivityDateTime
		a, b := p.flow.add(lone), f.add(lone)
		if a.Created && b.Created && a.Incident != b.Incident {
			t.Errorf("the next incident is %d and %d", a.Incident, b.Incident)
		}
		if diff := cmp.Diff(idsOf(a), idsOf(b)); diff != "" {
			t.Errorf("the next entities: %s", diff)
		}
	})
	if differed == 0 {
		t.Error("the other versions decided alike: nothing was tried")
	}
}

func idsOf(o correlate.Outcome) (ids []entity.ID) {
	for _, s := range o.Entities {
		ids = append(ids, s.ID)
	}
	return ids
}

// A version that reads fewer names, more, or in another order gives those that it
// reads the numbers that they have, and new ones above all that were given.
func TestEntitiesKeepTheirNumbers(t *testing.T) {
	t.Parallel()
	p := newPast(correlate.Options{})
	for _, a := range company(7, 300) {
		p.add(a)
	}
	names := map[entity.ID][]entity.Known{}
	for id, known := range p.flow.engine.Entities().Each() {
		names[id] = slices.Clone(known)
	}
	other := &past{flow: p.flow, log: slices.Clone(p.log)}
	for n := range other.log {
		a := *other.log[n].alert
		a.Evidence = slices.Clone(a.Evidence)
		slices.Reverse(a.Evidence)
		switch {
		case n%3 == 0 && len(a.Evidence) > 1:
			a.Evidence = a.Evidence[1:]
		case n%7 == 0:
			a.Evidence = append(a.Evidence, &alert.IPEvidence{IPAddress: fmt.Sprintf("192.0.2.%d", n%250)})
		}
		other.log[n].alert = &a
	}
	f, how := other.replay(t, correlate.New(correlate.Options{}), 0)
	if diff := cmp.Diff(p.flow.homes(), f.homes()); diff != "" {
		t.Error(diff)
	}
	last, made := p.last(), 0
	for id, known := range f.engine.Entities().Each() {
		if id > last {
			made++
			continue
		}
		if !slices.ContainsFunc(known, func(k entity.Known) bool {
			return slices.ContainsFunc(names[id], func(o entity.Known) bool { return o.Identifier == k.Identifier })
		}) {
			t.Errorf("entity %d is %v and was %v", id, known, names[id])
		}
	}
	if made == 0 || made != len(how.Made) {
		t.Errorf("%d entities are new, %d were told", made, len(how.Made))
	}
}

// What was found to be one stays one, and what is found to be one now is told.
func TestJoinsAreFollowed(t *testing.T) {
	t.Parallel()
	user := func(id string, u alert.UserAccount, minutes int) *alert.Alert {
		a := finding{id: id, rule: "Odd sign-in", at: begin.Add(time.Duration(minutes) * time.Minute)}.alert()
		a.Evidence = append(a.Evidence, &alert.UserEvidence{UserAccount: &u})
		return a
	}
	sid, upn := alert.UserAccount{UserSID: "S-1-5-21-1-2-3-1001"}, alert.UserAccount{UserPrincipalName: "ann@corp.example"}
	both := alert.UserAccount{UserSID: sid.UserSID, UserPrincipalName: upn.UserPrincipalName}
	one, two := newPast(correlate.Options{}), newPast(correlate.Options{})
	for n, u := range []alert.UserAccount{sid, upn, both, upn} {
		one.add(user(fmt.Sprint(n), u, 60*n))
	}
	for n, u := range []alert.UserAccount{sid, upn, upn, upn} {
		two.add(user(fmt.Sprint(n), u, 60*n))
	}
	// A version that does not read both names of the third alert.
	blind := &past{flow: one.flow, log: slices.Clone(one.log)}
	blind.log[2].alert = two.log[2].alert
	f, how := blind.replay(t, correlate.New(correlate.Options{}), 0)
	if len(how.Made)+len(how.Joins) > 0 {
		t.Errorf("%+v", how)
	}
	if ids := idsOf(f.outs[3]); len(ids) != 1 || ids[0] != 1 {
		t.Errorf("the name of an entity that was joined gives %v", ids)
	}
	// A version that reads both where one was read.
	sharp := &past{flow: two.flow, log: slices.Clone(two.log)}
	sharp.log[2].alert = one.log[2].alert
	_, how = sharp.replay(t, correlate.New(correlate.Options{}), 0)
	want := []entity.Join{{From: 2, Into: 1}}
	if diff := cmp.Diff(want, how.Joins, cmpopts.IgnoreFields(entity.Join{}, "By", "Alert", "At")); diff != "" || len(how.Made) > 0 {
		t.Errorf("%s%+v", diff, how)
	}
}

func TestRecordForm(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.Int64Range(0, 1<<39)
		r := correlate.Recorded{
			Incident: correlate.IncidentID(id.Draw(t, "incident")), Created: rapid.Bool().Draw(t, "created"), Update: rapid.Bool().Draw(t, "update"),
			Folded: rapid.Bool().Draw(t, "folded"), Excluded: rapid.Bool().Draw(t, "excluded"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "lists") {
			r.Merges = append(r.Merges, correlate.Merged{From: correlate.IncidentID(id.Draw(t, "from")), Into: correlate.IncidentID(id.Draw(t, "into"))})
			r.Moves = append(r.Moves, correlate.Moved{Alert: rapid.String().Draw(t, "alert"), To: correlate.IncidentID(id.Draw(t, "to")), Created: rapid.Bool().Draw(t, "made")})
			r.Joins = append(r.Joins, correlate.Joined{From: entity.ID(id.Draw(t, "from")), Into: entity.ID(id.Draw(t, "into"))})
			r.Made.First = entity.ID(id.Draw(t, "first"))
			r.Made.Digests = append(r.Made.Digests, rapid.Uint64().Draw(t, "digest"))
		}
		data := r.Append(nil)
		got, err := correlate.ParseRecorded(data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&r, got); diff != "" {
			t.Fatal(diff)
		}
		if _, err := correlate.ParseRecorded(data[:len(data)-1]); !errors.Is(err, correlate.ErrRecord) {
			t.Errorf("cut short: %v", err)
		}
	})
	if r, err := correlate.ParseRecorded(nil); r != nil || err != nil {
		t.Errorf("%v %v", r, err)
	}
}

func FuzzParseRecorded(f *testing.F) {
	r := correlate.Recorded{Incident: 300, Created: true, Merges: []correlate.Merged{{From: 300, Into: 2}}, Made: entity.Made{First: 9, Digests: []uint64{1, 2}}}
	f.Add(r.Append(nil))
	f.Add([]byte{1, 0xff, 1, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := correlate.ParseRecorded(data)
		if err != nil || r == nil {
			return
		}
		if again, err := correlate.ParseRecorded(r.Append(nil)); err != nil || !cmp.Equal(r, again, cmpopts.EquateEmpty()) {
			t.Errorf("%+v and %+v, %v", r, again, err)
		}
	})
}
