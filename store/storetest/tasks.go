package storetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

func taskOf(id int64, in correlate.IncidentID, position int) incident.Task {
	return incident.Task{
		ID: id, Incident: in, Title: fmt.Sprint("task ", id), Status: incident.TaskNew, Position: position, Version: 1,
		CreatedAt: at(1), CreatedBy: incident.Actor{Kind: incident.ByUser, Name: "mara"},
		UpdatedAt: at(1), UpdatedBy: incident.Actor{Kind: incident.ByUser, Name: "mara"},
	}
}

func tasks(t *testing.T, s store.Store) {
	ctx, b := t.Context(), newBook(t, s)
	whole := taskOf(7, 1, 2)
	whole.Title, whole.Description = "Look <b>\u202e\x00", strings.Repeat("ä", incident.MaxTaskDescription-1)+"\xff"
	whole.Status, whole.CompletedAt, whole.CompletedBy, whole.Version = incident.TaskCompleted, at(9), incident.Actor{Kind: incident.ByAutomation, Name: "script"}, 4
	first, elsewhere := taskOf(9, 1, 1), taskOf(8, 2, 1)
	c := b.next()
	c.Tasks = []incident.Task{whole, first, elsewhere}
	b.commit(c)
	whole.Description = strings.Repeat("ä", incident.MaxTaskDescription-1) + "\uFFFD"
	got := must1(s.Tasks(ctx, home, 1))
	for i := range got {
		// A NUL may come back as U+FFFD.
		got[i].Title = strings.ReplaceAll(got[i].Title, "\uFFFD", "\x00")
	}
	equal(t, "in their order", []incident.Task{first, whole}, got)
	equal(t, "of another incident", []incident.Task{elsewhere}, must1(s.Tasks(ctx, home, 2)))
	equal(t, "of no incident", []incident.Task{}, must1(s.Tasks(ctx, home, 3)))
	equal(t, "of an impossible incident", []incident.Task{}, must1(s.Tasks(ctx, home, -1)))
	equal(t, "of another workspace", []incident.Task{}, must1(s.Tasks(ctx, "elsewhere", 1)))

	c = b.next()
	older, moved := taskOf(9, 1, 1), taskOf(9, 2, 2)
	older.Title, moved.Title = "not this one", "moved"
	c.ForgetTasks, c.Tasks = []int64{7, 99}, []incident.Task{older, moved}
	b.commit(c)
	equal(t, "moved and deleted", []incident.Task{}, must1(s.Tasks(ctx, home, 1)))
	equal(t, "the last of two versions", []incident.Task{elsewhere, moved}, must1(s.Tasks(ctx, home, 2)))

	other := &book{t: t, s: s, workspace: "elsewhere"}
	c = other.next()
	c.ForgetTasks, c.Tasks = []int64{8}, []incident.Task{taskOf(9, 2, 1)}
	other.commit(c)
	equal(t, "those of home stay", []incident.Task{elsewhere, moved}, must1(s.Tasks(ctx, home, 2)))
	for _, bad := range []int64{-1, 1 << 60} {
		c := b.next()
		c.Tasks = []incident.Task{taskOf(1, 2, 1), taskOf(bad, 2, 2)}
		if err := s.Commit(ctx, c); err == nil {
			t.Errorf("task %d was kept", bad)
		}
	}
	equal(t, "nothing of a change that failed", []incident.Task{elsewhere, moved}, must1(s.Tasks(ctx, home, 2)))
}

// work writes, moves and removes tasks.
func (m *model) work(r *rapid.T, c *store.Change) {
	for range rapid.IntRange(1, 4).Draw(r, "tasks") {
		id := int64(rapid.IntRange(1, 6).Draw(r, "task"))
		if _, ok := m.tasks[id]; ok && !slices.ContainsFunc(c.Tasks, func(t incident.Task) bool { return t.ID == id }) && rapid.Bool().Draw(r, "gone") {
			delete(m.tasks, id)
			c.ForgetTasks = append(c.ForgetTasks, id)
			continue
		}
		if slices.Contains(c.ForgetTasks, id) {
			continue
		}
		t := taskOf(id, correlate.IncidentID(rapid.IntRange(1, 3).Draw(r, "in")), rapid.IntRange(1, 4).Draw(r, "position"))
		t.Title = draw(r, "title")
		m.tasks[id] = t
		c.Tasks = append(c.Tasks, t)
	}
}

func (m *model) compareTasks(r *rapid.T, t *testing.T, s store.Store, name string) {
	for in := correlate.IncidentID(1); in <= 3; in++ {
		want := slices.DeleteFunc(slices.SortedFunc(maps.Values(m.tasks), func(a, b incident.Task) int {
			return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
		}), func(t incident.Task) bool { return t.Incident != in })
		got := must1(s.Tasks(t.Context(), name, in))
		expect(r, fmt.Sprintf("tasks of incident %d", in), fmt.Sprint(len(want), want), fmt.Sprint(len(got), got))
	}
}
