package story

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
)

// bridged makes an incident of alerts that each name things; every thing is
// named by a link.
func bridged(names ...[]entity.ID) ([]Alert, []Mention, []Entity) {
	var alerts []Alert
	var mentions []Mention
	seen := map[entity.ID]bool{}
	var entities []Entity
	for i, ids := range names {
		a := Alert{ID: fmt.Sprintf("a%d", i+1), Title: fmt.Sprintf("Alert %d", i+1), First: time.Unix(int64(i), 0)}
		for _, id := range ids {
			a.Link.Entities = append(a.Link.Entities, correlate.SharedEntity{ID: id})
			mentions = append(mentions, Mention{Alert: a.ID, Entity: id})
			if !seen[id] {
				seen[id] = true
				entities = append(entities, Entity{ID: id, Kind: entity.IP, Label: fmt.Sprintf("10.0.0.%d", id)})
			}
		}
		alerts = append(alerts, a)
	}
	return alerts, mentions, entities
}

func TestBridges(t *testing.T) {
	t.Parallel()
	alerts, mentions, entities := bridged([]entity.ID{1}, []entity.ID{1}, []entity.ID{1, 2}, []entity.ID{2, 3}, []entity.ID{2, 3})
	repeat := Alert{ID: "a6", Title: "Alert 6", First: time.Unix(9, 0), Link: correlate.Link{Alerts: []correlate.LinkedAlert{{ID: "a5"}, {ID: "elsewhere"}}}}
	got := Bridges(append(alerts, repeat), mentions, entities)
	want := []string{
		"Without the address 10.0.0.2 the incident falls into two parts: 3 alerts from “Alert 1” on and 3 alerts from “Alert 4” on.",
		"Without the address 10.0.0.1 the incident falls into three parts: 4 alerts from “Alert 3” on and 2 single alerts “Alert 1” and “Alert 2”.",
		"Without the address 10.0.0.3 the 6 alerts still hang together.",
	}
	var texts []string
	for _, b := range got {
		texts = append(texts, b.Text)
	}
	if !slices.Equal(texts, want) {
		t.Errorf("got  %q\nwant %q", texts, want)
	}
}

func TestBridgesCountWhatTheyDoNotName(t *testing.T) {
	t.Parallel()
	var names [][]entity.ID
	for range 12 {
		names = append(names, []entity.ID{1})
	}
	got := Bridges(bridged(names...))[0]
	want := "Without the address 10.0.0.1 the incident falls into 12 parts: 12 single alerts such as “Alert 1” and “Alert 2”."
	if got.Text != want || len(got.Parts) != maxParts || got.PartsTotal != 12 || got.Apart != 11 {
		t.Errorf("got %+v\nwant %s", got, want)
	}
}

func TestBridgesNameTheLargestParts(t *testing.T) {
	t.Parallel()
	var names [][]entity.ID
	for i := range 5 {
		for range 6 - i {
			names = append(names, []entity.ID{1, entity.ID(i + 2)})
		}
	}
	got := Bridges(bridged(names...))[0].Text
	want := "Without the address 10.0.0.1 the incident falls into five parts: 6 alerts from “Alert 1” on, 5 alerts from “Alert 7” on, 4 alerts from “Alert 12” on and 2 more with 5 alerts."
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestNothingSharedHasNoBridges(t *testing.T) {
	t.Parallel()
	if got := Bridges(bridged([]entity.ID{1}, []entity.ID{2}, nil)); len(got) != 0 {
		t.Errorf("got %+v", got)
	}
}

// The parts are found a second time by walking from alert to alert.
func TestBridgesAgreeWithAWalk(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.SliceOfNDistinct(rapid.Map(rapid.IntRange(1, 6), func(n int) entity.ID { return entity.ID(n) }), 0, 3, rapid.ID), 1, 12).Draw(t, "alerts")
		for _, b := range Bridges(bridged(names...)) {
			sizes := walked(names, b.Entity)
			var got []int
			for _, p := range b.Parts {
				got = append(got, p.Alerts)
			}
			if !slices.Equal(got, sizes[:min(len(sizes), maxParts)]) || b.PartsTotal != len(sizes) {
				t.Fatalf("%v without %d: parts of %v alerts, walked %v", names, b.Entity, got, sizes)
			}
		}
	})
}

// walked gives the sizes of the parts that the alerts of a thing, and what hangs
// on them, fall into without it, the largest first.
func walked(names [][]entity.ID, without entity.ID) []int {
	reach := func(from int, skip entity.ID) []int {
		seen := []int{from}
		for i := 0; i < len(seen); i++ {
			for j := range names {
				meet := slices.ContainsFunc(names[seen[i]], func(id entity.ID) bool { return id != skip && slices.Contains(names[j], id) })
				if meet && !slices.Contains(seen, j) {
					seen = append(seen, j)
				}
			}
		}
		return seen
	}
	start := slices.IndexFunc(names, func(ids []entity.ID) bool { return slices.Contains(ids, without) })
	var sizes []int
	done := map[int]bool{}
	for _, a := range reach(start, 0) {
		if done[a] {
			continue
		}
		part := reach(a, without)
		for _, b := range part {
			done[b] = true
		}
		sizes = append(sizes, len(part))
	}
	slices.SortFunc(sizes, func(a, b int) int { return b - a })
	return sizes
}
