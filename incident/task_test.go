package incident

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/clew-sec/clew/correlate"
)

// tasksOf makes the tasks of an incident and counts them in its head.
func tasksOf(t testing.TB, i *Incident, firstID int64, titles ...string) []Task {
	t.Helper()
	var list []Task
	for n, title := range titles {
		c, err := AddTask(*i, list, TaskDraft{ID: firstID + int64(n), Title: title}, epoch, mara)
		if err != nil {
			t.Fatal(err)
		}
		*i, list = c.Incident, c.Tasks
	}
	return list
}

func titlesOf(list []Task) string {
	var out []string
	for n, x := range list {
		if x.Position != n+1 {
			return "wrong positions"
		}
		out = append(out, x.Title)
	}
	return strings.Join(out, "")
}

func kindsOf(all []Activity) []ActivityKind {
	var out []ActivityKind
	for _, a := range all {
		out = append(out, a.Kind)
	}
	return out
}

func TestTheLifeOfATask(t *testing.T) {
	i := sampleIncident()
	list := tasksOf(t, &i, 5, "a", "b", "c")
	noor, later := Actor{ByAutomation, "noor"}, epoch.Add(time.Hour)
	for _, s := range []struct {
		name  string
		id    int64
		patch TaskPatch
		kinds []ActivityKind
		list  string
		tally TaskTally
		text  string
	}{
		{"nothing new", 5, TaskPatch{Title: ptr(" a "), Status: ptr("New"), Position: ptr(1)}, nil, "abc", TaskTally{3, 0}, ""},
		{"completed", 6, TaskPatch{Status: ptr("completed")}, []ActivityKind{TaskDone}, "abc", TaskTally{3, 1}, `The task "b" was completed.`},
		{"completed again", 6, TaskPatch{Status: ptr("completed")}, nil, "abc", TaskTally{3, 1}, ""},
		{"to the front", 7, TaskPatch{Position: ptr(1)}, []ActivityKind{TaskMoved}, "cab", TaskTally{3, 1}, `The task "c" was moved from place 3 to place 1 of 3.`},
		{"beyond the end", 7, TaskPatch{Position: ptr(99)}, []ActivityKind{TaskMoved}, "abc", TaskTally{3, 1}, `The task "c" was moved from place 1 to place 3 of 3.`},
		{"renamed and described", 5, TaskPatch{Title: ptr("z"), Description: ptr("x\r\ny\u202e")}, []ActivityKind{TaskChanged, TaskChanged}, "zbc", TaskTally{3, 1}, `The task "a" is called "z" now.`},
		{"open again", 6, TaskPatch{Status: ptr("new")}, []ActivityKind{TaskReopened}, "zbc", TaskTally{3, 0}, `The task "b" is to be done again.`},
	} {
		was := i
		c, err := PatchTask(i, list, s.id, s.patch, later, noor)
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		i, list = c.Incident, c.Tasks
		if got := titlesOf(list); got != s.list || i.Tasks != s.tally || !slices.Equal(kindsOf(c.Activities), s.kinds) {
			t.Errorf("%s: %q, %+v, %v", s.name, got, i.Tasks, kindsOf(c.Activities))
		}
		if len(s.kinds) > 0 && c.Activities[0].Text != s.text {
			t.Errorf("%s: log %q", s.name, c.Activities[0].Text)
		}
		if grew := i.Version > was.Version; grew != (len(s.kinds) > 0) {
			t.Errorf("%s: the incident went from version %d to %d", s.name, was.Version, i.Version)
		}
	}
	want := Task{
		ID: 5, Incident: i.ID, Title: "z", Description: "x\ny[U+202E]", Status: TaskNew, Position: 1, Version: 2,
		CreatedAt: epoch, CreatedBy: mara, UpdatedAt: later, UpdatedBy: noor,
	}
	if diff := cmp.Diff(want, list[0]); diff != "" {
		t.Error(diff)
	}
}

func TestWhoCompletedATask(t *testing.T) {
	i := sampleIncident()
	list := tasksOf(t, &i, 5, "a")
	done, err := PatchTask(i, list, 5, TaskPatch{Status: ptr("completed"), Version: ptr(int64(1))}, epoch, mara)
	if err != nil || done.Task.CompletedBy != mara || !done.Task.CompletedAt.Equal(epoch) || done.Task.Version != 2 {
		t.Fatalf("%+v, %v", done.Task, err)
	}
	open, err := PatchTask(done.Incident, done.Tasks, 5, TaskPatch{Status: ptr("new")}, epoch, mara)
	if err != nil || open.Task.CompletedBy != (Actor{}) || !open.Task.CompletedAt.IsZero() {
		t.Errorf("%+v, %v", open.Task, err)
	}
}

