package incident

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clew-sec/clew/correlate"
)

// Limits of tasks; texts in characters.
const (
	MaxTaskTitle       = 150
	MaxTaskDescription = 3_000
	// MaxTasks is how many tasks can be added to one incident. Merges may bring
	// more together: they never lose one.
	MaxTasks = 100
)

// TaskStatus says whether a task is done.
type TaskStatus string

// The states of a task.
const (
	TaskNew       TaskStatus = "new"
	TaskCompleted TaskStatus = "completed"
)

// Task is something to do for an incident. It is kept beside the head.
type Task struct {
	ID int64 `json:"id"` // unique in its workspace
	// Incident is where it is now: merges take it along.
	Incident    correlate.IncidentID `json:"incident"`
	Title       string               `json:"title"`       // one line, at most MaxTaskTitle characters
	Description string               `json:"description"` // plain text, at most MaxTaskDescription characters
	Status      TaskStatus           `json:"status"`
	// Position is its place in the incident's list: 1 is the first, without gaps.
	Position    int       `json:"position"`
	CreatedAt   time.Time `json:"createdAt"`
	CreatedBy   Actor     `json:"createdBy"`
	UpdatedAt   time.Time `json:"updatedAt"`
	UpdatedBy   Actor     `json:"updatedBy"`
	CompletedAt time.Time `json:"completedAt,omitzero"`
	CompletedBy Actor     `json:"completedBy,omitzero"`
	// Version grows by one with every change of what the task says; its place is
	// the list's and no part of that.
	Version int64 `json:"version"`
}

// TaskTally counts the tasks of an incident.
type TaskTally struct {
	Total     int `json:"total"`
	Completed int `json:"completed"`
}

// TallyTasks counts tasks.
func TallyTasks(list []Task) TaskTally {
	t := TaskTally{Total: len(list)}
	for _, x := range list {
		if x.Status == TaskCompleted {
			t.Completed++
		}
	}
	return t
}

// TaskDraft is a task to add.
type TaskDraft struct {
	ID                 int64
	Title, Description string
	Position           *int // its place; the last one when nil
}

// TaskPatch is what is to change of a task. Nil fields stay.
type TaskPatch struct {
	Title       *string
	Description *string
	Status      *string
	Position    *int // beyond the end: the last place
	// Version is the one that the caller read; ErrStale if it is not the current one.
	Version *int64
}

// TaskChange is what a change of one task did.
type TaskChange struct {
	Incident Incident
	// Task is the one that was added or changed, or as it was when it was deleted.
	Task  Task
	Tasks []Task // the incident's list afterwards
	// Activities is empty when the change asked for what already was; then
	// nothing is to be written.
	Activities []Activity
}

// AddTask adds a task to an incident, a resolved one too, whose tasks are list.
// It fails with an *InvalidError or a *RefusedError.
func AddTask(i Incident, list []Task, d TaskDraft, at time.Time, by Actor) (TaskChange, error) {
	w, err := taskWork(i, list, at, by)
	if err != nil {
		return TaskChange{}, err
	}
	if len(list) >= MaxTasks {
		return TaskChange{}, refused("tasks", "the incident has %d tasks, which is the most; delete some first", len(list))
	}
	t := Task{
		ID: d.ID, Incident: i.ID, Status: TaskNew, Position: len(list) + 1, Version: 1,
		CreatedAt: at, CreatedBy: by, UpdatedAt: at, UpdatedBy: by,
	}
	if t.Title, err = taskTitle(d.Title); err != nil {
		return TaskChange{}, err
	}
	if t.Description, err = taskDescription(d.Description); err != nil {
		return TaskChange{}, err
	}
	w.list = append(w.list, t)
	w.task = &w.list[len(w.list)-1]
	w.log(TaskAdded, "The task %q was added.")
	if d.Position != nil {
		if err := w.place(*d.Position); err != nil {
			return TaskChange{}, err
		}
	}
	return w.done(), nil
}

// PatchTask changes one task of an incident, all that p says or, on an error,
// nothing. It fails with an *InvalidError, a *RefusedError, ErrStale or ErrNoTask.
func PatchTask(i Incident, list []Task, id int64, p TaskPatch, at time.Time, by Actor) (TaskChange, error) {
	w, err := taskWork(i, list, at, by)
	if err != nil {
		return TaskChange{}, err
	}
	if err := w.find(id, p.Version); err != nil {
		return TaskChange{}, err
	}
	for _, step := range []func(TaskPatch) error{w.title, w.description, w.status, w.move} {
		if err := step(p); err != nil {
			return TaskChange{}, err
		}
	}
	return w.done(), nil
}

// DeleteTask removes a task for good; the log keeps what it said. A nil version
// means any. It fails with a *RefusedError, ErrStale or ErrNoTask.
func DeleteTask(i Incident, list []Task, id int64, version *int64, at time.Time, by Actor) (TaskChange, error) {
	w, err := taskWork(i, list, at, by)
	if err != nil {
		return TaskChange{}, err
	}
	if err := w.find(id, version); err != nil {
		return TaskChange{}, err
	}
	gone := *w.task
	w.log(TaskDeleted, "The task %q was deleted.")
	w.out.Activities[0] = withDetails(w.out.Activities[0], "description", gone.Description, "status", string(gone.Status))
	w.list = slices.DeleteFunc(w.list, func(t Task) bool { return t.ID == id })
	w.task = &gone
	return w.done(), nil
}

// taskChanging is a change of a list of tasks under way.
type taskChanging struct {
	i    Incident
	list []Task
	task *Task // the one that is changed, in list
	said bool  // what it says was changed
	at   time.Time
	by   Actor
	out  TaskChange
}

