package correlate

import (
	"fmt"
	"slices"

	"github.com/clew-sec/clew/entity"
)

// applyInventory tells the resolver what an inventory holds. Entities that it
// proves to be one are one from now on; no incident changes by that alone.
func (e *Engine) applyInventory(c Command) (Outcome, error) {
	if c.Inventory == nil {
		return Outcome{}, fmt.Errorf("%w: there is no inventory in the command", ErrRefused)
	}
	held := e.resolver.Assets()
	if c.Inventory.Reset {
		held = 0
	}
	if held+len(c.Inventory.Assets) > entity.MaxAssets {
		return Outcome{}, fmt.Errorf("%w: an inventory holds at most %d assets", ErrRefused, entity.MaxAssets)
	}
	out := Outcome{Imported: e.resolver.Import(*c.Inventory)}
	out.Joins = out.Imported.Joins
	out.Conflicts = e.resolver.TakeConflicts()
	e.follow(out.Joins)
	e.recognise(out.Imported.Seen, out.Joins)
	out.Relevelled = e.survivors(out.Imported.Relevelled)
	return out, nil
}

// survivors gives each entity that ids stand for once, ascending.
func (e *Engine) survivors(ids []entity.ID) []entity.ID {
	out := make([]entity.ID, len(ids))
	for i, id := range ids {
		out[i] = e.resolver.Find(id)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