func TestAddingATaskInTheMiddleAndDeletingOne(t *testing.T) {
	i := sampleIncident()
	list := tasksOf(t, &i, 5, "a", "b")
	in, err := AddTask(i, list, TaskDraft{ID: 9, Title: "m", Description: "what was to do", Position: ptr(2)}, epoch, mara)
	if err != nil || titlesOf(in.Tasks) != "amb" || in.Task.ID != 9 || in.Task.Position != 2 {
		t.Fatalf("%s, %+v, %v", titlesOf(in.Tasks), in.Task, err)
	}
	out, err := DeleteTask(in.Incident, in.Tasks, 9, nil, epoch, mara)
	if err != nil || titlesOf(out.Tasks) != "ab" || out.Task.Title != "m" || out.Incident.Tasks.Total != 2 {
		t.Fatalf("%s, %+v, %v", titlesOf(out.Tasks), out.Task, err)
	}
	a := out.Activities[0]
	if a.Kind != TaskDeleted || a.Details["description"] != "what was to do" || a.Details["task"] != int64(9) {
		t.Errorf("log %+v", a)
	}
	if titlesOf(in.Tasks) != "amb" || titlesOf(list) != "ab" {
		t.Error("a list that was handed in was changed")
	}
}

func TestTaskChangesThatAreRefused(t *testing.T) {
	i := sampleIncident()
	list := tasksOf(t, &i, 5, "a")
	away := redirect(i, 9, epoch, mara)
	full := tasksOf(t, ptr(sampleIncident()), 1, slices.Repeat([]string{"x"}, MaxTasks)...)
	patch := func(p TaskPatch) error { return second(PatchTask(i, list, 5, p, epoch, mara)) }
	add := func(d TaskDraft) error { return second(AddTask(i, list, d, epoch, mara)) }
	for name, c := range map[string]struct{ err, want error }{
		"no title":             {add(TaskDraft{Title: " "}), ErrInvalid},
		"a long title":         {add(TaskDraft{Title: strings.Repeat("ä", MaxTaskTitle+1)}), ErrInvalid},
		"two lines of title":   {add(TaskDraft{Title: "a\nb"}), ErrInvalid},
		"a hidden character":   {patch(TaskPatch{Title: ptr("a\u200bb")}), ErrInvalid},
		"a long description":   {patch(TaskPatch{Description: ptr(strings.Repeat("ä", MaxTaskDescription+1))}), ErrInvalid},
		"a huge description":   {patch(TaskPatch{Description: ptr(strings.Repeat(" ", 9*MaxTaskDescription))}), ErrInvalid},
		"a state of no task":   {patch(TaskPatch{Status: ptr("resolved")}), ErrInvalid},
		"no place":             {patch(TaskPatch{Position: ptr(0)}), ErrInvalid},
		"an old version":       {patch(TaskPatch{Version: ptr(int64(0))}), ErrStale},
		"deleting an old one":  {second(DeleteTask(i, list, 5, ptr(int64(7)), epoch, mara)), ErrStale},
		"no such task":         {second(PatchTask(i, list, 6, TaskPatch{}, epoch, mara)), ErrNoTask},
		"deleting no task":     {second(DeleteTask(i, list, 6, nil, epoch, mara)), ErrNoTask},
		"too many":             {second(AddTask(i, full, TaskDraft{Title: "a"}, epoch, mara)), correlate.ErrRefused},
		"adding, merged away":  {second(AddTask(away, nil, TaskDraft{Title: "a"}, epoch, mara)), correlate.ErrRefused},
		"changed, merged away": {second(PatchTask(away, list, 5, TaskPatch{}, epoch, mara)), correlate.ErrRefused},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestAnEmptiedIncidentHandsItsTasksOn(t *testing.T) {
	from, to := New(1, epoch), New(2, epoch)
	members := []Member{{ID: "x", Title: "X"}}
	Grow(&from, Growth{Added: members, At: epoch, Actor: Correlation})
	mine, theirs := tasksOf(t, &from, 1, "a", "b"), tasksOf(t, &to, 3, "c")
	r, err := MoveAlerts(MoveRequest{From: from, To: to, Members: members, FromTasks: mine, ToTasks: theirs, At: epoch, Actor: mara})
	if err != nil || !r.Emptied || titlesOf(r.Tasks) != "cab" || r.Tasks[2].Incident != 2 || r.To.Tasks.Total != 3 || r.From.Tasks.Total != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if want := "No alert is left; this incident redirects there. It took 2 tasks along."; !strings.Contains(r.Activities[0].Text, want) {
		t.Errorf("log %q", r.Activities[0].Text)
	}
}

// TestUndoGivesTasksBack: whatever people do to the tasks between a merge and its
// undo, each incident gets back its own, as they are then and in the order that
// they are in; what was added since stays; and when nobody did anything, both
// lists are as they were.
func TestUndoGivesTasksBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		target, _ := drawIncident(t, 1, 1)
		source, members := drawIncident(t, 2, 1)
		var own, coming []Task
		drawTasks(t, &target, &own, 100)
		drawTasks(t, &source, &coming, 200)
		m, err := MergeIncidents(MergeRequest{ID: 9, Target: target, Source: source, TargetTasks: own, SourceTasks: coming, At: epoch, Actor: Correlation})
		if err != nil {
			t.Fatal(err)
		}
		if m.Target.Tasks != TallyTasks(m.Tasks) || m.Source.Tasks != (TaskTally{}) || len(m.Tasks) != len(own)+len(coming) {
			t.Fatalf("%+v and %+v of %d tasks", m.Target.Tasks, m.Source.Tasks, len(m.Tasks))
		}
		now, list := m.Target, m.Tasks
		untouched := rapid.Bool().Draw(t, "untouched")
		if !untouched {
			drawTasks(t, &now, &list, 300)
		}
		u, err := UndoMerge(UndoRequest{Merge: m.Merge, Target: now, Source: m.Source, Returning: members, Tasks: list, At: epoch, Actor: mara})
		if err != nil {
			t.Fatal(err)
		}
		if u.Target.Tasks != TallyTasks(u.TargetTasks) || u.Source.Tasks != TallyTasks(u.SourceTasks) {
			t.Fatalf("counted %+v and %+v", u.Target.Tasks, u.Source.Tasks)
		}
		if untouched && (!cmp.Equal(own, u.TargetTasks, cmpopts.EquateEmpty()) || !cmp.Equal(coming, u.SourceTasks, cmpopts.EquateEmpty())) {
			t.Fatalf("%v and %v, were %v and %v", u.TargetTasks, u.SourceTasks, own, coming)
		}
		parted(t, list, u.TargetTasks, 1, func(id int64) bool { return id/100 != 2 })
		parted(t, list, u.SourceTasks, 2, func(id int64) bool { return id/100 == 2 })
	})
}

