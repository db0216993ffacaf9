package workspace_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/app/invariant"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

// TestAnythingAtRandom does what people, senders, the engine and the machine do,
// in any order, and holds every state against what must be true: the invariants
// of the case files, the balance, and that an engine which sees the log anew
// agrees with the store about each alert and with the running engine about
// everything that it knows.
func TestAnythingAtRandom(t *testing.T) {
	t.Parallel()
	st := openStore(t)
	number := 0
	check(t, 40, func(rt *rapid.T) {
		number++
		r := newRandom(rt, t, st, fmt.Sprintf("w%d", number), correlate.Options{})
		defer r.bench.close()
		steps := rapid.SampledFrom([]int{5, 15, 40}).Draw(rt, "steps")
		for range steps {
			action := rapid.SampledFrom(r.actions()).Draw(rt, "action")
			action.do(r)
			if r.bench.w == nil {
				rt.Fatal("the workspace did not open again")
			}
		}
		r.verify()
	})
}

// check runs a property a fixed number of times, unless the command line says
// how often.
func check(t *testing.T, times int, prop func(*rapid.T)) {
	t.Helper()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		if err := flag.Set("rapid.checks", fmt.Sprint(times)); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, prop)
}

type action struct {
	name string
	do   func(*random)
}

func (a action) String() string { return a.name }

// random is one workspace and what was done to it.
type random struct {
	rt     *rapid.T
	bench  *bench
	disk   *faulty
	sent   map[string]*alert.Alert // latest version
	order  []string
	at     time.Time
	broken bool             // the next commit fails
	tasks  map[int64]string // titles by id, of those that must be there
	engine correlate.Options
}

func newRandom(rt *rapid.T, t *testing.T, st store.Store, name string, engine correlate.Options) *random {
	r := &random{rt: rt, disk: &faulty{Store: st}, sent: map[string]*alert.Alert{}, tasks: map[int64]string{}, at: epoch, engine: engine}
	r.disk.fail = func(int, *store.Change) error {
		if r.broken {
			r.broken = false
			return errDisk
		}
		return nil
	}
	b := &bench{t: t, ctx: context.WithoutCancel(t.Context()), st: st, clock: &clock{at: epoch}}
	b.opt = workspace.Options{Name: name, Store: r.disk, Now: b.clock.now, MaxBatch: rapid.IntRange(1, 9).Draw(rt, "batch"), CheckpointEvery: int64(rapid.SampledFrom([]int{3, 20, 1000}).Draw(rt, "checkpoints"))}
	engineWith(engine)(&b.opt)
	b.open()
	r.bench = b
	return r
}

func (r *random) actions() []action {
	return []action{
		{"ingest", (*random).ingest}, {"ingest more", (*random).ingest}, {"ingest still more", (*random).ingest},
		{"update", (*random).update}, {"merge", (*random).merge}, {"undo", (*random).undo}, {"move", (*random).move},
		{"patch", (*random).patch}, {"patch alerts", (*random).patchAlerts}, {"comment", (*random).comment}, {"task", (*random).task},
		{"inventory", (*random).inventory}, {"split", (*random).split}, {"settings", (*random).settings}, {"suggestion", (*random).suggestion},
		{"restart", (*random).restart}, {"disk fails", (*random).breakDisk}, {"days pass", (*random).days}, {"verify", (*random).verify},
	}
}

func pick[T any](r *random, name string, from ...T) T {
	return rapid.SampledFrom(from).Draw(r.rt, name)
}

// account names one of a few users by some of the identifiers that users have, so
// that alerts prove now and then that two are one.
func (r *random) account() alert.Evidence {
	n := rapid.IntRange(1, 4).Draw(r.rt, "user")
	u := &alert.UserAccount{}
	known := rapid.IntRange(1, 7).Draw(r.rt, "known by")
	if known&1 != 0 {
		u.UserPrincipalName = fmt.Sprintf("user%d@corp.example", n)
	}
	if known&2 != 0 {
		u.UserSID = fmt.Sprintf("S-1-5-21-1-2-3-%d", 1000+n)
	}
	if known&4 != 0 {
		u.AzureADUserID = fmt.Sprintf("00000000-0000-4000-8000-00000000000%d", n)
	}
	return &alert.UserEvidence{UserAccount: u}
}

