package workspace_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

func (b *bench) addTask(id correlate.IncidentID, title string) int64 {
	b.t.Helper()
	task, err := b.w.AddTask(b.ctx, ada, id, incident.TaskDraft{Title: title, Description: "about " + title})
	if err != nil {
		b.t.Fatal(err)
	}
	return task.ID
}

func (b *bench) patchTask(id correlate.IncidentID, task int64, p incident.TaskPatch) incident.Task {
	b.t.Helper()
	t, err := b.w.UpdateTask(b.ctx, ada, id, task, p)
	if err != nil {
		b.t.Fatal(err)
	}
	return t
}

func (b *bench) tasks(id correlate.IncidentID) []incident.Task {
	b.t.Helper()
	return must(b.st.Tasks(b.ctx, b.opt.Name, id))
}

func titles(list []incident.Task) (out []string) {
	for _, t := range list {
		out = append(out, t.Title)
	}
	return out
}

func sameTitles(t *testing.T, what string, list []incident.Task, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, titles(list), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s: %s", what, diff)
	}
}

func TestTasksAreKept(t *testing.T) {
	t.Parallel()
	b := two(t)
	before := b.position()
	one, other := b.addTask(1, "isolate"), b.addTask(1, "ask the user")
	if one == other || one <= before {
		t.Errorf("tasks %d and %d after position %d", one, other, before)
	}
	b.patchTask(1, other, incident.TaskPatch{Status: ref("completed"), Position: ref(1)})
	b.check()
	b.restart()
	b.check()
	sameTitles(t, "after a restart", b.tasks(1), "ask the user", "isolate")
	if got := b.incident(1).Tasks; got != (incident.TaskTally{Total: 2, Completed: 1}) {
		t.Errorf("counted %+v", got)
	}
	if err := b.w.DeleteTask(b.ctx, ada, 1, one, nil); err != nil {
		t.Fatal(err)
	}
	sameTitles(t, "after deleting one", b.tasks(1), "ask the user")
	for kind, n := range map[incident.ActivityKind]int{incident.TaskAdded: 2, incident.TaskDone: 1, incident.TaskMoved: 1, incident.TaskDeleted: 1} {
		if got := b.logged(1, kind); got != n {
			t.Errorf("%d entries of kind %s", got, kind)
		}
	}
	b.ingest(made("d", "into 1"))
	b.check()
}

func TestTaskChangesThatChangeNothing(t *testing.T) {
	t.Parallel()
	b := two(t)
	id := b.addTask(1, "isolate")
	seen := b.incident(1)
	for name, c := range map[string]struct{ err, want error }{
		"adding to nothing":   {second(b.w.AddTask(b.ctx, ada, 99, incident.TaskDraft{Title: "x"})), store.ErrNotFound},
		"adding nothing":      {second(b.w.AddTask(b.ctx, ada, 1, incident.TaskDraft{})), incident.ErrInvalid},
		"of another incident": {second(b.w.UpdateTask(b.ctx, ada, 2, id, incident.TaskPatch{})), incident.ErrNoTask},
		"an old version":      {second(b.w.UpdateTask(b.ctx, ada, 1, id, incident.TaskPatch{Version: ref(int64(7))})), incident.ErrStale},
		"deleting no task":    {b.w.DeleteTask(b.ctx, ada, 1, 12345, nil), incident.ErrNoTask},
		"deleting an old one": {b.w.DeleteTask(b.ctx, ada, 1, id, ref(int64(7))), incident.ErrStale},
	} {
		wantError(t, c.err, c.want)
		if t.Failed() {
			t.Fatal(name)
		}
	}
	b.patchTask(1, id, incident.TaskPatch{Title: ref("isolate"), Status: ref("new"), Position: ref(1)})
	if diff := cmp.Diff(seen, b.incident(1)); diff != "" {
		t.Error(diff)
	}
	b.check()
}

func second[T any](_ T, err error) error { return err }

