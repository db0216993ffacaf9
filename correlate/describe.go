package correlate

import (
	"cmp"
	"slices"
)

// ModelSummary is what people see of a model.
type ModelSummary struct {
	Version  string        `json:"version"`
	Trained  string        `json:"trained,omitempty"` // on what
	Join     float64       `json:"join"`              // log-odds, as in Model
	Consider float64       `json:"consider"`
	Merge    float64       `json:"merge"`
	Growth   float64       `json:"growth"`
	Link     ScorerSummary `json:"link"` // of an alert and an incident
	Pair     ScorerSummary `json:"pair"` // of two incidents
}

// ScorerSummary is what a scorer looks at and how far it can be believed.
type ScorerSummary struct {
	Trees       int            `json:"trees"`
	Nodes       int            `json:"nodes"`
	Features    []FeatureShare `json:"features"` // those that weigh most first
	Calibration *Calibration   `json:"calibration,omitempty"`
}

// FeatureShare is a feature with its weight: the share that it has in moving
// scores, and how often the trees ask for it.
type FeatureShare struct {
	Name        string  `json:"name"`
	Description string  `json:"description"` // what it measures
	Weight      float64 `json:"weight"`
	Splits      int     `json:"splits"`
}

// Summary describes the model.
func (m *Model) Summary() ModelSummary {
	return ModelSummary{
		Version: m.Version, Trained: m.Trained, Join: m.Join, Consider: m.Consider, Merge: m.Merge, Growth: m.Growth,
		Link: m.Link.summary(featureNames[:], featureWords[:]), Pair: m.Pair.summary(pairNames[:], pairWords[:]),
	}
}

func (m *Scorer) summary(names, words []string) ScorerSummary {
	out := ScorerSummary{Trees: len(m.Trees), Calibration: m.Calibration}
	weight, splits, sum := map[string]float64{}, map[string]int{}, 0.0
	for _, t := range m.Trees {
		out.Nodes += len(t.Feature)
		for n, f := range t.Feature {
			if f == "" {
				continue
			}
			w := moved(t.Value[n], t.Value[t.Left[n]], t.Value[t.Left[n]+1])
			weight[f] += w
			splits[f]++
			sum += w
		}
	}
	for f, w := range weight {
		described := ""
		if at := slices.Index(names, f); at >= 0 {
			described = words[at]
		}
		out.Features = append(out.Features, FeatureShare{f, described, w / max(sum, 1e-9), splits[f]})
	}
	slices.SortFunc(out.Features, func(a, b FeatureShare) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// moved is how far apart a split sends the score.
func moved(before, left, right float64) float64 {
	return max(before-left, left-before) + max(before-right, right-before)
}