func (r *random) device() alert.Evidence {
	n := rapid.IntRange(1, 4).Draw(r.rt, "device")
	d := &alert.DeviceEvidence{}
	if known := rapid.IntRange(1, 3).Draw(r.rt, "known by"); known&1 != 0 {
		d.DeviceDNSName = fmt.Sprintf("host%d.corp.example", n)
		d.MDEDeviceID = map[bool]string{true: fmt.Sprintf("%040d", n)}[known == 3]
	} else {
		d.MDEDeviceID = fmt.Sprintf("%040d", n)
	}
	return d
}

func (r *random) evidence() []alert.Evidence {
	var out []alert.Evidence
	for range rapid.IntRange(0, 4).Draw(r.rt, "evidence") {
		var ev alert.Evidence
		switch pick(r, "kind", "user", "device", "ip", "file") {
		case "user":
			ev = r.account()
		case "device":
			ev = r.device()
		case "ip":
			ev = &alert.IPEvidence{IPAddress: fmt.Sprintf("203.0.113.%d", rapid.IntRange(1, 3).Draw(r.rt, "ip"))}
		case "file":
			ev = &alert.FileEvidence{FileDetails: &alert.FileDetails{FileName: "evil.exe", SHA256: fmt.Sprintf("%064x", rapid.IntRange(1, 3).Draw(r.rt, "file"))}}
		}
		ev.Base().Verdict = pick(r, "verdict", alert.VerdictUnknown, alert.VerdictSuspicious, alert.VerdictMalicious)
		ev.Base().Roles = pick(r, "role", nil, []alert.Role{alert.RoleAttacked}, []alert.Role{alert.RoleSource})
		out = append(out, ev)
	}
	return out
}

func (r *random) newAlert() *alert.Alert {
	r.at = r.at.Add(time.Duration(rapid.IntRange(-30, 90).Draw(r.rt, "minutes")) * time.Minute)
	n := rapid.IntRange(1, 6).Draw(r.rt, "rule")
	a := &alert.Alert{
		ID: fmt.Sprintf("a%d", len(r.order)+1), Title: fmt.Sprintf("Detection %d", n), DetectorID: fmt.Sprintf("rule-%d", n),
		Severity: pick(r, "severity", alert.SeverityLow, alert.SeverityMedium, alert.SeverityHigh), Category: pick(r, "tactic", "Execution", "LateralMovement", "Exfiltration"),
		ServiceSource: "microsoftDefenderForEndpoint", ProductName: pick(r, "product", "One", "Two"), CreatedDateTime: r.at,
		LastUpdateDateTime: r.at, FirstActivityDateTime: r.at, LastActivityDateTime: r.at.Add(time.Minute), Evidence: r.evidence(),
	}
	r.order = append(r.order, a.ID)
	r.sent[a.ID] = a
	return a
}

func (r *random) ingest() {
	var batch []*alert.Alert
	for range rapid.IntRange(1, 8).Draw(r.rt, "alerts") {
		a := r.newAlert()
		batch = append(batch, a)
		if rapid.IntRange(0, 5).Draw(r.rt, "again") == 0 {
			batch = append(batch, r.version())
		}
	}
	r.send(batch)
}

// send delivers as a sender does: until it is told that all was accepted.
func (r *random) send(batch []*alert.Alert) {
	for {
		got, err := r.bench.w.Ingest(r.bench.ctx, workspace.Batch{Source: "graph", Origin: "random", Results: results(batch...)})
		if err == nil {
			if got.Received != len(batch) || got.Rejected != 0 {
				r.rt.Fatalf("%d alerts were sent: %+v", len(batch), got)
			}
			return
		}
		if !errors.Is(err, errDisk) {
			r.rt.Fatal(err)
		}
	}
}

