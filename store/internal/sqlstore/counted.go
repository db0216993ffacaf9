package sqlstore

import (
	"context"
	"maps"
	"sync"

	"github.com/clew-sec/clew/store"
)

// countCache keeps the latest counts of alerts: counting reads every alert that
// matches, and the portal asks the same again and again. A count holds as long
// as nothing is committed to its workspace. What it gives is shared: callers hand
// out copies.
type countCache struct {
	mu   sync.Mutex
	kept map[string]keptCount
}

type keptCount struct {
	rev   int64
	count store.Facets
}

const maxKeptCounts = 64

// ask gives the kept count of a query, or counts. The revision is read before the
// counting: a count that is newer than its label is only counted again too soon.
func (c *countCache) ask(ctx context.Context, q Querier, ws int64, query string, count func() (store.Facets, error)) (none store.Facets, err error) {
	var rev int64
	if err := one(ctx, q, "SELECT rev FROM workspace WHERE id = ?", []any{ws}, &rev); err != nil {
		return none, err
	}
	c.mu.Lock()
	k, ok := c.kept[query]
	c.mu.Unlock()
	if ok && k.rev == rev {
		return k.count, nil
	}
	counted, err := count()
	if err != nil {
		return none, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) >= maxKeptCounts || c.kept == nil {
		c.kept = map[string]keptCount{}
	}
	c.kept[query] = keptCount{rev, counted}
	return counted, nil
}

func clone(f store.Facets) store.Facets {
	f.Fields = maps.Clone(f.Fields)
	return f
}
