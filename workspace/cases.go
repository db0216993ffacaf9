package workspace

import (
	"container/list"
	"context"
	"fmt"
	"slices"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// caseFile is an incident as the writer holds it: the head and how often each
// entity is mentioned.
type caseFile struct {
	head     incident.Incident
	entities map[entity.ID]*store.IncidentEntity
	// added and updated are alerts of the running plan that the head does not
	// count yet.
	added   []incident.Member
	updated []incident.Update
	rescope bool // entities were joined: count the scope anew
	place   *list.Element
}

// caseCache keeps the case files that were used lately. It is bounded by the
// entity rows that it holds, because one flooded incident weighs more than
// thousands of small ones.
type caseCache struct {
	files map[correlate.IncidentID]*caseFile
	order *list.List // of correlate.IncidentID, latest first
	rows  int
}

const maxCachedRows = 200_000

func newCaseCache() *caseCache {
	return &caseCache{files: map[correlate.IncidentID]*caseFile{}, order: list.New()}
}

func (c *caseCache) get(id correlate.IncidentID) *caseFile {
	f := c.files[id]
	if f != nil {
		c.order.MoveToFront(f.place)
	}
	return f
}

func (c *caseCache) put(id correlate.IncidentID, f *caseFile) {
	c.drop(id)
	f.place = c.order.PushFront(id)
	c.files[id] = f
}

func (c *caseCache) drop(id correlate.IncidentID) {
	if f := c.files[id]; f != nil {
		c.order.Remove(f.place)
		delete(c.files, id)
	}
}

// mentioning lists the cached incidents that mention an entity, ascending.
func (c *caseCache) mentioning(id entity.ID) []correlate.IncidentID {
	var out []correlate.IncidentID
	for i, f := range c.files {
		if f.entities[id] != nil {
			out = append(out, i)
		}
	}
	slices.Sort(out)
	return out
}

// trim forgets the files that were not used for longest. It must only be called
// between plans: a plan holds on to the files that it changes.
func (c *caseCache) trim() {
	rows := 0
	for e := c.order.Front(); e != nil; {
		id := e.Value.(correlate.IncidentID)
		e = e.Next()
		rows += 8 + len(c.files[id].entities)
		if rows > maxCachedRows {
			c.drop(id)
		}
	}
	c.rows = rows
}

// load reads a case file from the store, unless it is in the cache.
func (w *Workspace) load(ctx context.Context, id correlate.IncidentID) (*caseFile, error) {
	if f := w.cases.get(id); f != nil {
		return f, nil
	}
	head, err := w.opt.Store.Incident(ctx, w.opt.Name, id)
	if err != nil {
		return nil, fmt.Errorf("reading incident %d: %w", id, err)
	}
	f := &caseFile{head: head, entities: map[entity.ID]*store.IncidentEntity{}}
	page := store.Paging{Limit: 500}
	for {
		p, err := w.opt.Store.IncidentEntities(ctx, w.opt.Name, id, nil, page)
		if err != nil {
			return nil, fmt.Errorf("reading the entities of incident %d: %w", id, err)
		}
		for i := range p.Items {
			f.entities[p.Items[i].Entity] = &p.Items[i]
		}
		if page.Cursor = p.Next; p.Next == "" {
			break
		}
	}
	w.cases.put(id, f)
	return f, nil
}