// version changes an alert that was sent before, or repeats it.
func (r *random) version() *alert.Alert {
	a := *r.sent[pick(r, "known alert", r.order...)]
	switch pick(r, "change", "nothing", "newer", "older", "evidence") {
	case "newer":
		a.LastUpdateDateTime = a.LastUpdateDateTime.Add(time.Minute)
		a.Severity, a.Title = alert.SeverityHigh, a.Title+"!"
	case "older":
		a.LastUpdateDateTime = a.LastUpdateDateTime.Add(-time.Hour)
		a.Title = "Old"
		return &a
	case "evidence":
		a.LastUpdateDateTime = a.LastUpdateDateTime.Add(time.Minute)
		a.Evidence = r.evidence()
	}
	r.sent[a.ID] = &a
	return &a
}

func (r *random) update() {
	if len(r.order) > 0 {
		r.send([]*alert.Alert{r.version(), r.version()})
	}
}

// open lists the incidents that were not merged away.
func (r *random) open() []incident.Incident {
	p, err := r.bench.st.Incidents(r.bench.ctx, store.IncidentQuery{Workspace: r.bench.opt.Name, Sort: store.ByID, Asc: true, Paging: store.Paging{Limit: 500}})
	if err != nil {
		r.rt.Fatal(err)
	}
	return p.Items
}

// allow stops at errors that no rule and no failing disk explains.
func (r *random) allow(what string, err error) {
	var bad *incident.InvalidError
	if err == nil || errors.Is(err, correlate.ErrRefused) || errors.Is(err, workspace.ErrInvalid) || errors.As(err, &bad) || errors.Is(err, errDisk) {
		return
	}
	r.rt.Fatalf("%s: %v", what, err)
}

func (r *random) some(name string, all []correlate.IncidentID, most int) []correlate.IncidentID {
	n := rapid.IntRange(1, min(most, len(all))).Draw(r.rt, name)
	return rapid.Permutation(all).Draw(r.rt, name)[:n]
}

func ids(all []incident.Incident) []correlate.IncidentID {
	out := make([]correlate.IncidentID, len(all))
	for n, i := range all {
		out[n] = i.ID
	}
	return out
}

func (r *random) merge() {
	open := ids(r.open())
	if len(open) < 2 {
		return
	}
	_, _, err := r.bench.w.Merge(r.bench.ctx, ada, r.some("merge", open, 4), workspace.Reason{Text: "they belong together"})
	r.allow("merging", err)
}

func (r *random) undo() {
	open := ids(r.open())
	if len(open) == 0 {
		return
	}
	merges, err := r.bench.st.MergesInto(r.bench.ctx, r.bench.opt.Name, pick(r, "undo in", open...))
	if err != nil {
		r.rt.Fatal(err)
	}
	if len(merges) == 0 {
		return
	}
	_, _, err = r.bench.w.UndoMerge(r.bench.ctx, ada, merges[rapid.IntRange(0, len(merges)-1).Draw(r.rt, "merge")].ID, "they don't")
	r.allow("undoing a merge", err)
}

func (r *random) move() {
	if len(r.order) == 0 {
		return
	}
	n := rapid.IntRange(1, min(5, len(r.order))).Draw(r.rt, "alerts")
	to := pick(r, "to", append([]correlate.IncidentID{0}, ids(r.open())...)...)
	_, err := r.bench.w.Move(r.bench.ctx, ada, rapid.Permutation(r.order).Draw(r.rt, "which")[:n], to, workspace.Reason{})
	r.allow("moving", err)
}

