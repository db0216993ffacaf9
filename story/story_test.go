package story

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-sec/clew/demo"
)

var update = flag.Bool("update", false, "write the golden files")

// account writes a story as a reader would want to check it.
func account(s *Story) string {
	var b bytes.Buffer
	for _, part := range []struct {
		name string
		of   []Sentence
	}{{"summary", s.Sentences}, {"steps", s.Steps}} {
		fmt.Fprintf(&b, "== %s\n", part.name)
		for _, x := range part.of {
			fmt.Fprintf(&b, "%s [%d alerts, %d entities]\n", x.Text, x.AlertCount, len(x.Entities))
		}
	}
	fmt.Fprintf(&b, "== scope\n%+v\n== timeline, %d items of %d alerts\n", s.Scope, s.TimelineItems, s.TimelineTotal)
	for _, it := range s.Timeline {
		fmt.Fprintf(&b, "%s %-13s ×%d %s\n", it.At.Format("02 15:04:05"), it.Severity, it.Count, it.Title)
	}
	names := map[string]string{}
	fmt.Fprintf(&b, "== graph, %d groups with %d entities\n", s.Graph.Folded.Groups, s.Graph.Folded.Entities)
	for _, n := range s.Graph.Nodes {
		names[n.ID] = n.Kind + " " + n.Label
		fmt.Fprintf(&b, "%2d %s %q (%d alerts) %s impacted=%t stopped=%t\n", n.Layer, n.Kind, n.Label, n.AlertCount, n.Verdict, n.Impacted, n.Contained)
	}
	for _, e := range s.Graph.Edges {
		fmt.Fprintf(&b, "%s -- %s --> %s (%d)\n", names[e.From], e.Label, names[e.To], e.AlertCount)
	}
	return b.String()
}

func TestStoriesOfTheSampleAttacks(t *testing.T) {
	t.Parallel()
	s := demo.Generate(demo.Options{Seed: 21, Alerts: 1000})
	for _, a := range s.Attacks {
		t.Run(a.Kind, func(t *testing.T) {
			t.Parallel()
			got := account(Build(attackInput(s, a.Name)))
			golden := filepath.Join("testdata", a.Kind+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("the story changed (-want +got):\n%s", d)
			}
		})
	}
}
