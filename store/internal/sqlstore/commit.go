package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/clew-sec/clew/store"
)

// Commit implements store.Writer.
func (s *Store) Commit(ctx context.Context, c *store.Change) error {
	if c.Workspace == "" || c.Seq < c.PrevSeq {
		return fmt.Errorf("committing to workspace %q from %d to %d: not a change", c.Workspace, c.PrevSeq, c.Seq)
	}
	p, err := prepare(c)
	if err != nil {
		return fmt.Errorf("preparing a change of workspace %q: %w", c.Workspace, err)
	}
	var w *writing
	err = s.db.Write(ctx, func(tx Tx) error {
		w = &writing{ctx: ctx, tx: tx, c: c, p: p, dialect: s.dialect, keys: map[string]int64{}, rules: newRuleTally()}
		return w.run(&s.groups)
	})
	if err != nil {
		return fmt.Errorf("committing to workspace %q: %w", c.Workspace, err)
	}
	w.number()
	s.groups.follow(w.ws, w.rev, w.groups)
	return nil
}

// writing is a commit under way.
type writing struct {
	ctx      context.Context
	tx       Tx
	c        *store.Change
	p        *prepared
	dialect  Dialect
	ws       int64
	rev      int64
	activity int64 // last number given out before this change
	reject   int64
	keys     map[string]int64 // alerts of this change and those looked up: id to key
	groups   alertGroups      // what changes of the counts, nil when nobody asked for them yet
	rules    *ruleTally
}

func (w *writing) run(kept *groupCache) error {
	if err := w.lock(); err != nil {
		return err
	}
	if kept.has(w.ws) {
		w.groups = alertGroups{}
	}
	for _, step := range []struct {
		name string
		do   func(*writing) error
	}{
		{"alerts", (*writing).alerts},
		{"stamps", (*writing).stamps},
		{"moves", (*writing).moves},
		{"rules", (*writing).writeRules},
		{"alert edits", (*writing).alertEdits},
		{"entities", (*writing).entities},
		{"divisions", (*writing).divisions},
		{"joins", (*writing).joins},
		{"conflicts", (*writing).conflicts},
		{"alert entities", (*writing).alertEntities},
		{"incidents", (*writing).incidents},
		{"entities to count anew", (*writing).resetEntities},
		{"incident entities", (*writing).incidentEntities},
		{"activities", (*writing).activities},
		{"merges", (*writing).merges},
		{"tasks that are gone", (*writing).forgetTasks},
		{"tasks", (*writing).tasks},
		{"entity splits", (*writing).entitySplits},
		{"assets", (*writing).assets},
		{"imports", (*writing).imports},
		{"commands", (*writing).commands},
		{"rejects", (*writing).rejects},
		{"intake", (*writing).intake},
		{"correlation settings", (*writing).settings},
		{"suggestions", (*writing).suggestions},
		{"what people parted", (*writing).partings},
		{"jobs", (*writing).jobs},
		{"position", (*writing).position},
	} {
		if err := step.do(w); err != nil {
			return fmt.Errorf("writing %s: %w", step.name, err)
		}
	}
	return nil
}

// lock finds or makes the workspace's row, holds it until the end of the
// transaction, and checks that nobody wrote in between.
func (w *writing) lock() error {
	name := clean(w.c.Workspace)
	seq, err := w.hold(name)
	if errors.Is(err, store.ErrNotFound) {
		// Only now: a try to insert uses up a number even where it finds the row.
		if _, err := w.exec("INSERT INTO workspace (name) VALUES (?) ON CONFLICT (name) DO NOTHING", name); err != nil {
			return err
		}
		seq, err = w.hold(name)
	}
	if err != nil {
		return err
	}
	if seq != w.c.PrevSeq {
		return fmt.Errorf("the log stands at %d, the change was planned on %d: %w", seq, w.c.PrevSeq, store.ErrConflict)
	}
	if w.ws >= maxWorkspace {
		return fmt.Errorf("workspace %d: %w", w.ws, errNumber)
	}
	w.rev++
	return checkNumber("log position", w.c.Seq)
}

// hold reads the workspace's row and locks it.
func (w *writing) hold(name string) (seq int64, err error) {
	err = one(w.ctx, w.tx, "SELECT id, seq, rev, activity, reject FROM workspace WHERE name = ?"+w.dialect.Lock, []any{name},
		&w.ws, &seq, &w.rev, &w.activity, &w.reject)
	return seq, err
}