func (r *random) patch() {
	open := ids(r.open())
	if len(open) == 0 {
		return
	}
	var p workspace.Patch
	switch pick(r, "field", "status", "owner", "severity", "name", "tags", "classification", "comment") {
	case "status":
		p.Status = ref(pick(r, "status", "active", "inProgress", "resolved"))
	case "owner":
		p.Owner = ref(pick(r, "owner", "", "ada", "grace"))
	case "severity":
		p.Severity = ref(pick(r, "severity", "", "low", "high"))
	case "name":
		p.Name = ref(pick(r, "name", "", "A case"))
	case "tags":
		p.Tags = &[]string{pick(r, "tag", "one", "two")}
	case "classification":
		p.Classification, p.Determination = ref("truePositive"), ref(pick(r, "determination", "malware", "phishing"))
	case "comment":
		p.Comment = ref("a remark")
	}
	_, err := r.bench.w.UpdateIncident(r.bench.ctx, ada, pick(r, "incident", open...), p)
	r.allow("patching", err)
}

func (r *random) patchAlerts() {
	if len(r.order) == 0 {
		return
	}
	n := rapid.IntRange(1, min(4, len(r.order))).Draw(r.rt, "alerts")
	_, err := r.bench.w.UpdateAlerts(r.bench.ctx, ada, rapid.Permutation(r.order).Draw(r.rt, "which")[:n],
		workspace.AlertPatch{Status: ref(pick(r, "status", "new", "inProgress", "resolved")), Owner: ref(pick(r, "owner", "", "ada"))})
	r.allow("patching alerts", err)
}

func (r *random) comment() {
	if open := ids(r.open()); len(open) > 0 {
		_, err := r.bench.w.Comment(r.bench.ctx, ada, pick(r, "incident", open...), "hm")
		r.allow("commenting", err)
	}
}

func (r *random) settings() {
	before := must(r.bench.st.CorrelationSettings(r.bench.ctx, r.bench.opt.Name))
	var err error
	switch pick(r, "settings", "rule", "exclude", "restore") {
	case "rule":
		_, err = r.bench.w.SetRule(r.bench.ctx, ada, correlate.RuleControl{
			Rule: fmt.Sprintf("rule-%d", rapid.IntRange(1, 6).Draw(r.rt, "rule")), State: pick(r, "state", correlate.RuleDisabled, correlate.RuleEnabled, correlate.RuleDefault),
			Grouping: &correlate.Grouping{Window: 3600, Match: pick(r, "match", correlate.MatchAll, correlate.MatchAny)},
		}, workspace.SettingsChange{Version: &before.Version})
	case "exclude":
		s := before.Settings
		s.Default = pick(r, "default", correlate.RuleEnabled, correlate.RuleDisabled)
		s.Exclude = []correlate.Exclusion{pick(r, "exclusion", correlate.Exclusion{Kind: correlate.ExcludeCIDR, Value: "203.0.113.0/31"}, correlate.Exclusion{Kind: correlate.ExcludeDomain, Value: "corp.example"})}
		s.Assets = []correlate.AssetCriticality{{Value: fmt.Sprintf("host%d.corp.example", rapid.IntRange(1, 4).Draw(r.rt, "host")), Level: pick(r, "level", correlate.CriticalityCritical, correlate.CriticalityLow)}}
		_, err = r.bench.w.SetCorrelation(r.bench.ctx, ada, s, workspace.SettingsChange{})
	case "restore":
		_, err = r.bench.w.RestoreCorrelation(r.bench.ctx, ada, rapid.Int64Range(0, before.Version).Draw(r.rt, "version"), workspace.SettingsChange{})
	}
	r.allow("changing settings", err)
}

func (r *random) suggestion() {
	open := ids(r.open())
	if len(open) == 0 {
		return
	}
	all := must(r.bench.st.Suggestions(r.bench.ctx, r.bench.opt.Name, pick(r, "suggestion of", open...), nil))
	if len(all) == 0 {
		return
	}
	s := all[rapid.IntRange(0, len(all)-1).Draw(r.rt, "suggestion")]
	var err error
	switch pick(r, "decision", "accept", "reject", "reopen") {
	case "accept":
		_, _, err = r.bench.w.AcceptSuggestion(r.bench.ctx, ada, s.ID, workspace.Reason{})
	case "reject":
		_, err = r.bench.w.RejectSuggestion(r.bench.ctx, ada, s.ID, "no")
	case "reopen":
		_, err = r.bench.w.ReopenSuggestion(r.bench.ctx, ada, s.ID, "")
	}
	r.allow("deciding on a suggestion", err)
}

