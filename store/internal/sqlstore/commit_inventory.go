package sqlstore

import (
	"maps"
	"slices"

	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/store"
)

var (
	intoConflict = newInsertion("entity_conflict (ws, hash, entity, other, by_hash, has_hash, says_hash, at, settled, doc)", "ON CONFLICT DO NOTHING")
	intoAsset    = newInsertion("inventory_asset (key, ws, kind, critical, leases, digest, doc)",
		`ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, critical = excluded.critical, leases = excluded.leases,
		digest = excluded.digest, doc = excluded.doc`)
	intoAssetName = newInsertion("inventory_name (ws, hash, asset)", "ON CONFLICT DO NOTHING")
	intoImport    = newInsertion("inventory_import (key, at, doc)", "ON CONFLICT (key) DO UPDATE SET at = excluded.at, doc = excluded.doc")
	intoSplit     = newInsertion("entity_split (key, entity, part, doc)",
		"ON CONFLICT (key) DO UPDATE SET entity = excluded.entity, part = excluded.part, doc = excluded.doc")
)

func hashOf(id entity.Identifier) []byte {
	return hash(clean(string(id.Kind)), clean(id.Type), clean(id.Scope), clean(id.Value))
}

func hashesOf(ids []entity.Identifier) [][]byte {
	out := make([][]byte, len(ids))
	for i, id := range ids {
		out[i] = hashOf(id)
	}
	return out
}

// divisions moves identifiers from one entity to another, and settles the
// contradictions between what goes and what stays.
func (w *writing) divisions() error {
	for _, d := range w.c.Divisions {
		from, into := key(w.ws, int64(d.From)), key(w.ws, int64(d.Into))
		going := hashesOf(d.Identifiers)
		err := inLists(going, func(marks string, args []any) error {
			if _, err := w.exec("UPDATE entity_identifier SET entity = ? WHERE entity = ? AND hash IN "+marks, append([]any{into, from}, args...)...); err != nil {
				return err
			}
			_, err := w.exec(`UPDATE entity_conflict SET settled = ? WHERE entity = ? AND settled = 0
				AND (CASE WHEN has_hash IN `+marks+` THEN 1 ELSE 0 END) <> (CASE WHEN says_hash IN `+marks+` THEN 1 ELSE 0 END)`,
				append(append([]any{d.Split, from}, args...), args...)...)
			return err
		})
		if err != nil {
			return err
		}
		for _, k := range []int64{from, into} {
			if err := w.researched(k); err != nil {
				return err
			}
		}
	}
	return nil
}

// researched builds what searches look into anew, from label and identifiers.
func (w *writing) researched(k int64) error {
	var e store.Entity
	if err := each(w.ctx, w.tx, func(r Rows) error { return r.Scan(&e.Label) }, "SELECT label FROM entity WHERE key = ?", k); err != nil {
		return err
	}
	err := each(w.ctx, w.tx, func(r Rows) error {
		var l store.LearntIdentifier
		err := r.Scan(&l.Value)
		e.Identifiers = append(e.Identifiers, l)
		return err
	}, "SELECT value FROM entity_identifier WHERE entity = ? ORDER BY at, kind, type, scope, value", k)
	if err != nil {
		return err
	}
	_, err = w.exec("UPDATE entity SET search = ? WHERE key = ?", searchOf(&e), k)
	return err
}

func (w *writing) conflicts() error {
	all := w.c.Conflicts
	docs := make([]string, len(all))
	for i := range all {
		var err error
		if docs[i], err = text(all[i]); err != nil {
			return err
		}
	}
	at := func(id entity.ID) int64 {
		if id == 0 {
			return 0
		}
		return key(w.ws, int64(w.joined(id)))
	}
	return w.insert(intoConflict, len(all), func(i int, args []any) []any {
		c := &all[i]
		by, has, says := hashOf(c.By), hashOf(c.Has), hashOf(c.Says)
		k := c.Key()
		return append(args, w.ws, hash(string(by), string(hashOf(k[1])), string(hashOf(k[2]))), at(c.Entity), at(c.Other), by, has, says, micros(c.At), int64(0), docs[i])
	})
}