func (w *writing) position() error {
	_, err := w.exec("UPDATE workspace SET seq = ?, rev = ?, activity = ?, reject = ? WHERE id = ?",
		w.c.Seq, w.rev, w.activity+int64(len(w.c.Activities)), w.reject+int64(len(w.c.Rejects)), w.ws)
	return err
}

// number sets the ids that the store gives, once the change is committed.
func (w *writing) number() {
	for i := range w.c.Activities {
		w.c.Activities[i].ID = w.activity + int64(i) + 1
	}
	for i := range w.c.Rejects {
		w.c.Rejects[i].ID = w.reject + int64(i) + 1
	}
}

func (w *writing) jobs() error {
	if len(w.c.Jobs) == 0 {
		return nil
	}
	return w.tx.Enqueue(w.ctx, w.c.Jobs)
}

func (w *writing) exec(query string, args ...any) (int64, error) {
	return w.tx.Exec(w.ctx, query, args...)
}

func (w *writing) insert(in *insertion, n int, row func(i int, args []any) []any) error {
	if n == 0 {
		return nil
	}
	return in.run(w.ctx, w.tx, n, row)
}

// prepared is what of a change can be worked out before the transaction: it
// holds the only writer, so encoding and compressing must not happen inside.
type prepared struct {
	links         []string
	normals, raws [][]byte
	docs, facets  [][]byte // of incidents
	heads         []int    // incidents to write: the last of each id
	activities    []string
	merges, tasks [][]byte
	commands      []string
	rejects       [][]byte
}

const maxRaw = 64 << 10

func prepare(c *store.Change) (*prepared, error) {
	p := &prepared{
		links: make([]string, len(c.Alerts)), normals: make([][]byte, len(c.Alerts)), raws: make([][]byte, len(c.Alerts)),
		docs: make([][]byte, len(c.Incidents)), facets: make([][]byte, len(c.Incidents)),
		activities: make([]string, len(c.Activities)), merges: make([][]byte, len(c.Merges)), tasks: make([][]byte, len(c.Tasks)),
		commands: make([]string, len(c.Commands)), rejects: make([][]byte, len(c.Rejects)),
	}
	last := map[int64]int{}
	for i := range c.Incidents {
		last[int64(c.Incidents[i].ID)] = i
	}
	for i := range c.Incidents {
		if last[int64(c.Incidents[i].ID)] == i {
			p.heads = append(p.heads, i)
		}
	}
	err := parallel(
		work{len(c.Alerts), func(i int) (err error) { return p.alert(i, &c.Alerts[i]) }},
		work{len(p.heads), func(i int) (err error) { return p.incident(p.heads[i], c) }},
		work{len(c.Activities), func(i int) (err error) { p.activities[i], err = text(c.Activities[i]); return }},
		work{len(c.Merges), func(i int) (err error) { p.merges[i], err = packed(c.Merges[i]); return }},
		work{len(c.Tasks), func(i int) (err error) { p.tasks[i], err = packed(c.Tasks[i]); return }},
		work{len(c.Commands), func(i int) (err error) { p.commands[i], err = text(c.Commands[i]); return }},
		work{len(c.Rejects), func(i int) error {
			p.rejects[i] = pack(c.Rejects[i].Raw[:min(len(c.Rejects[i].Raw), maxRaw)])
			return nil
		}},
	)
	return p, err
}

func (p *prepared) alert(i int, a *store.Alert) (err error) {
	p.links[i], err = text(a.Link)
	p.normals[i], p.raws[i] = pack(a.Normal), pack(a.Raw)
	return err
}

func (p *prepared) incident(i int, c *store.Change) (err error) {
	if p.docs[i], err = packed(c.Incidents[i]); err != nil {
		return err
	}
	p.facets[i], err = encode(queueRow(&c.Incidents[i]))
	return err
}

func text(v any) (string, error) {
	data, err := encode(v)
	return string(data), err
}

func packed(v any) ([]byte, error) {
	data, err := encode(v)
	return pack(data), err
}

type work struct {
	n  int
	do func(i int) error
}

// parallel does independent pieces of work on all processors and gives the first error.
func parallel(all ...work) error {
	total := 0
	for _, w := range all {
		total += w.n
	}
	workers := min(runtime.GOMAXPROCS(0), total/16+1)
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, workers)
	for k := range workers {
		wg.Go(func() { errs[k] = drain(all, &next) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func drain(all []work, next *atomic.Int64) error {
	for {
		i := int(next.Add(1)) - 1
		w := 0
		for w < len(all) && i >= all[w].n {
			i -= all[w].n
			w++
		}
		if w == len(all) {
			return nil
		}
		if err := all[w].do(i); err != nil {
			return err
		}
	}
}