func TestUndoneMergeGivesTheTasksBack(t *testing.T) {
	t.Parallel()
	b := two(t)
	b.addTask(1, "t1")
	b.addTask(1, "t2")
	s1, s2, s3 := b.addTask(2, "s1"), b.addTask(2, "s2"), b.addTask(2, "s3")
	b.patchTask(2, s2, incident.TaskPatch{Status: ref("completed")})
	target, source, own, coming := b.incident(1), b.incident(2), b.tasks(1), b.tasks(2)
	merge := func() incident.Merge {
		_, merges, err := b.w.Merge(b.ctx, ada, []correlate.IncidentID{1, 2}, workspace.Reason{})
		if err != nil {
			t.Fatal(err)
		}
		b.check()
		return merges[0]
	}
	undo := func(m incident.Merge) {
		if _, _, err := b.w.UndoMerge(b.ctx, ada, m.ID, ""); err != nil {
			t.Fatal(err)
		}
		b.check()
	}
	m := merge()
	sameTitles(t, "merged", b.tasks(1), "t1", "t2", "s1", "s2", "s3")
	wantError(t, second(b.w.AddTask(b.ctx, ada, 2, incident.TaskDraft{Title: "x"})), correlate.ErrRefused)
	b.restart()
	undo(m)
	if diff := cmp.Diff([][]incident.Task{own, coming}, [][]incident.Task{b.tasks(1), b.tasks(2)}); diff != "" {
		t.Errorf("nobody touched them: %s", diff)
	}
	if b.incident(1).Tasks != target.Tasks || b.incident(2).Tasks != source.Tasks {
		t.Errorf("counted %+v and %+v", b.incident(1).Tasks, b.incident(2).Tasks)
	}

	m = merge()
	b.patchTask(1, s3, incident.TaskPatch{Title: ref("s3 later"), Position: ref(1)})
	b.patchTask(1, s2, incident.TaskPatch{Status: ref("new")})
	if err := b.w.DeleteTask(b.ctx, ada, 1, s1, nil); err != nil {
		t.Fatal(err)
	}
	b.addTask(1, "since")
	undo(m)
	sameTitles(t, "of the target", b.tasks(1), "t1", "t2", "since")
	sameTitles(t, "of the source", b.tasks(2), "s3 later", "s2")
	if got := b.tasks(2)[1]; got.Status != incident.TaskNew || got.Version != 3 {
		t.Errorf("what was changed since is lost: %+v", got)
	}
}

func TestTasksOfMergesInsideMergesAndOfEmptiedIncidents(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.ingest(made("a", "new"), made("b", "new"), made("c", "new"), made("d", "into 1"), made("e", "into 1"), made("f", "into 2"))
	for id := range correlate.IncidentID(3) {
		b.addTask(id+1, fmt.Sprint("task of ", id+1))
	}
	_, inner, err := b.w.Merge(b.ctx, ada, []correlate.IncidentID{2, 3}, workspace.Reason{})
	if err != nil {
		t.Fatal(err)
	}
	// The engine merges on: incident 2 goes into 1 while alerts come in.
	b.ingest(made("g", "into 1; merge 2>1"), made("h", "into 1"))
	b.check()
	sameTitles(t, "all in one", b.tasks(1), "task of 1", "task of 2", "task of 3")
	outer := must(b.st.MergesInto(b.ctx, b.opt.Name, 1))[0]
	for _, m := range []int64{outer.ID, inner[0].ID} {
		if _, _, err := b.w.UndoMerge(b.ctx, ada, m, ""); err != nil {
			t.Fatal(err)
		}
		b.check()
	}
	for id := range correlate.IncidentID(3) {
		sameTitles(t, "back", b.tasks(id+1), fmt.Sprint("task of ", id+1))
	}
	if _, err := b.w.Move(b.ctx, ada, []string{"c"}, 1, workspace.Reason{}); err != nil {
		t.Fatal(err)
	}
	b.check()
	sameTitles(t, "taken along", b.tasks(1), "task of 1", "task of 3")
	if _, err := b.w.Move(b.ctx, ada, []string{"d"}, 0, workspace.Reason{}); err != nil {
		t.Fatal(err)
	}
	b.check()
	sameTitles(t, "a split leaves them", b.tasks(1), "task of 1", "task of 3")
}

// task adds, changes or deletes a task at random.
func (r *random) task() {
	open := ids(r.open())
	if len(open) == 0 {
		return
	}
	b, id := r.bench, pick(r, "task of", open...)
	list, err := b.st.Tasks(b.ctx, b.opt.Name, id)
	if err != nil {
		r.rt.Fatal(err)
	}
	place := rapid.Ptr(rapid.IntRange(1, 4), true).Draw(r.rt, "place")
	if len(list) == 0 || rapid.Bool().Draw(r.rt, "add") {
		t, err := b.w.AddTask(b.ctx, ada, id, incident.TaskDraft{Title: fmt.Sprint("task ", b.position()), Position: place})
		r.allow("adding a task", err)
		if err == nil {
			r.tasks[t.ID] = t.Title
		}
		return
	}
	task := list[rapid.IntRange(0, len(list)-1).Draw(r.rt, "task")].ID
	if rapid.IntRange(0, 3).Draw(r.rt, "delete") == 0 {
		err := b.w.DeleteTask(b.ctx, ada, id, task, nil)
		r.allow("deleting a task", err)
		if err == nil {
			delete(r.tasks, task)
		}
		return
	}
	t, err := b.w.UpdateTask(b.ctx, ada, id, task, incident.TaskPatch{Status: ref(pick(r, "status", "new", "completed")), Title: ref(pick(r, "title", "x", "y")), Position: place})
	r.allow("changing a task", err)
	if err == nil {
		r.tasks[task] = t.Title
	}
}

// sameTasks: every task that was added and not deleted is there, wherever merges,
// their undoing and moves have put it.
func (r *random) sameTasks() {
	got := map[int64]string{}
	for _, i := range r.open() {
		for _, t := range must(r.bench.st.Tasks(r.bench.ctx, r.bench.opt.Name, i.ID)) {
			got[t.ID] = t.Title
		}
	}
	if !maps.Equal(got, r.tasks) {
		r.rt.Errorf("tasks %v are there, %v were made", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(r.tasks)))
	}
}