func (w *writing) entitySplits() error {
	last := map[int64]int{}
	for i := range w.c.EntitySplits {
		last[w.c.EntitySplits[i].ID] = i
	}
	rows := slices.Sorted(maps.Values(last))
	docs := make([][]byte, len(rows))
	for n, i := range rows {
		s := &w.c.EntitySplits[i]
		if err := checkNumber("split", s.ID); err != nil {
			return err
		}
		var err error
		if docs[n], err = packed(s); err != nil {
			return err
		}
		if s.UndoneAt.IsZero() {
			continue
		}
		if _, err := w.exec("UPDATE entity_conflict SET settled = 0 WHERE ws = ? AND settled = ?", w.ws, s.ID); err != nil {
			return err
		}
	}
	return w.insert(intoSplit, len(rows), func(n int, args []any) []any {
		s := &w.c.EntitySplits[rows[n]]
		return append(args, key(w.ws, s.ID), key(w.ws, int64(s.Entity)), key(w.ws, int64(s.Part)), docs[n])
	})
}

func (w *writing) assets() error {
	if w.c.ForgetAssets {
		for _, query := range []string{"DELETE FROM inventory_name WHERE ws = ?", "DELETE FROM inventory_asset WHERE ws = ?"} {
			if _, err := w.exec(query, w.ws); err != nil {
				return err
			}
		}
	}
	rows, docs, err := w.latestAssets()
	if err != nil {
		return err
	}
	err = w.insert(intoAsset, len(rows), func(n int, args []any) []any {
		a := rows[n]
		return append(args, key(w.ws, a.Number), w.ws, clean(string(a.Kind)), flag(a.Criticality == entity.CriticalityCritical), int64(len(a.Leases)), a.Digest, docs[n])
	})
	if err != nil {
		return err
	}
	return w.assetNames(rows)
}

// latestAssets gives the last state of each asset of the change.
func (w *writing) latestAssets() (rows []*store.InventoryAsset, docs [][]byte, err error) {
	last := map[int64]int{}
	for i := range w.c.Assets {
		last[w.c.Assets[i].Number] = i
	}
	for _, i := range slices.Sorted(maps.Values(last)) {
		a := &w.c.Assets[i]
		if err := checkNumber("asset", a.Number); err != nil {
			return nil, nil, err
		}
		doc, err := packed(a)
		if err != nil {
			return nil, nil, err
		}
		rows, docs = append(rows, a), append(docs, doc)
	}
	return rows, docs, nil
}

func (w *writing) assetNames(assets []*store.InventoryAsset) error {
	keys := make([]int64, len(assets))
	type name struct {
		asset int64
		hash  []byte
	}
	var names []name
	for i, a := range assets {
		keys[i] = key(w.ws, a.Number)
		for _, id := range a.Identifiers {
			names = append(names, name{keys[i], hashOf(id)})
		}
	}
	err := inLists(keys, func(marks string, args []any) error {
		_, err := w.exec("DELETE FROM inventory_name WHERE asset IN "+marks, args...)
		return err
	})
	if err != nil {
		return err
	}
	return w.insert(intoAssetName, len(names), func(i int, args []any) []any {
		return append(args, w.ws, names[i].hash, names[i].asset)
	})
}

func (w *writing) imports() error {
	last := map[int64]int{}
	for i := range w.c.Imports {
		last[w.c.Imports[i].ID] = i
	}
	rows := slices.Sorted(maps.Values(last))
	docs := make([]string, len(rows))
	for n, i := range rows {
		var err error
		if docs[n], err = text(w.c.Imports[i]); err != nil {
			return err
		}
	}
	return w.insert(intoImport, len(rows), func(n int, args []any) []any {
		m := &w.c.Imports[rows[n]]
		return append(args, key(w.ws, m.ID), micros(m.At), docs[n])
	})
}
