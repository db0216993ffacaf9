package api

import (
	"context"
	"strconv"

	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/server/auth"
)

// InTask picks a task of an incident.
type InTask struct {
	InIncident
	TaskID  int64  `path:"taskId" minimum:"1" doc:"The task's number."`
	IfMatch string `header:"If-Match" maxLength:"64" doc:"The ETag that was read, or the task's version in quotes; 412 when the task was changed since."`
}

type addTaskInput struct {
	InIncident
	Body struct {
		Title       string `json:"title" minLength:"1" maxLength:"150" example:"Ask the user about the sign-in"`
		Description string `json:"description,omitempty" maxLength:"3000" doc:"Plain text."`
		Position    *int   `json:"position,omitempty" minimum:"1" doc:"Its place in the list; the last one when left out."`
	}
}

// TaskPatch changes a task; fields that are left out stay.
type TaskPatch struct {
	Title       *string `json:"title,omitempty" minLength:"1" maxLength:"150"`
	Description *string `json:"description,omitempty" maxLength:"3000" doc:"Plain text; empty removes it."`
	Status      *string `json:"status,omitempty" enum:"new,completed"`
	Position    *int    `json:"position,omitempty" minimum:"1" doc:"Its place in the list: 1 is the first; beyond the end means the last. The others move up or down."`
}

type patchTaskInput struct {
	InTask
	Body TaskPatch
}

func (s *service) taskOperations() {
	tag := "incidents"
	add(s, operation{id: "listTasks", tag: tag, route: "GET /incidents/{id}/tasks", summary: "What is to do for an incident", need: auth.Read,
		doc: "All tasks, in their order. A merge takes tasks along, and its undo gives them back as they are then."}, s.listTasks)
	add(s, operation{id: "addTask", tag: tag, route: "POST /incidents/{id}/tasks", summary: "Add a task", need: auth.Write, status: 201, errors: []int{409},
		doc: "At most 100 can be added to one incident."}, s.addTask)
	add(s, operation{id: "updateTask", tag: tag, route: "PATCH /incidents/{id}/tasks/{taskId}", summary: "Change, complete, reopen or move a task", need: auth.Write,
		errors: []int{409, 412}}, s.updateTask)
	add(s, operation{id: "deleteTask", tag: tag, route: "DELETE /incidents/{id}/tasks/{taskId}", summary: "Delete a task", need: auth.Write, errors: []int{409, 412},
		doc: "The incident's log keeps what it said."}, s.deleteTask)
}

func (s *service) listTasks(ctx context.Context, in *InIncident) (*ListOutput[incident.Task], error) {
	if err := s.exists(ctx, *in); err != nil {
		return nil, err
	}
	list, err := s.Store.Tasks(ctx, in.Workspace, in.id())
	if err != nil {
		return nil, err
	}
	return &ListOutput[incident.Task]{Body: List[incident.Task]{Items: list}}, nil
}

func taggedTask(t incident.Task, err error) (*Tagged[incident.Task], error) {
	if err != nil {
		return nil, err
	}
	return &Tagged[incident.Task]{ETag: strconv.Quote(strconv.FormatInt(t.Version, 10)), Body: t}, nil
}

func (s *service) addTask(ctx context.Context, in *addTaskInput) (*Tagged[incident.Task], error) {
	w, err := s.of(in.Workspace)
	if err != nil {
		return nil, err
	}
	draft := incident.TaskDraft{Title: in.Body.Title, Description: in.Body.Description, Position: in.Body.Position}
	return taggedTask(w.AddTask(ctx, actor(ctx), in.id(), draft))
}

func (s *service) updateTask(ctx context.Context, in *patchTaskInput) (*Tagged[incident.Task], error) {
	version, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	w, err := s.of(in.Workspace)
	if err != nil {
		return nil, err
	}
	p := incident.TaskPatch{Title: in.Body.Title, Description: in.Body.Description, Status: in.Body.Status, Position: in.Body.Position, Version: version}
	return taggedTask(w.UpdateTask(ctx, actor(ctx), in.id(), in.TaskID, p))
}

func (s *service) deleteTask(ctx context.Context, in *InTask) (*Empty, error) {
	version, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	w, err := s.of(in.Workspace)
	if err != nil {
		return nil, err
	}
	if err := w.DeleteTask(ctx, actor(ctx), in.id(), in.TaskID, version); err != nil {
		return nil, err
	}
	return &Empty{}, nil
}