// parted holds one side of an undo against the list that was parted.
func parted(t *rapid.T, list, got []Task, in correlate.IncidentID, its func(id int64) bool) {
	var want []Task
	for _, x := range list {
		if its(x.ID) {
			x.Incident, x.Position = in, len(want)+1
			want = append(want, x)
		}
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("incident %d: %s", in, diff)
	}
}

// drawTasks does random work on the tasks of an incident; new ones are numbered
// from firstID on.
func drawTasks(t *rapid.T, i *Incident, list *[]Task, firstID int64) {
	for n := range rapid.IntRange(0, 12).Draw(t, "task work") {
		id := int64(0)
		if len(*list) > 0 {
			id = (*list)[rapid.IntRange(0, len(*list)-1).Draw(t, "task")].ID
		}
		place := rapid.Ptr(rapid.IntRange(1, 8), true).Draw(t, "place")
		at := epoch.Add(time.Duration(n) * time.Minute)
		var c TaskChange
		var err error
		switch what := rapid.IntRange(0, 3).Draw(t, "what"); {
		case what == 0 || id == 0:
			c, err = AddTask(*i, *list, TaskDraft{ID: firstID + int64(n), Title: "t" + strconv.Itoa(n), Position: place}, at, mara)
		case what == 1:
			c, err = DeleteTask(*i, *list, id, nil, at, mara)
		default:
			status := rapid.Ptr(rapid.SampledFrom([]string{"new", "completed"}), true).Draw(t, "status")
			c, err = PatchTask(*i, *list, id, TaskPatch{Status: status, Position: place, Title: ptr("e" + strconv.Itoa(n))}, at, mara)
		}
		if err != nil {
			t.Fatal(err)
		}
		*i, *list = c.Incident, c.Tasks
	}
}