func (r *random) restart() { r.bench.restart() }

func (r *random) breakDisk() { r.broken = true }

// days lets so much time pass that the engine forgets what was before.
func (r *random) days() {
	r.at = r.at.AddDate(0, 0, 45)
	r.bench.clock.set(r.at)
}

func (r *random) verify() {
	r.broken = false
	b := r.bench
	for _, p := range b.problems() {
		r.rt.Error(p)
	}
	r.sameEngine()
	r.sameTasks()
	if n := len(r.order); n > 0 {
		all, err := b.st.AlertsByID(b.ctx, b.opt.Name, r.order)
		if err != nil || len(all) != n {
			r.rt.Fatalf("%d of %d accepted alerts are there: %v", len(all), n, err)
		}
		for _, a := range all {
			if a.Title != r.sent[a.ID].Title {
				r.rt.Errorf("alert %s has title %q instead of %q", a.ID, a.Title, r.sent[a.ID].Title)
			}
		}
	}
}

// sameEngine compares the running engine with one that saw the log anew, and one that
// followed what is recorded in it, byte for byte.
func (r *random) sameEngine() {
	b := r.bench
	if err := b.w.Checkpoint(b.ctx); err != nil {
		r.rt.Fatal(err)
	}
	seq, running, err := b.st.Checkpoint(b.ctx, b.opt.Name)
	if errors.Is(err, store.ErrNotFound) && b.position() == 0 {
		return
	}
	if err != nil || seq != b.position() {
		r.rt.Fatalf("checkpoint at %d: %v", seq, err)
	}
	fresh, again := correlate.New(r.engine), correlate.New(r.engine)
	if _, err := invariant.Replay(b.ctx, b.st, b.opt.Name, fresh); err != nil {
		r.rt.Fatal(err)
	}
	r.agrees(fresh, running, "decides anew")
	differ, how, err := invariant.Follow(b.ctx, b.st, b.opt.Name, again)
	if err != nil || len(differ) > 0 || how.Unrecorded+how.Otherwise+len(how.Made)+len(how.Joins) > 0 {
		r.rt.Errorf("following the log: %v %v %+v", err, differ, how)
	}
	r.agrees(again, running, "follows the log")
	r.otherVersion()
}

// otherVersion lets an engine that decides otherwise follow the log: it must have
// each alert where the store has it.
func (r *random) otherVersion() {
	other := *correlate.BuiltIn()
	by := pick(r, "decides otherwise by", -6.0, -2, 3, 8)
	other.Join, other.Consider, other.Merge = other.Join+by, other.Consider+by, other.Merge+by
	differ, _, err := invariant.Follow(r.bench.ctx, r.bench.st, r.bench.opt.Name, correlate.New(correlate.Options{Model: &other, Horizon: r.engine.Horizon}))
	if err != nil || len(differ) > 0 {
		r.rt.Errorf("another version: %v %v", err, differ)
	}
}

func (r *random) agrees(fresh correlate.Correlator, running []byte, what string) {
	anew, err := fresh.Snapshot()
	if err != nil {
		r.rt.Fatal(err)
	}
	if !bytes.Equal(anew, running) {
		at := slices.IndexFunc(slices.Collect(func(yield func(int) bool) {
			for n := range min(len(anew), len(running)) {
				if !yield(n) {
					return
				}
			}
		}), func(n int) bool { return anew[n] != running[n] })
		r.rt.Errorf("the running engine (%d bytes) differs from one that %s (%d bytes) from byte %d on", len(running), what, len(anew), at)
	}
}
