package correlate_test

import (
	"strings"
	"testing"

	"github.com/clew-sec/clew/correlate"
)

// Every feature says in words of its own what it measures: they are shown sorted by
// weight, so that none can lean on the one before.
func TestEveryFeatureIsDescribed(t *testing.T) {
	t.Parallel()
	for _, list := range []struct{ names, words []string }{
		{correlate.FeatureNames(), correlate.FeatureWords()},
		{correlate.PairNames(), correlate.PairWords()},
	} {
		taken := map[string]string{}
		for i, name := range list.names {
			words := list.words[i]
			switch {
			case name == "":
				t.Errorf("feature %d has no name", i)
			case len(words) < 10 || len(words) > 130 || strings.TrimSpace(words) != words || strings.HasSuffix(words, "."):
				t.Errorf("%s: %q", name, words)
			case strings.Contains(words, "the same of") || strings.Contains(words, "that entity"):
				t.Errorf("%s leans on another feature: %q", name, words)
			case taken[words] != "":
				t.Errorf("%s and %s are both %q", name, taken[words], words)
			}
			taken[words] = name
		}
		if len(list.names) != len(list.words) {
			t.Errorf("%d names, %d descriptions", len(list.names), len(list.words))
		}
	}
}

// The summary of a model has the words of each feature beside its name.
func TestSummaryDescribesFeatures(t *testing.T) {
	t.Parallel()
	words := map[string]string{}
	for i, n := range correlate.FeatureNames() {
		words["link "+n] = correlate.FeatureWords()[i]
	}
	for i, n := range correlate.PairNames() {
		words["pair "+n] = correlate.PairWords()[i]
	}
	s := correlate.BuiltIn().Summary()
	for part, list := range map[string][]correlate.FeatureShare{"link ": s.Link.Features, "pair ": s.Pair.Features} {
		if len(list) < 10 {
			t.Errorf("%s: only %d features", part, len(list))
		}
		for _, f := range list {
			if want := words[part+f.Name]; f.Description != want || want == "" {
				t.Errorf("%s%s: %q, want %q", part, f.Name, f.Description, want)
			}
		}
	}
}
