package correlate_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestStories places the alerts of each story, one JSON object a line, into a
// company that has been at work for a while, and compares where they end and the
// reasons given.
func TestStories(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal("no stories", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			got := tell(t, file)
			golden := strings.TrimSuffix(file, ".jsonl") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func tell(t *testing.T, file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f := newFlow(correlate.Options{}).all(company(11, 600))
	var ids []string
	var b strings.Builder
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		a, err := alert.Decode(lines.Bytes(), alert.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		out := f.add(a)
		ids = append(ids, a.ID)
		fmt.Fprintf(&b, "%s: %s\n    %v\n", a.ID, a.Title, out.Link.Reasons)
		for _, e := range out.Link.Entities[:min(2, len(out.Link.Entities))] {
			fmt.Fprintf(&b, "    shares %s %s\n", e.Kind, e.Label)
		}
	}
	numbers := map[correlate.IncidentID]int{}
	for _, id := range ids {
		h := f.home(id)
		if numbers[h] == 0 {
			numbers[h] = len(numbers) + 1
		}
		fmt.Fprintf(&b, "%s is in incident %d of the story\n", id, numbers[h])
	}
	return b.String()
}
