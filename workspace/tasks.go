package workspace

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
)

// AddTask adds a task to an incident; the draft's ID is given here. It fails with
// *incident.InvalidError, *incident.RefusedError or store.ErrNotFound.
func (w *Workspace) AddTask(ctx context.Context, actor incident.Actor, id correlate.IncidentID, d incident.TaskDraft) (incident.Task, error) {
	return w.changeTasks(ctx, id, func(p *plan, head incident.Incident, list []incident.Task) (incident.TaskChange, error) {
		// The log position that the task takes, once it is sure that it is added.
		d.ID = p.change.Seq + 1
		c, err := incident.AddTask(head, list, d, p.at, actor)
		if err == nil {
			p.nextSeq()
		}
		return c, err
	})
}

// UpdateTask changes a task of an incident. It fails with
// *incident.InvalidError, *incident.RefusedError, incident.ErrStale,
// incident.ErrNoTask or store.ErrNotFound.
func (w *Workspace) UpdateTask(ctx context.Context, actor incident.Actor, id correlate.IncidentID, task int64, patch incident.TaskPatch) (incident.Task, error) {
	return w.changeTasks(ctx, id, func(p *plan, head incident.Incident, list []incident.Task) (incident.TaskChange, error) {
		return incident.PatchTask(head, list, task, patch, p.at, actor)
	})
}

// DeleteTask removes a task of an incident, as UpdateTask changes it; a nil
// version means any.
func (w *Workspace) DeleteTask(ctx context.Context, actor incident.Actor, id correlate.IncidentID, task int64, version *int64) error {
	_, err := w.changeTasks(ctx, id, func(p *plan, head incident.Incident, list []incident.Task) (incident.TaskChange, error) {
		return incident.DeleteTask(head, list, task, version, p.at, actor)
	})
	return err
}

// changeTasks carries out a change of one task of an incident.
func (w *Workspace) changeTasks(
	ctx context.Context, id correlate.IncidentID, change func(*plan, incident.Incident, []incident.Task) (incident.TaskChange, error),
) (incident.Task, error) {
	var out incident.Task
	err := w.do(ctx, func(ctx context.Context, p *plan) error {
		f, err := p.caseOf(ctx, id, false)
		if err != nil {
			return err
		}
		list, err := p.tasksOf(ctx, f)
		if err != nil {
			return err
		}
		c, err := change(p, f.head, list)
		if err != nil {
			return err
		}
		out = c.Task
		if len(c.Activities) == 0 {
			p.forget(id)
			return nil
		}
		f.head = c.Incident
		p.log(c.Activities...)
		p.putTasks(list, map[correlate.IncidentID][]incident.Task{id: c.Tasks})
		return nil
	})
	return out, err
}

// tasksOf gives the tasks of an incident as this plan leaves them. Nearly all
// incidents have none, and their heads say so.
func (p *plan) tasksOf(ctx context.Context, f *caseFile) ([]incident.Task, error) {
	id := f.head.ID
	if list, planned := p.tasks[id]; planned {
		return list, nil
	}
	if f.head.Tasks.Total == 0 {
		return nil, nil
	}
	if err := p.settledFor(id); err != nil {
		return nil, err
	}
	list, err := p.w.opt.Store.Tasks(ctx, p.w.opt.Name, id)
	if err != nil {
		return nil, fmt.Errorf("reading the tasks of incident %d: %w", id, err)
	}
	return list, nil
}

// tasksOfBoth is tasksOf for two incidents that one change concerns.
func (p *plan) tasksOfBoth(ctx context.Context, a, b *caseFile) (ofA, ofB []incident.Task, err error) {
	if ofA, err = p.tasksOf(ctx, a); err != nil {
		return nil, nil, err
	}
	ofB, err = p.tasksOf(ctx, b)
	return ofA, ofB, err
}

// putTasks says which tasks incidents have from here on. Those that are in none
// of the lists any more are removed.
func (p *plan) putTasks(before []incident.Task, after map[correlate.IncidentID][]incident.Task) {
	was := make(map[int64]incident.Task, len(before))
	for _, t := range before {
		was[t.ID] = t
	}
	for _, id := range slices.Sorted(maps.Keys(after)) {
		p.tasks[id] = after[id]
		for _, t := range after[id] {
			if was[t.ID] != t {
				p.change.Tasks = append(p.change.Tasks, t)
			}
			delete(was, t.ID)
		}
	}
	p.change.ForgetTasks = append(p.change.ForgetTasks, slices.Sorted(maps.Keys(was))...)
}
