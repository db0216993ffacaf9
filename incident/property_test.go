package incident

import (
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
)

var (
	epoch = time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	mara  = Actor{ByUser, "mara"}
)

func drawMember(t *rapid.T) Member {
	first := epoch.Add(time.Duration(rapid.IntRange(0, 1000).Draw(t, "first")) * time.Minute)
	return Member{
		ID:              strconv.Itoa(rapid.IntRange(0, 1<<30).Draw(t, "id")),
		Title:           rapid.OneOf(rapid.SampledFrom([]string{"", "a", "b"}), rapid.StringMatching(`t[0-9]{1,2}`)).Draw(t, "title"),
		Severity:        rapid.SampledFrom([]string{"", "low", "medium", "high", "odd"}).Draw(t, "severity"),
		Status:          rapid.SampledFrom([]string{"new", "resolved"}).Draw(t, "status"),
		Tactics:         rapid.SliceOfN(rapid.SampledFrom([]string{"InitialAccess", "Impact", "Execution", "odd"}), 0, 3).Draw(t, "tactics"),
		Techniques:      rapid.SliceOfN(rapid.SampledFrom([]string{"T1486", "T1059.001"}), 0, 2).Draw(t, "techniques"),
		Product:         rapid.SampledFrom([]string{"", "Sensor", "Gateway"}).Draw(t, "product"),
		ServiceSource:   rapid.SampledFrom([]string{"", "x"}).Draw(t, "service"),
		DetectionSource: rapid.SampledFrom([]string{"", "y"}).Draw(t, "detection"),
		First:           first, Last: first.Add(time.Minute),
		LinkScore: rapid.SampledFrom([]float64{0, 0.5, 0.93}).Draw(t, "score"),
	}
}

func drawIncident(t *rapid.T, id correlate.IncidentID, fewest int) (Incident, []Member) {
	i := New(id, epoch)
	members := make([]Member, rapid.IntRange(fewest, 60).Draw(t, "members"))
	for n := range members {
		members[n] = drawMember(t)
		members[n].ID = strconv.Itoa(int(id)) + "-" + strconv.Itoa(n)
	}
	devices := rapid.IntRange(0, 7).Draw(t, "devices")
	Grow(&i, Growth{Added: members, Involved: involved(int(id)*100, devices), At: epoch, Actor: Correlation})
	i.Owner = rapid.SampledFrom([]string{"", "mara"}).Draw(t, "owner")
	i.Tags = slices.Sorted(maps.Keys(rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "c"}), rapid.Bool(), 0, 3).Draw(t, "tags")))
	i.Status = rapid.SampledFrom([]Status{Active, InProgress}).Draw(t, "state")
	if rapid.Bool().Draw(t, "named") {
		i.Name, i.NameEdited = "named by a person", true
	}
	return i, members
}

func involved(from, devices int) func(func(Involved) bool) {
	return func(yield func(Involved) bool) {
		for n := range devices {
			if !yield(Involved{ID: entity.ID(from + n), Kind: entity.Device, Label: "d" + strconv.Itoa(from+n), Impacted: n%2 == 0, Criticality: map[int]correlate.Criticality{5: correlate.CriticalityCritical}[n], Alerts: n}) {
				return
			}
		}
	}
}

func TestRemoveTakesBackAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var tally Tally
		for range rapid.IntRange(0, 80).Draw(t, "before") {
			tally.Add(drawMember(t))
		}
		before := tally.Clone()
		m := drawMember(t)
		tally.Add(m)
		tally.Remove(m)
		if diff := cmp.Diff(before, tally, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestTallyForgetsNothingAndIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var tally Tally
		var in []Member
		for range rapid.IntRange(0, 300).Draw(t, "steps") {
			if len(in) > 0 && rapid.IntRange(0, 2).Draw(t, "remove") == 0 {
				n := rapid.IntRange(0, len(in)-1).Draw(t, "which")
				tally.Remove(in[n])
				in = slices.Delete(in, n, n+1)
			} else {
				in = append(in, drawMember(t))
				tally.Add(in[len(in)-1])
			}
		}
		sum := 0
		for title, n := range tally.Titles {
			if n <= 0 {
				t.Fatalf("%q counts %d", title, n)
			}
			sum += n
		}
		if sum != len(in) || tally.Alerts != len(in) || len(tally.Titles) > maxTitles+1 {
			t.Fatalf("%d titles of %d alerts, %d expected, %d kinds", sum, tally.Alerts, len(in), len(tally.Titles))
		}
	})
}

func TestUndoTakesBackMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		target, kept := drawIncident(t, 1, 1)
		source, members := drawIncident(t, 2, 1)
		ids := make([]string, len(members))
		for n, m := range members {
			ids[n] = m.ID
		}
		link := rapid.SampledFrom([]*correlate.Link{nil, {Score: 0.75}}).Draw(t, "link")
		now, openers := relinked(members, link)
		merged, err := MergeIncidents(MergeRequest{
			ID: 9, Target: target, Source: source, Alerts: ids, Link: link, Openers: len(openers), At: epoch.Add(time.Hour), Actor: Correlation,
		})
		if err != nil {
			t.Fatal(err)
		}
		sameLinks(t, merged.Target, append(slices.Clone(kept), now...))
		if got := merged.Target.Tally.Alerts; got != len(kept)+len(members) {
			t.Fatalf("%d alerts after the merge", got)
		}
		undone, err := UndoMerge(UndoRequest{
			Merge: merged.Merge, Target: merged.Target, Source: merged.Source, Returning: now, Unlinked: openers,
			TargetInvolved: involvedOf(target), SourceInvolved: involvedOf(source), At: epoch.Add(2 * time.Hour), Actor: mara,
		})
		if err != nil {
			t.Fatal(err)
		}
		same := cmp.Options{cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Incident{}, "Version", "UpdatedAt", "UpdatedBy", "Priority", "PriorityFactors")}
		if diff := cmp.Diff(target, undone.Target, same); diff != "" {
			t.Fatalf("target: %s", diff)
		}
		if diff := cmp.Diff(source, undone.Source, same); diff != "" {
			t.Fatalf("source: %s", diff)
		}
		if undone.Target.Version <= merged.Target.Version || undone.Source.Version <= merged.Source.Version {
			t.Fatal("a version did not grow")
		}
	})
}

// involvedOf gives back what drawIncident made.
func involvedOf(i Incident) func(func(Involved) bool) {
	return involved(int(i.ID)*100, i.Scope["device"])
}

// relinked gives those alerts that have no link one, and tells which they were.
func relinked(members []Member, link *correlate.Link) (now []Member, openers []string) {
	now = slices.Clone(members)
	for n := range now {
		if link != nil && now[n].LinkScore == 0 {
			now[n].LinkScore = link.Score
			openers = append(openers, now[n].ID)
		}
	}
	return now, openers
}

// sameLinks holds the sums of an incident against its alerts.
func sameLinks(t *rapid.T, i Incident, members []Member) {
	var want Tally
	for _, m := range members {
		want.Add(m)
	}
	if i.Tally.Linked != want.Linked || i.Tally.LinkMille != want.LinkMille {
		t.Fatalf("%d links of %d ‰ are counted, %d of %d ‰ are there", i.Tally.Linked, i.Tally.LinkMille, want.Linked, want.LinkMille)
	}
}

func TestMoveKeepsEveryAlert(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from, members := drawIncident(t, 1, 1)
		to, others := drawIncident(t, 2, 0)
		n := rapid.IntRange(1, len(members)).Draw(t, "moved")
		link := rapid.SampledFrom([]*correlate.Link{nil, {}, {Score: 0.75}}).Draw(t, "link")
		r, err := MoveAlerts(MoveRequest{From: from, To: to, Members: members[:n], Link: link, At: epoch, Actor: mara})
		if err != nil {
			t.Fatal(err)
		}
		moved := slices.Clone(members[:n])
		for k := range moved {
			if link != nil {
				moved[k].LinkScore = link.Score
			}
		}
		sameLinks(t, r.From, members[n:])
		sameLinks(t, r.To, append(slices.Clone(others), moved...))
		if r.To.Tally.Alerts != len(others)+n || r.From.Tally.Alerts != len(members)-n {
			t.Fatalf("%d and %d alerts", r.From.Tally.Alerts, r.To.Tally.Alerts)
		}
		if r.Emptied != (n == len(members)) || r.Emptied != (r.From.Status == Redirected && r.From.RedirectTo == 2) {
			t.Fatalf("emptied %v, %s", r.Emptied, r.From.Status)
		}
	})
}
