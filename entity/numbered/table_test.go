package numbered_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/clew-sec/clew/entity/numbered"
)

// TestLikeAMap does the same to a table and to a map.
func TestLikeAMap(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		var table numbered.Table[int64, int]
		like := map[int64]int{}
		base, span := random.Int64N(1000), 1+random.Int64N(2000)
		for range 3000 {
			k := base + random.Int64N(span)
			switch random.IntN(5) {
			case 0, 1:
				v := 1 + random.IntN(9)
				table.Set(k, v)
				like[k] = v
			case 2:
				table.Set(k, 0)
				delete(like, k)
			default:
				table.Delete(k)
				delete(like, k)
			}
			if got := table.Get(k); got != like[k] || table.Len() != len(like) {
				t.Fatalf("number %d: %d of %d, want %d of %d", k, got, table.Len(), like[k], len(like))
			}
		}
		if got := maps.Collect(table.All()); !maps.Equal(got, like) {
			t.Fatalf("holds %v, want %v", got, like)
		}
		var order []int64
		for k := range table.All() {
			order = append(order, k)
		}
		if !slices.IsSorted(order) {
			t.Fatalf("not in order: %v", order)
		}
	}
}

// TestNothingBeside asks for what can't be there.
func TestNothingBeside(t *testing.T) {
	var table numbered.Table[int64, *int]
	for _, k := range []int64{-1, 0, 1, 1 << 62} {
		table.Delete(k)
		if table.Get(k) != nil {
			t.Fatalf("an empty table holds %d", k)
		}
	}
	table.Set(200, new(int))
	for _, k := range []int64{-200, -1, 0, 199, 201, 200 + 64, 1 << 62} {
		if table.Get(k) != nil {
			t.Fatalf("it holds %d", k)
		}
	}
}

// TestForgets sets and deletes as a window moves along: what has gone by takes no
// memory beside the directory of pages.
func TestForgets(t *testing.T) {
	var table numbered.Table[int64, *[64]byte]
	grown := testing.AllocsPerRun(1, func() {
		for k := range int64(100_000) {
			table.Set(k, &[64]byte{})
			if k >= 100 {
				table.Delete(k - 100)
			}
		}
	})
	if table.Len() != 100 || grown > 110_000 {
		t.Fatalf("%d held, %v allocations", table.Len(), grown)
	}
}
