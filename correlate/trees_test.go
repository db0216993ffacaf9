package correlate_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/clew-sec/clew/correlate"
	"pgregory.net/rapid"
)

// scorer draws trees of any shape over a few features.
func scorer(t *rapid.T, names []string) *correlate.Scorer {
	m := &correlate.Scorer{Base: rapid.Float64Range(-3, 3).Draw(t, "base")}
	for range rapid.IntRange(0, 9).Draw(t, "trees") {
		tree := correlate.Tree{}
		node := func() {
			tree.Feature, tree.At, tree.Left = append(tree.Feature, ""), append(tree.At, 0), append(tree.Left, 0)
			tree.Value = append(tree.Value, rapid.Float64Range(-1, 1).Draw(t, "value"))
		}
		var split func(n, depth int)
		split = func(n, depth int) {
			if depth == correlate.MaxDepth || !rapid.Bool().Draw(t, "split") {
				return
			}
			left := len(tree.Feature)
			tree.Feature[n], tree.At[n], tree.Left[n] = rapid.SampledFrom(names).Draw(t, "feature"), rapid.Float32Range(0, 4).Draw(t, "at"), left
			node()
			node()
			split(left, depth+1)
			split(left+1, depth+1)
		}
		node()
		split(0, 0)
		m.Trees = append(m.Trees, tree)
	}
	return m
}

// A score is the sum of the leaves that the trees lead to as they are written, and
// its explanation adds up to it.
func TestTreesScoreAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "c"}
	rapid.Check(t, func(t *rapid.T) {
		m := scorer(t, names)
		if err := m.Prepare(names); err != nil {
			t.Fatal(err)
		}
		x := rapid.SliceOfN(rapid.Float32Range(0, 4), 3, 3).Draw(t, "x")
		want, roots := m.Base, 0.0
		for _, tree := range m.Trees {
			n := 0
			for tree.Feature[n] != "" {
				next := tree.Left[n]
				if x[strings.Index("abc", tree.Feature[n])] > tree.At[n] {
					next++
				}
				n = next
			}
			want += tree.Value[n]
			roots += tree.Value[0]
		}
		if got := m.Score(x); math.Abs(got-want) > 1e-5 {
			t.Errorf("score %v, want %v", got, want)
		}
		told := m.Base + roots
		for _, part := range m.AppendExplained(nil, x) {
			told += part
		}
		if math.Abs(told-want) > 1e-5 {
			t.Errorf("told %v, want %v", told, want)
		}
	})
}

// A model file comes from outside: trees that are no trees are refused.
func TestBrokenTreesAreRefused(t *testing.T) {
	t.Parallel()
	// Each left child is split again, once too often.
	deep := correlate.Tree{}
	for n := range 2*correlate.MaxDepth + 3 {
		deep.Feature, deep.At, deep.Left, deep.Value = append(deep.Feature, ""), append(deep.At, 0), append(deep.Left, 0), append(deep.Value, 0)
		if n == 0 {
			deep.Feature[n], deep.Left[n] = "a", 1
		} else if n%2 == 1 && n < 2*correlate.MaxDepth+1 {
			deep.Feature[n], deep.Left[n] = "a", n+2
		}
	}
	for name, tree := range map[string]correlate.Tree{
		"too deep":        deep,
		"empty":           {},
		"uneven":          {Feature: []string{"a", "", ""}, At: []float32{1}, Left: []int{1, 0, 0}, Value: []float64{0, 1, 2}},
		"into itself":     {Feature: []string{"a", "", ""}, At: []float32{1, 0, 0}, Left: []int{0, 0, 0}, Value: []float64{0, 1, 2}},
		"past its end":    {Feature: []string{"a", "", ""}, At: []float32{1, 0, 0}, Left: []int{2, 0, 0}, Value: []float64{0, 1, 2}},
		"unknown feature": {Feature: []string{"z", "", ""}, At: []float32{1, 0, 0}, Left: []int{1, 0, 0}, Value: []float64{0, 1, 2}},
	} {
		m := correlate.Scorer{Trees: []correlate.Tree{tree}}
		if m.Prepare([]string{"a"}) == nil {
			t.Error(name, "was taken")
		}
	}
	names := make([]string, 65)
	for i := range names {
		names[i] = fmt.Sprint("f", i)
	}
	if new(correlate.Scorer).Prepare(names) == nil {
		t.Error("more features than a tree can name were taken")
	}
}
