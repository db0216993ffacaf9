package correlate_test

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
)

// file is a small model file with one thing replaced.
func file(old, with string) []byte {
	const sound = `{"version":"mine","trained":"x","join":-0.6,"consider":-2,"merge":1.5,"growth":0.4,
		"link":{"base":-1,"trees":[{"feature":["shared","",""],"at":[0.5,0,0],"left":[1,0,0],"value":[0,-1,1]}],
			"calibration":{"slope":1.1,"offset":0,"bins":[{"said":0.5,"right":0.5,"samples":9}]}},
		"pair":{"base":-2,"weights":{"surprise.total":0.4}}}`
	return []byte(strings.Replace(strings.Replace(sound, `"shared"`, `"`+correlate.FeatureNames()[0]+`"`, 1), old, with, 1))
}

func TestModelFiles(t *testing.T) {
	t.Parallel()
	m, err := correlate.ParseModel(file("", ""))
	if err != nil || m.Version != "mine" || m.Growth != 0.4 {
		t.Fatalf("%+v %v", m, err)
	}
	if s := m.Summary(); s.Link.Trees != 1 || s.Link.Nodes != 3 || len(s.Link.Features) != 1 || s.Link.Features[0].Weight != 1 || s.Link.Calibration.Slope != 1.1 {
		t.Errorf("%+v", s)
	}
	again, err := m.File()
	if err != nil {
		t.Fatal(err)
	}
	same, err := correlate.ParseModel(again)
	if err != nil {
		t.Fatal(err)
	}
	if third, _ := same.File(); !bytes.Equal(again, third) {
		t.Error("the same model gives other bytes")
	}
}

// Whatever is wrong with a file is named.
func TestBrokenModelFilesAreNamed(t *testing.T) {
	t.Parallel()
	deep := `{"feature":["F","","F","","F","","F","","F","",""],"at":[0,0,0,0,0,0,0,0,0,0,0],"left":[1,0,3,0,5,0,7,0,9,0,0],"value":[0,0,0,0,0,0,0,0,0,0,0]}`
	deep = strings.ReplaceAll(deep, "F", correlate.FeatureNames()[0])
	tree := string(file("", ""))
	tree = tree[strings.Index(tree, `{"feature"`) : strings.Index(tree, `1]}]`)+3]
	for _, c := range []struct{ name, old, with, field, reason string }{
		{"no version", `"mine"`, `""`, "version", "must name the model"},
		{"a version that breaks lines", `"mine"`, `"a\nb"`, "version", "plain text"},
		{"a version that turns text around", `"mine"`, `"a\u202eb"`, "version", "plain text"},
		{"a long version", `"mine"`, `"` + strings.Repeat("x", 101) + `"`, "version", "at most 100 bytes"},
		{"another member", `"growth"`, `"grown"`, "grown", "nothing that model files have"},
		{"a member twice", `"growth"`, `"join"`, "join", "no JSON"},
		{"broken off", `"growth":0.4,`, `"growth"`, "growth", "no JSON"},
		{"a text for a number", `-0.6`, `"low"`, "join", "not of the kind"},
		{"a number out of range", `-0.6`, `1e400`, "join", "not of the kind"},
		{"a threshold beyond reason", `-0.6`, `1e9`, "join", "between -1000 and 1000"},
		{"growth below 0", `"growth":0.4`, `"growth":-1`, "growth", "not be below 0"},
		{"a base beyond reason", `"base":-1`, `"base":1e300`, "link.base", "between"},
		{"a weight beyond reason", `0.4}`, `4e4}`, "pair.weights.surprise.total", "between"},
		{"a feature that there is none of", `"surprise.total":`, `"surprise.moon":`, "pair", `no feature is called "surprise.moon"`},
		{"a tree's feature", correlate.FeatureNames()[0], "nothing", "link", `"nothing"`},
		{"a leaf beyond reason", `-1,1]`, `-1,1e30]`, "link.trees[0].value[2]", "between"},
		{"arrays of different length", `[0.5,0,0]`, `[0.5,0]`, "link", "arrays differ"},
		{"a loop", `[1,0,0]`, `[0,0,0]`, "link", "node 0 is broken"},
		{"a branch outside", `[1,0,0]`, `[2,0,0]`, "link", "node 0 is broken"},
		{"a branch far outside", `[1,0,0]`, `[9223372036854775807,0,0]`, "link", "node 0 is broken"},
		{"too deep", tree, deep, "link", "deeper than 4"},
		{"too many trees", tree, strings.Repeat(tree+",", 1000) + tree, "link.trees", "more than 1000"},
		{"a slope that turns scores around", `"slope":1.1`, `"slope":-1`, "link.calibration.slope", "above 0"},
		{"an offset beyond reason", `"offset":0`, `"offset":1e9`, "link.calibration.offset", "between"},
		{"a share above 1", `"said":0.5`, `"said":1.5`, "link.calibration.bins[0]", "shares"},
		{"an array", "", "[]", "", "not of the kind"},
	} {
		data := file(c.old, c.with)
		if c.old == "" {
			data = append([]byte(c.with), data...)
		}
		_, err := correlate.ParseModel(data)
		var wrong *correlate.ModelError
		if !errors.As(err, &wrong) || wrong.Field != c.field || !strings.Contains(wrong.Reason, c.reason) {
			t.Errorf("%s: %v (%+v)", c.name, err, wrong)
		}
	}
	var wrong *correlate.ModelError
	if _, err := correlate.ParseModel(make([]byte, correlate.MaxModelBytes+1)); !errors.As(err, &wrong) || !strings.Contains(wrong.Error(), "larger") {
		t.Errorf("%v", err)
	}
}

// FuzzParseModel reads any file, and what it takes can be scored with.
func FuzzParseModel(f *testing.F) {
	f.Add(file("", ""))
	f.Add(file(`[1,0,0]`, `[9,0,0]`))
	f.Add([]byte(`{"version":"x","link":{"trees":[{"feature":["",""],"at":[0,0],"left":[0,0],"value":[1,2]}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := correlate.ParseModel(data)
		if err != nil {
			var wrong *correlate.ModelError
			if !errors.As(err, &wrong) || wrong.Reason == "" || len(wrong.Reason) > 200 {
				t.Errorf("%v", err)
			}
			return
		}
		m.Summary()
		for _, v := range []float32{0, -1e6, 1e6, math.MaxFloat32} {
			x := make([]float32, len(correlate.FeatureNames()))
			for i := range x {
				x[i] = v
			}
			if s := m.Link.Score(x); math.IsNaN(s) || math.IsInf(s, 0) {
				t.Errorf("scores %v", s)
			}
			if p := m.Link.Probability(m.Link.Score(x)); math.IsNaN(p) || p < 0 || p > 1 {
				t.Errorf("probability %v", p)
			}
		}
		again, err := m.File()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := correlate.ParseModel(again); err != nil && len(again) <= correlate.MaxModelBytes {
			t.Errorf("what it wrote is not read: %v", err)
		}
		e := correlate.New(correlate.Options{Model: m})
		for i := range 3 {
			e.Add(correlate.Arrival{Seq: int64(i + 1), Alert: &alert.Alert{ID: string(rune('a' + i)), Title: "t"}})
		}
	})
}