func taskWork(i Incident, list []Task, at time.Time, by Actor) (*taskChanging, error) {
	if i.Status == Redirected {
		return nil, CanBecome(Redirected, Active, CausePatch)
	}
	return &taskChanging{i: i.Clone(), list: slices.Clone(list), at: at, by: by}, nil
}

func (w *taskChanging) find(id int64, version *int64) error {
	at := slices.IndexFunc(w.list, func(t Task) bool { return t.ID == id })
	if at < 0 {
		return ErrNoTask
	}
	w.task = &w.list[at]
	if version != nil && *version != w.task.Version {
		return ErrStale
	}
	return nil
}

// log tells of the task; the first verb of format is its title.
func (w *taskChanging) log(kind ActivityKind, format string, args ...any) {
	a := entry(w.i.ID, w.at, w.by, kind, format, append([]any{w.task.Title}, args...)...)
	w.out.Activities = append(w.out.Activities, withDetails(a, "task", w.task.ID, "title", w.task.Title))
}

// from adds to the last entry what was and what is.
func (w *taskChanging) from(old, now any) {
	a := w.out.Activities[len(w.out.Activities)-1]
	a.Details["from"], a.Details["to"] = old, now
}

func (w *taskChanging) title(p TaskPatch) error {
	if p.Title == nil {
		return nil
	}
	title, err := taskTitle(*p.Title)
	if err != nil || title == w.task.Title {
		return err
	}
	old := w.task.Title
	w.log(TaskChanged, "The task %q is called %q now.", title)
	w.from(old, title)
	w.task.Title, w.said = title, true
	return nil
}

func (w *taskChanging) description(p TaskPatch) error {
	if p.Description == nil {
		return nil
	}
	text, err := taskDescription(*p.Description)
	if err != nil || text == w.task.Description {
		return err
	}
	w.log(TaskChanged, "The description of the task %q was changed.")
	w.from(w.task.Description, text)
	w.task.Description, w.said = text, true
	return nil
}

func (w *taskChanging) status(p TaskPatch) error {
	if p.Status == nil {
		return nil
	}
	to, ok := parseTaskStatus(*p.Status)
	switch {
	case !ok:
		return invalid("status", "%q is none of new, completed", plain(*p.Status, maxLabel))
	case to == w.task.Status:
		return nil
	case to == TaskCompleted:
		w.task.CompletedAt, w.task.CompletedBy = w.at, w.by
		w.log(TaskDone, "The task %q was completed.")
	default:
		w.task.CompletedAt, w.task.CompletedBy = time.Time{}, Actor{}
		w.log(TaskReopened, "The task %q is to be done again.")
	}
	w.task.Status, w.said = to, true
	return nil
}

func parseTaskStatus(s string) (TaskStatus, bool) {
	for _, known := range []TaskStatus{TaskNew, TaskCompleted} {
		if strings.EqualFold(s, string(known)) {
			return known, true
		}
	}
	return "", false
}

func (w *taskChanging) move(p TaskPatch) error {
	if p.Position == nil {
		return nil
	}
	old, to := w.task.Position, min(*p.Position, len(w.list))
	if to == old {
		return nil
	}
	w.log(TaskMoved, "The task %q was moved from place %d to place %d of %d.", old, to, len(w.list))
	w.from(old, to)
	return w.place(to)
}

// place puts the task at a position of the list.
func (w *taskChanging) place(position int) error {
	if position < 1 {
		return invalid("position", "must be at least 1")
	}
	id, t := w.task.ID, *w.task
	w.list = slices.DeleteFunc(w.list, func(x Task) bool { return x.ID == id })
	at := min(position-1, len(w.list))
	w.list = slices.Insert(w.list, at, t)
	w.task = &w.list[at]
	return nil
}

func (w *taskChanging) done() TaskChange {
	if w.said {
		w.task.Version++
		w.task.UpdatedAt, w.task.UpdatedBy = w.at, w.by
	}
	number(w.list, w.i.ID)
	w.out.Incident, w.out.Task, w.out.Tasks = w.i, *w.task, w.list
	if len(w.out.Activities) > 0 {
		w.out.Incident.Tasks = TallyTasks(w.list)
		w.out.Incident.touch(w.at, w.by)
	}
	return w.out
}

// number says of each task where it is.
func number(list []Task, in correlate.IncidentID) {
	for n := range list {
		list[n].Incident, list[n].Position = in, n+1
	}
}

// JoinTasks gives the list of an incident that takes over the tasks of another:
// they follow its own, in their order.
func JoinTasks(to correlate.IncidentID, own, coming []Task) []Task {
	out := append(slices.Clone(own), coming...)
	number(out, to)
	return out
}

// PartTasks divides the list of a merge's target when the merge is undone: the
// tasks that came with it go back as they are now, those that people added since
// stay, and both keep the order that they have.
func PartTasks(m Merge, list []Task) (stay, back []Task) {
	for _, t := range list {
		if slices.Contains(m.Tasks, t.ID) {
			back = append(back, t)
		} else {
			stay = append(stay, t)
		}
	}
	number(stay, m.Target)
	number(back, m.Source)
	return stay, back
}

func taskIDs(list []Task) []int64 {
	var out []int64
	for _, t := range list {
		out = append(out, t.ID)
	}
	return out
}

func taskTitle(s string) (string, error) {
	title, err := line("title", s, MaxTaskTitle)
	if err == nil && title == "" {
		err = invalid("title", "is empty")
	}
	return title, err
}

// taskDescription bounds a description and makes its hidden characters visible;
// line ends and tabs stay.
func taskDescription(s string) (string, error) {
	if len(s) <= 8*MaxTaskDescription {
		s = paragraphs(s)
		if utf8.RuneCountInString(s) <= MaxTaskDescription {
			return s, nil
		}
	}
	return "", invalid("description", "is longer than %d characters", MaxTaskDescription)
}
