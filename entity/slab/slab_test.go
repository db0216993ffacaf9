package slab_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/clew-sec/clew/entity/slab"
)

// TestSlicesStayApart fills and extends slices of all lengths and looks at them again
// when all are made.
func TestSlicesStayApart(t *testing.T) {
	var s slab.Of[int]
	var all [][]int
	for n := range 200 {
		out := s.Take(n)
		for range n {
			out = append(out, n)
		}
		all = append(all, out, s.Clone(out))
		_ = append(out, -1) // has no room: goes elsewhere
	}
	for i, out := range all {
		n := i / 2
		if len(out) != n || slices.ContainsFunc(out, func(v int) bool { return v != n }) {
			t.Fatalf("slice %d holds %v", i, out)
		}
	}
}

// TestTextsStay makes short and very long texts in the same bytes.
func TestTextsStay(t *testing.T) {
	var s slab.Texts
	var all, want []string
	buffer := make([]byte, 0, 1<<16)
	for n := range 400 {
		text := strings.Repeat(string(rune('a'+n%26)), n*n%9001)
		buffer = append(buffer[:0], text...)
		all, want = append(all, s.Of(buffer)), append(want, text)
	}
	if !slices.Equal(all, want) {
		t.Fatal("a text has changed")
	}
}
